//! What was done by whom, kept for looking back at. Written in the commit of what it tells of.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::ids::{AuditId, UserId};
use crate::ports::{Clock, Ids};
use crate::record::{Kind, Record};
use crate::time::Timestamp;

pub static AUDIT: Kind = Kind { name: "audit", within: None, id: "id", listed_by: Some("subject"), listed: true };

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AuditEntry {
    pub id: AuditId,
    pub version: u64,
    pub at: Timestamp,
    /// A user's id, or who else: `guest`, `shop`.
    pub actor: String,
    /// `login`, `login_failed`, `role_changed`…
    pub action: String,
    /// The id of what it was done to.
    pub subject: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    pub details: Map<String, Value>,
}

impl Record for AuditEntry {
    const KIND: &'static Kind = &AUDIT;
}

/// What is told of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    Signup,
    Login,
    LoginFailed,
    Logout,
    SessionRevoked,
    /// A refresh token that was used up came again; its session is revoked.
    RefreshReused,
    PasswordChanged,
    PasswordReset,
    EmailVerified,
    EmailRemoved,
    PhoneVerified,
    PhoneRemoved,
    MfaEnabled,
    MfaRemoved,
    /// Role or status, by an admin.
    UserChanged,
    UserDeleted,
    KeysChanged,
    StockAdjusted,
    RefundAsked,
    QueueRedriven,
    CouponCreated,
    CouponChanged,
    CouponDeleted,
    ProductCreated,
    ProductChanged,
    ProductDeleted,
    CategoryCreated,
    CategoryChanged,
    CategoryDeleted,
    BannerCreated,
    BannerChanged,
    BannerDeleted,
    FlagCreated,
    FlagChanged,
    FlagDeleted,
}

impl Action {
    pub const fn name(self) -> &'static str {
        match self {
            Action::Signup => "signup",
            Action::Login => "login",
            Action::LoginFailed => "login_failed",
            Action::Logout => "logout",
            Action::SessionRevoked => "session_revoked",
            Action::RefreshReused => "refresh_reused",
            Action::PasswordChanged => "password_changed",
            Action::PasswordReset => "password_reset",
            Action::EmailVerified => "email_verified",
            Action::EmailRemoved => "email_removed",
            Action::PhoneVerified => "phone_verified",
            Action::PhoneRemoved => "phone_removed",
            Action::MfaEnabled => "mfa_enabled",
            Action::MfaRemoved => "mfa_removed",
            Action::UserChanged => "user_changed",
            Action::UserDeleted => "user_deleted",
            Action::KeysChanged => "keys_changed",
            Action::StockAdjusted => "stock_adjusted",
            Action::RefundAsked => "refund_asked",
            Action::QueueRedriven => "queue_redriven",
            Action::CouponCreated => "coupon_created",
            Action::CouponChanged => "coupon_changed",
            Action::CouponDeleted => "coupon_deleted",
            Action::ProductCreated => "product_created",
            Action::ProductChanged => "product_changed",
            Action::ProductDeleted => "product_deleted",
            Action::CategoryCreated => "category_created",
            Action::CategoryChanged => "category_changed",
            Action::CategoryDeleted => "category_deleted",
            Action::BannerCreated => "banner_created",
            Action::BannerChanged => "banner_changed",
            Action::BannerDeleted => "banner_deleted",
            Action::FlagCreated => "flag_created",
            Action::FlagChanged => "flag_changed",
            Action::FlagDeleted => "flag_deleted",
        }
    }
}

/// Who did it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Actor {
    User(UserId),
    /// Nobody that is known.
    Guest,
    /// The shop by itself.
    Shop,
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Actor::User(id) => id.fmt(f),
            Actor::Guest => f.write_str("guest"),
            Actor::Shop => f.write_str("shop"),
        }
    }
}

impl AuditEntry {
    pub fn new(action: Action, actor: Actor, subject: impl ToString, clock: &dyn Clock, ids: &dyn Ids) -> Self {
        AuditEntry {
            id: AuditId::new(ids),
            version: 1,
            at: clock.now(),
            actor: actor.to_string(),
            action: action.name().to_owned(),
            subject: subject.to_string(),
            address: None,
            details: Map::new(),
        }
    }

    /// The network address it was asked from.
    pub fn from_address(mut self, address: &str) -> Self {
        self.address = Some(address.to_owned());
        self
    }

    pub fn detail(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.details.insert(name.to_owned(), value.into());
        self
    }
}
