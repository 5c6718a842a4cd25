//! An account.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::access::Role;
use crate::event::{Event, EventKind};
use crate::ids::{AddressId, UserId};
use crate::ports::{Clock, Ids};
use crate::record::{Kind, Record, RecordKey};
use crate::tenant::Tenant;
use crate::time::Timestamp;

pub static USER: Kind = Kind { name: "user", within: None, id: "id", listed_by: None, listed: true };

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UserStatus {
    Active,
    /// By an admin; may be made active again.
    Disabled,
    /// By the customer. Orders stay; the name, e-mail and phone are forgotten.
    Deleted,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    pub id: UserId,
    pub version: u64,
    pub status: UserStatus,
    pub role: Role,
    pub name: String,
    /// Lower case. The account holds the claim of it only once it is proved.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    pub email_verified: bool,
    /// Asked for and not yet proved, while the former one still holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub new_email: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    pub phone_verified: bool,
    /// An address of a picture.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub picture: Option<String>,
    /// As argon2 writes it, parameters and salt included. `None`: this account has no password.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password_hash: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mfa: Option<Mfa>,
    /// Sessions begun before this have ended.
    pub sessions_since: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_address: Option<AddressId>,
    /// How many addresses there are: counted here, so that two added at once cannot pass the limit.
    pub addresses: u32,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// A second factor: TOTP by an app, and recovery codes for when the phone is lost.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mfa {
    /// Sealed by the vault.
    pub secret: String,
    /// Not asked for at login until a first code has shown that the app has the secret.
    pub confirmed: bool,
    /// The time step of the last code that was accepted; no code of it or before is accepted again.
    pub last_step: u64,
    /// SHA-256 of those not yet used.
    pub recovery: Vec<String>,
}

/// What an event tells of an account: nothing that names a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct UserTold {
    pub user_id: UserId,
    pub version: u64,
}

impl Record for User {
    const KIND: &'static Kind = &USER;
}

impl User {
    /// An account without any way in yet.
    pub fn new(id: UserId, role: Role, name: impl Into<String>, now: Timestamp) -> Self {
        User {
            id,
            version: 1,
            status: UserStatus::Active,
            role,
            name: name.into(),
            email: None,
            email_verified: false,
            new_email: None,
            phone: None,
            phone_verified: false,
            picture: None,
            password_hash: None,
            mfa: None,
            sessions_since: now,
            default_address: None,
            addresses: 0,
            created_at: now,
            updated_at: now,
        }
    }

    /// Tells of the account as it is after the commit.
    pub fn event(&self, kind: EventKind, tenant: &Tenant, clock: &dyn Clock, ids: &dyn Ids) -> Event {
        let data = UserTold { user_id: self.id, version: self.version };
        Event::new(kind, tenant, self.id.to_string(), &data, clock, ids)
    }

    /// Where a record may stand that lets the unproved address log in here.
    pub fn pending_email_key(&self) -> Option<RecordKey> {
        self.email.as_ref().filter(|_| !self.email_verified).map(RecordKey::alone)
    }

    /// As it will be written next: a version on.
    pub fn next(&self, now: Timestamp) -> Self {
        User { version: self.version + 1, updated_at: now, ..self.clone() }
    }
}

/// Which unproved account an e-mail address logs in to: the first, until it is proved by somebody or a day has passed.
/// It keeps nobody from signing up with the address, nor from proving it.
pub static PENDING_EMAIL: Kind =
    Kind { name: "pending_email", within: None, id: "email", listed_by: None, listed: false };

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PendingEmail {
    pub email: String,
    pub version: u64,
    pub user_id: UserId,
    pub expires_at: Timestamp,
}

impl Record for PendingEmail {
    const KIND: &'static Kind = &PENDING_EMAIL;
}
