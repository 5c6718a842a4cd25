//! Which table keeps which kind of record, and in which columns. A new kind is a migration and an entry here.

use bharatmart_core::cart::CART;
use bharatmart_core::catalog::{BANNER, WISH, WISHLIST};
use bharatmart_core::figures::DAY;
use bharatmart_core::flags::FLAG;
use bharatmart_core::identity::{ADDRESS, AUDIT, CODE, PENDING_EMAIL, SESSION, USER};
use bharatmart_core::inventory::{RESERVATION, STOCK_ENTRY, STOCK_LEVEL};
use bharatmart_core::orders::ORDER;
use bharatmart_core::payments::{LEDGER_ENTRY, MOCK_CHARGE, PAYMENT};
use bharatmart_core::pricing::COUPON;
use bharatmart_core::record::Kind;

use Type::{Flag, Int, Json, Text, Time};

/// Besides its columns every table has the tenant, the fields of its kind's key, and the version.
pub(super) struct Table {
    pub(super) kind: &'static Kind,
    pub(super) name: &'static str,
    pub(super) columns: &'static [(&'static str, Type)],
}

/// What a field is in a record, and how it is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Type {
    Text,
    /// A whole number.
    Int,
    /// As 0 or 1.
    Flag,
    /// A moment, as milliseconds.
    Time,
    /// A list or an object, as it is written.
    Json,
}

