//! Who may do what: the roles there are. A route names the role it asks for; an admin may do everything.

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

    pub fn may_act_as(self, wanted: Role) -> bool {
        self == wanted || self == Role::Admin
    }
}
