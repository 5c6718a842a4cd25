//! A product on somebody's wishlist, and the list as a whole.

use serde::{Deserialize, Serialize};

use crate::changes::{Changes, Expect};
use crate::ids::{ProductId, UserId};
use crate::record::{Kind, Record};
use crate::time::Timestamp;

pub static WISH: Kind =
    Kind { name: "wish", within: Some("user_id"), id: "product_id", listed_by: None, listed: false };

pub static WISHLIST: Kind = Kind { name: "wishlist", within: None, id: "user_id", listed_by: None, listed: false };

pub const MAX_WISHES: usize = 200;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Wish {
    pub user_id: UserId,
    pub product_id: ProductId,
    pub version: u64,
    pub added_at: Timestamp,
}

impl Record for Wish {
    const KIND: &'static Kind = &WISH;
}

/// How much is on somebody's list. Written with each wish that comes or goes, in the version that was read: so of many
/// at once each knows of the others, and the limit holds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Wishlist {
    pub user_id: UserId,
    pub version: u64,
    pub wishes: usize,
    pub updated_at: Timestamp,
}

impl Record for Wishlist {
    const KIND: &'static Kind = &WISHLIST;
}

impl Wishlist {
    /// One that is not written yet; there may be wishes all the same.
    pub fn unwritten(user_id: UserId, wishes: usize, now: Timestamp) -> Self {
        Wishlist { user_id, version: 0, wishes, updated_at: now }
    }

    pub fn is_full(&self) -> bool {
        self.wishes >= MAX_WISHES
    }

    pub fn add(&self, changes: Changes, wish: &Wish, now: Timestamp) -> Changes {
        self.write(changes.put(wish, Expect::New), self.wishes + 1, now)
    }

    pub fn remove(&self, changes: Changes, wish: &Wish, now: Timestamp) -> Changes {
        self.write(changes.remove(wish), self.wishes.saturating_sub(1), now)
    }

    fn write(&self, changes: Changes, wishes: usize, updated_at: Timestamp) -> Changes {
        let expect = if self.version == 0 { Expect::New } else { Expect::Version(self.version) };
        changes.put(&Wishlist { user_id: self.user_id, version: self.version + 1, wishes, updated_at }, expect)
    }
}
