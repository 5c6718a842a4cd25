//! A session: one login on one device, and its chain of refresh tokens.

use serde::{Deserialize, Serialize};

use super::refresh::{self, RefreshToken};
use super::user::{User, UserStatus};
use crate::changes::{Changes, Expect};
use crate::ids::{SessionId, UserId};
use crate::ports::Random;
use crate::record::{Kind, Record};
use crate::time::Timestamp;

pub static SESSION: Kind = Kind { name: "session", within: Some("user_id"), id: "id", listed_by: None, listed: false };

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    pub user_id: UserId,
    pub id: SessionId,
    pub version: u64,
    /// SHA-256 of the refresh token that is good now.
    pub token_hash: String,
    /// SHA-256 of the one before it, whose holder may not have received its successor.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub former_hash: Option<String>,
    pub rotated_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub device_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_agent: Option<String>,
    /// Where it was last used from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
    /// Ended: by its owner, an admin, or because an old token of it was used.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revoked_at: Option<Timestamp>,
}

impl Record for Session {
    const KIND: &'static Kind = &SESSION;
}

/// Where a login came from, as far as it was told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Device {
    pub name: Option<String>,
    pub user_agent: Option<String>,
    pub address: Option<String>,
}

impl Session {
    /// With its first refresh token.
    pub fn begin(
        user: UserId,
        id: SessionId,
        device: Device,
        now: Timestamp,
        random: &dyn Random,
    ) -> (Self, RefreshToken) {
        let token = RefreshToken::first(user, id, random);
        let session = Session {
            user_id: user,
            id,
            version: 1,
            token_hash: token.hash(),
            former_hash: None,
            rotated_at: now,
            device_name: device.name,
            user_agent: device.user_agent,
            address: device.address,
            created_at: now,
            expires_at: now.after(refresh::LIFE),
            revoked_at: None,
        };
        (session, token)
    }

    pub fn has_ended(&self, now: Timestamp) -> bool {
        self.revoked_at.is_some() || self.expires_at <= now
    }

    /// Whether it still speaks for its user.
    pub fn holds(&self, user: &User, now: Timestamp) -> bool {
        let active = user.status == UserStatus::Active;
        active && self.user_id == user.id && self.created_at >= user.sessions_since && !self.has_ended(now)
    }

    pub fn revoked(&self, now: Timestamp) -> Self {
        Session { version: self.version + 1, revoked_at: Some(now), ..self.clone() }
    }
    /// Writes a session that was read and changed since.
    pub fn put(&self, changes: Changes) -> Changes {
        changes.put(self, Expect::Version(self.version - 1))
    }
}
