//! Where a customer wants things brought. Which one is the default stands on the account.

use serde::{Deserialize, Serialize};

use crate::ids::{AddressId, UserId};
use crate::record::{Kind, Record};
use crate::time::Timestamp;

pub static ADDRESS: Kind = Kind { name: "address", within: Some("user_id"), id: "id", listed_by: None, listed: false };

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Address {
    pub user_id: UserId,
    pub id: AddressId,
    pub version: u64,
    pub label: String,
    pub full_name: String,
    pub phone: String,
    pub line1: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line2: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub landmark: Option<String>,
    pub city: String,
    /// The state's name, as GST knows it.
    pub state: String,
    pub pincode: String,
    /// ISO 3166, two letters.
    pub country: String,
    /// Millionths of a degree, so that every store keeps them exactly.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub latitude: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub longitude: Option<i64>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

impl Record for Address {
    const KIND: &'static Kind = &ADDRESS;
}
