//! How accounts, sessions, addresses and audit entries are shown: the words of the API. Nothing secret has a field here.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};

use super::address::Address;
use super::audit::AuditEntry;
use super::session::Session;
use super::user::{User, UserStatus};
use crate::access::Role;
use crate::ids::SessionId;

#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct UserView {
    pub id: String,
    pub email: Option<String>,
    /// Asked for, and in force once the link that was sent there is used.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub new_email: Option<String>,
    pub name: String,
    pub phone: Option<String>,
    /// customer, seller, support, delivery or admin.
    #[schemars(with = "String")]
    pub role: Role,
    pub email_verified: bool,
    pub phone_verified: bool,
    pub mfa_enabled: bool,
    pub picture: Option<String>,
    /// active, disabled or deleted; told to admins.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub status: Option<UserStatus>,
    pub created_at: String,
}

impl UserView {
    pub fn of(user: &User) -> Self {
        UserView {
            id: user.id.to_string(),
            email: user.email.clone(),
            new_email: user.new_email.clone(),
            name: user.name.clone(),
            phone: user.phone.clone(),
            role: user.role,
            email_verified: user.email_verified,
            phone_verified: user.phone_verified,
            mfa_enabled: user.mfa.as_ref().is_some_and(|mfa| mfa.confirmed),
            picture: user.picture.clone(),
            status: None,
            created_at: user.created_at.to_string(),
        }
    }

    pub fn for_admin(user: &User) -> Self {
        UserView { status: Some(user.status), ..Self::of(user) }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct SessionView {
    pub id: String,
    pub device_name: Option<String>,
    pub user_agent: Option<String>,
    /// The network address it was last used from.
    pub address: Option<String>,
    /// Whether it is the one this request came with.
    pub current: bool,
    pub created_at: String,
    pub last_used_at: String,
    pub expires_at: String,
}

impl SessionView {
    pub fn of(session: &Session, current: Option<SessionId>) -> Self {
        SessionView {
            id: session.id.to_string(),
            device_name: session.device_name.clone(),
            user_agent: session.user_agent.clone(),
            address: session.address.clone(),
            current: current == Some(session.id),
            created_at: session.created_at.to_string(),
            last_used_at: session.rotated_at.to_string(),
            expires_at: session.expires_at.to_string(),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct AddressView {
    pub id: String,
    pub label: String,
    pub full_name: String,
    pub phone: String,
    pub line1: String,
    pub line2: Option<String>,
    pub landmark: Option<String>,
    pub city: String,
    pub state: String,
    pub pincode: String,
    pub country: String,
    pub latitude: Option<f64>,
    pub longitude: Option<f64>,
    pub is_default: bool,
    pub created_at: String,
    pub updated_at: String,
}

impl AddressView {
    pub fn of(address: &Address, user: &User) -> Self {
        let degrees = |millionths: i64| millionths as f64 / 1e6;
        AddressView {
            id: address.id.to_string(),
            label: address.label.clone(),
            full_name: address.full_name.clone(),
            phone: address.phone.clone(),
            line1: address.line1.clone(),
            line2: address.line2.clone(),
            landmark: address.landmark.clone(),
            city: address.city.clone(),
            state: address.state.clone(),
            pincode: address.pincode.clone(),
            country: address.country.clone(),
            latitude: address.latitude.map(degrees),
            longitude: address.longitude.map(degrees),
            is_default: user.default_address == Some(address.id),
            created_at: address.created_at.to_string(),
            updated_at: address.updated_at.to_string(),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct AuditView {
    pub id: String,
    pub at: String,
    /// A user's id, or `guest`, or `shop`.
    pub actor: String,
    pub action: String,
    /// The id of what it was done to.
    pub subject: String,
    /// The network address it was asked from.
    pub address: Option<String>,
    pub details: Map<String, Value>,
}

impl From<&AuditEntry> for AuditView {
    fn from(entry: &AuditEntry) -> Self {
        AuditView {
            id: entry.id.to_string(),
            at: entry.at.to_string(),
            actor: entry.actor.clone(),
            action: entry.action.clone(),
            subject: entry.subject.clone(),
            address: entry.address.clone(),
            details: entry.details.clone(),
        }
    }
}
