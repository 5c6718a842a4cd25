//! A product on somebody's wishlist.

use serde::{Deserialize, Serialize};

use crate::ids::{ProductId, UserId};
use crate::record::{Kind, Record};
use crate::time::Timestamp;

pub static WISH: Kind =
    Kind { name: "wish", within: Some("user_id"), id: "product_id", listed_by: None, listed: false };

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