/// In the order they are written: a table comes after those it refers to.
pub(super) static TABLES: &[Table] = &[
    Table {
        kind: &USER,
        name: "users",
        columns: &[
            ("status", Text),
            ("role", Text),
            ("name", Text),
            ("email", Text),
            ("email_verified", Flag),
            ("new_email", Text),
            ("phone", Text),
            ("phone_verified", Flag),
            ("picture", Text),
            ("password_hash", Text),
            ("mfa", Json),
            ("sessions_since", Time),
            ("default_address", Text),
            ("addresses", Int),
            ("created_at", Time),
            ("updated_at", Time),
        ],
    },
    Table { kind: &PENDING_EMAIL, name: "pending_emails", columns: &[("user_id", Text), ("expires_at", Time)] },
    Table {
        kind: &SESSION,
        name: "sessions",
        columns: &[
            ("token_hash", Text),
            ("former_hash", Text),
            ("rotated_at", Time),
            ("device_name", Text),
            ("user_agent", Text),
            ("address", Text),
            ("created_at", Time),
            ("expires_at", Time),
            ("revoked_at", Time),
        ],
    },
    Table {
        kind: &CODE,
        name: "codes",
        columns: &[
            ("purpose", Text),
            ("user_id", Text),
            ("target", Text),
            ("hash", Text),
            ("tries", Int),
            ("created_at", Time),
            ("expires_at", Time),
        ],
    },
    Table {
        kind: &ADDRESS,
        name: "addresses",
        columns: &[
            ("label", Text),
            ("full_name", Text),
            ("phone", Text),
            ("line1", Text),
            ("line2", Text),
            ("landmark", Text),
            ("city", Text),
            ("state", Text),
            ("pincode", Text),
            ("country", Text),
            ("latitude", Int),
            ("longitude", Int),
            ("created_at", Time),
            ("updated_at", Time),
        ],
    },
    Table {
        kind: &AUDIT,
        name: "audit",
        columns: &[
            ("at", Time),
            ("actor", Text),
            ("action", Text),
            ("subject", Text),
            ("address", Text),
            ("details", Json),
        ],
    },
    Table {
        kind: &BANNER,
        name: "banners",
        columns: &[
            ("title", Text),
            ("image", Text),
            ("link", Text),
            ("position", Int),
            ("starts_at", Time),
            ("ends_at", Time),
            ("created_at", Time),
            ("updated_at", Time),
        ],
    },
    Table { kind: &WISH, name: "wishes", columns: &[("added_at", Time)] },
    Table { kind: &WISHLIST, name: "wishlists", columns: &[("wishes", Int), ("updated_at", Time)] },
    Table {
        kind: &FLAG,
        name: "flags",
        columns: &[
            ("description", Text),
            ("enabled", Flag),
            ("percent", Int),
            ("roles", Json),
            ("users", Json),
            ("updated_at", Time),
        ],
    },
    Table {
        kind: &COUPON,
        name: "coupons",
        columns: &[
            ("benefit", Text),
            ("value", Int),
            ("at_most", Int),
            ("minimum", Int),
            ("starts_at", Time),
            ("ends_at", Time),
            ("total_limit", Int),
            ("user_limit", Int),
            ("active", Flag),
            ("created_at", Time),
            ("updated_at", Time),
        ],
    },
    Table {
        kind: &CART,
        name: "carts",
        columns: &[
            ("user_id", Text),
            ("lines", Json),
            ("coupon", Text),
            ("created_at", Time),
            ("updated_at", Time),
            ("expires_at", Time),
        ],
    },
    Table {
        kind: &RESERVATION,
        name: "reservations",
        columns: &[("reference", Text), ("pieces", Json), ("created_at", Time), ("held_until", Time)],
    },
    Table {
        kind: &STOCK_ENTRY,
        name: "stock_entries",
        columns: &[
            ("product_id", Text),
            ("location", Text),
            ("reason", Text),
            ("who", Text),
            ("reference", Text),
            ("note", Text),
            ("available", Int),
            ("reserved", Int),
            ("at", Time),
        ],
    },
    Table {
        kind: &STOCK_LEVEL,
        name: "stock_levels",
        columns: &[("product_id", Text), ("class", Text), ("available", Int), ("sold", Int), ("updated_at", Time)],
    },
    Table {
        kind: &ORDER,
        name: "orders",
        columns: &[
            ("number", Text),
            ("user_id", Text),
            ("status", Text),
            ("method", Text),
            ("payment_status", Text),
            ("lines", Json),
            ("amounts", Json),
            ("coupon", Text),
            ("ship_to", Json),
            ("delivery_slot", Text),
            ("note", Text),
            ("gstin", Text),
            ("pieces", Json),
            ("reservation", Text),
            ("reserved_until", Time),
            ("payments", Json),
            ("paying", Text),
            ("paid_by", Text),
            ("captured", Int),
            ("refunded", Int),
            ("timeline", Json),
            ("placed_at", Time),
            ("updated_at", Time),
        ],
    },
    Table {
        kind: &PAYMENT,
        name: "payments",
        columns: &[
            ("order_id", Text),
            ("user_id", Text),
            ("method", Text),
            ("instrument", Text),
            ("amount", Int),
            ("status", Text),
            ("failure_code", Text),
            ("reference", Text),
            ("surplus", Flag),
            ("refunds", Json),
            ("open", Text),
            ("created_at", Time),
            ("updated_at", Time),
        ],
    },
    Table {
        kind: &LEDGER_ENTRY,
        name: "ledger_entries",
        columns: &[("payment_id", Text), ("debit", Text), ("credit", Text), ("amount", Int), ("at", Time)],
    },
    Table {
        kind: &MOCK_CHARGE,
        name: "mock_charges",
        columns: &[
            ("order_id", Text),
            ("method", Text),
            ("amount", Int),
            ("outcome", Text),
            ("refunds", Json),
            ("charged_at", Time),
        ],
    },
    Table {
        kind: &DAY,
        name: "days",
        columns: &[
            ("placed", Int),
            ("placed_value", Int),
            ("confirmed", Int),
            ("shipped", Int),
            ("delivered", Int),
            ("cancelled", Int),
            ("captured", Int),
            ("captured_value", Int),
            ("payments_failed", Int),
            ("refunded", Int),
            ("refunded_value", Int),
        ],
    },
];
