//! A secret that was sent to somebody, or is held for the second step of a login: one of a purpose and target at a time,
//! used once, tried a few times.

use serde::{Deserialize, Serialize};

use crate::ids::UserId;
use crate::record::{Kind, Record};
use crate::time::Timestamp;

pub static CODE: Kind = Kind { name: "code", within: None, id: "id", listed_by: None, listed: false };

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// Six digits to a phone.
    PhoneLogin,
    /// A link to an e-mail address.
    VerifyEmail,
    ResetPassword,
    /// Held between the password and the second factor.
    SecondFactor,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Code {
    /// `<purpose>/<what it is for>`: a newer one takes the place of an older.
    pub id: String,
    pub version: u64,
    pub purpose: Purpose,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_id: Option<UserId>,
    /// The phone or e-mail address it was sent to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// SHA-256 of the secret, salted with the id.
    pub hash: String,
    /// Tries so far, counted before each is looked at.
    pub tries: u32,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
}

impl Record for Code {
    const KIND: &'static Kind = &CODE;
}
