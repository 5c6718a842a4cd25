//! Who may do what: one table of roles and permissions. A route names the permission it asks for.

use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    Customer,
    Seller,
    Support,
    Delivery,
    Admin,
}

impl Role {
    pub const ALL: &'static [Role] = &[Role::Customer, Role::Seller, Role::Support, Role::Delivery, Role::Admin];

    pub const fn name(self) -> &'static str {
        match self {
            Role::Customer => "customer",
            Role::Seller => "seller",
            Role::Support => "support",
            Role::Delivery => "delivery",
            Role::Admin => "admin",
        }
    }

    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|role| role.name() == name)
    }

    pub fn may(self, permission: Permission) -> bool {
        permission.roles().contains(&self)
    }
}

/// What a route may ask for. A customer's own things need none of these, only a login.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Permission {
    ManageCatalog,
    ManageInventory,
    ManageCoupons,
    ReadOrders,
    MoveOrders,
    DeliverOrders,
    RefundPayments,
    ReadUsers,
    ManageUsers,
    ReadAudit,
    ReadAnalytics,
    ManageFlags,
    Operate,
}

impl Permission {
    pub const ALL: &'static [Permission] = &[
        Permission::ManageCatalog,
        Permission::ManageInventory,
        Permission::ManageCoupons,
        Permission::ReadOrders,
        Permission::MoveOrders,
        Permission::DeliverOrders,
        Permission::RefundPayments,
        Permission::ReadUsers,
        Permission::ManageUsers,
        Permission::ReadAudit,
        Permission::ReadAnalytics,
        Permission::ManageFlags,
        Permission::Operate,
    ];

    pub const fn name(self) -> &'static str {
        match self {
            Permission::ManageCatalog => "manage_catalog",
            Permission::ManageInventory => "manage_inventory",
            Permission::ManageCoupons => "manage_coupons",
            Permission::ReadOrders => "read_orders",
            Permission::MoveOrders => "move_orders",
            Permission::DeliverOrders => "deliver_orders",
            Permission::RefundPayments => "refund_payments",
            Permission::ReadUsers => "read_users",
            Permission::ManageUsers => "manage_users",
            Permission::ReadAudit => "read_audit",
            Permission::ReadAnalytics => "read_analytics",
            Permission::ManageFlags => "manage_flags",
            Permission::Operate => "operate",
        }
    }

    /// Who has it. An admin has each.
    pub const fn roles(self) -> &'static [Role] {
        match self {
            Permission::ManageCatalog | Permission::ManageInventory => &[Role::Seller, Role::Admin],
            Permission::ReadOrders => &[Role::Seller, Role::Support, Role::Delivery, Role::Admin],
            Permission::MoveOrders | Permission::RefundPayments | Permission::ReadUsers => {
                &[Role::Support, Role::Admin]
            }
            Permission::DeliverOrders => &[Role::Support, Role::Delivery, Role::Admin],
            Permission::ReadAnalytics => &[Role::Seller, Role::Admin],
            Permission::ManageCoupons
            | Permission::ManageUsers
            | Permission::ReadAudit
            | Permission::ManageFlags
            | Permission::Operate => &[Role::Admin],
        }
    }
}
