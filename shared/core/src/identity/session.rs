//! A session: one login on one device, and its chain of refresh tokens.

use serde::{Deserialize, Serialize};

use crate::ids::{SessionId, UserId};
use crate::record::{Kind, Record};
use crate::time::Timestamp;

pub static SESSION: Kind =
    Kind { name: "session", within: Some("user_id"), id: "id", listed_by: None, listed: false };

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
