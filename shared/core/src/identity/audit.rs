//! What was done by whom, kept for looking back at.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::ids::AuditId;
use crate::record::{Kind, Record};
use crate::time::Timestamp;

pub static AUDIT: Kind =
    Kind { name: "audit", within: None, id: "id", listed_by: Some("subject"), listed: true };

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
