//! A banner on the shop's first page, shown in its window of time.

use serde::{Deserialize, Serialize};

use crate::ids::BannerId;
use crate::record::{Kind, Record};
use crate::time::Timestamp;

pub static BANNER: Kind = Kind { name: "banner", within: None, id: "id", listed_by: None, listed: true };

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Banner {
    pub id: BannerId,
    pub version: u64,
    pub title: String,
    /// The address of its picture.
    pub image: String,
    /// A path of the shop, or an address elsewhere by https.
    pub link: String,
    pub position: u32,
    pub starts_at: Timestamp,
    pub ends_at: Timestamp,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

impl Banner {
    pub fn is_shown(&self, now: Timestamp) -> bool {
        self.starts_at <= now && now < self.ends_at
    }
}

impl Record for Banner {
    const KIND: &'static Kind = &BANNER;
}
