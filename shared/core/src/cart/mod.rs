//! Carts: what somebody means to buy, for a week from the last change. A cart holds no price that counts and no stock:
//! both are the catalogue's, looked at when it is shown.

mod edit;
mod line;
pub mod look;
mod merge;
mod problem;
mod quote;
#[cfg(test)]
mod tests;
pub mod token;
mod view;

use std::time::Duration;

use serde::{Deserialize, Serialize};

pub use edit::{EditRefused, MOST_LINES, quantity};
pub use line::{CartLine, LineProblem};
pub use merge::{Capped, MOST_MERGED, Merged, TooManyLines, merge};
pub use problem::{CartProblem, items, of_lines};
pub use quote::{AmountsView, Asked, QuoteLineView, QuoteView, Quoted, quote};
pub use view::{CartLineView, CartView, Shelf};

use crate::changes::{Changes, Expect};
use crate::ids::{CartId, UserId};
use crate::record::{Kind, Record};
use crate::tenant::Tenant;
use crate::time::Timestamp;

pub static CART: Kind = Kind { name: "cart", within: None, id: "id", listed_by: None, listed: false };

/// How long a cart lives after its last change.
pub const KEPT: Duration = Duration::from_secs(7 * 24 * 3600);

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cart {
    pub id: CartId,
    /// 0 before it was written for the first time.
    pub version: u64,
    /// `None` for a guest's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_id: Option<UserId>,
    pub lines: Vec<CartLine>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub coupon: Option<String>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub expires_at: Timestamp,
}

impl Record for Cart {
    const KIND: &'static Kind = &CART;
}

impl Cart {
    /// A user has one, named by the account, so that it is found without looking for it.
    pub fn of_user(user: UserId, now: Timestamp) -> Self {
        Cart { user_id: Some(user), ..Cart::of_guest(CartId::from_uuid(user.uuid()), now) }
    }

    pub fn of_guest(id: CartId, now: Timestamp) -> Self {
        let expires_at = now.after(KEPT);
        Cart {
            id,
            version: 0,
            user_id: None,
            lines: Vec::new(),
            coupon: None,
            created_at: now,
            updated_at: now,
            expires_at,
        }
    }

    /// What is left of it now: nothing, once its time is up. Its version stays, so that the next edit takes its place.
    pub fn at(self, now: Timestamp) -> Self {
        if self.expires_at > now {
            return self;
        }
        let expires_at = now.after(KEPT);
        Cart { lines: Vec::new(), coupon: None, created_at: now, updated_at: now, expires_at, ..self }
    }

    /// As it is kept after an edit: the next version, with its week begun anew.
    pub fn save(mut self, tenant: &Tenant, now: Timestamp) -> (Cart, Changes) {
        let expect = match self.version {
            0 => Expect::New,
            version => Expect::Version(version),
        };
        self.version += 1;
        self.updated_at = now;
        self.expires_at = now.after(KEPT);
        let changes = Changes::new(tenant).put(&self, expect);
        (self, changes)
    }
}
