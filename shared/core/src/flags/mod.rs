//! Feature flags: what of the shop is switched on, and for whom.

mod change;
mod rule;

pub use change::{FlagInput, FlagSetting, FlagView, name, remove, set};
pub use rule::Asker;

use serde::{Deserialize, Serialize};

use crate::access::Role;
use crate::ids::UserId;
use crate::record::{Kind, Record};
use crate::time::Timestamp;

pub static FLAG: Kind = Kind { name: "flag", within: None, id: "name", listed_by: None, listed: true };

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Flag {
    pub name: String,
    pub version: u64,
    pub description: String,
    /// Off for everybody unless this is set.
    pub enabled: bool,
    /// For so many per cent of the users, the same ones at each look.
    pub percent: u32,
    /// And for these, whatever the percentage.
    pub roles: Vec<Role>,
    pub users: Vec<UserId>,
    pub updated_at: Timestamp,
}

impl Record for Flag {
    const KIND: &'static Kind = &FLAG;
}
