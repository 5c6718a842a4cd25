//! A product on somebody's wishlist, and the list as a whole.

use serde::{Deserialize, Serialize};

use crate::changes::Expect;
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

/// Of those who add to one list at once each sees what the others added, for each writes this too: the limit holds.
/// Whoever takes something off need not.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Wishlist {
    pub user_id: UserId,
    pub version: u64,
    /// When something was last added.
    pub added_at: Timestamp,
}

impl Record for Wishlist {
    const KIND: &'static Kind = &WISHLIST;
}

impl Wishlist {
    /// As it is written with an addition, when it was this before.
    pub fn added(before: Option<&Wishlist>, user_id: UserId, added_at: Timestamp) -> (Self, Expect) {
        let expect = before.map_or(Expect::New, |before| Expect::Version(before.version));
        (Wishlist { user_id, version: before.map_or(1, |before| before.version + 1), added_at }, expect)
    }
}
