//! What an order is about: the lines of a cart or those that were sent, with what the catalogue says of them now.

use super::Till;
use crate::cart::{Cart, CartLine, Shelf};
use crate::changes::ClaimKind;
use crate::ids::{CartId, ProductId, UserId};
use crate::money::Paise;
use crate::orders::input::{Basket, Line};
use crate::ports::Fault;
use crate::pricing::{CouponCode, NamedCoupon};
use crate::record::RecordKey;

pub(super) struct Filled {
    pub lines: Vec<CartLine>,
    /// The cart that the order empties.
    pub cart: Option<Cart>,
}

impl Till<'_> {
    /// `None`: there is no such cart of this user.
    pub(super) async fn fill(&self, basket: &Basket, user: UserId) -> Result<Option<Filled>, Fault> {
        let lines = match basket {
            Basket::Cart(id) => {
                let own = CartId::from_uuid(user.uuid());
                if id.is_some_and(|id| id != own) {
                    return Ok(None);
                }
                let kept: Option<Cart> = self.find(&RecordKey::alone(own)).await?;
                let cart = kept.map(|cart| cart.at(self.hand.now())).filter(|cart| cart.version > 0);
                let lines = cart.as_ref().map(|cart| cart.lines.clone()).unwrap_or_default();
                return Ok(Some(Filled { lines, cart }));
            }
            Basket::Lines(lines) => lines,
        };
        let mut filled = Vec::with_capacity(lines.len());
        for line in lines {
            filled.push(self.line(line).await?);
        }
        Ok(Some(Filled { lines: filled, cart: None }))
    }

    /// Of a SKU nobody sells, a line of a product there is none of.
    async fn line(&self, Line { sku, quantity }: &Line) -> Result<CartLine, Fault> {
        let owner = self.store.owner(self.hand.tenant, ClaimKind::Sku, sku.as_str()).await?;
        let none = ProductId::from_uuid(uuid::Uuid::nil());
        let product_id = owner.and_then(|id| id.parse().ok()).unwrap_or(none);
        let (sku, quantity) = (sku.clone(), *quantity);
        Ok(CartLine { sku, product_id, quantity, seen: Paise::ZERO, added_at: self.hand.now() })
    }

    pub(super) async fn shelf(&self, lines: &[CartLine]) -> Result<Shelf, Fault> {
        let mut ids: Vec<ProductId> = lines.iter().map(|line| line.product_id).collect();
        ids.sort_unstable();
        ids.dedup();
        Ok(self.store.products(self.hand.tenant, &ids).await?.into_iter().collect())
    }

    /// What there is of a coupon, and how often it was used.
    pub(super) async fn coupon(&self, code: &CouponCode, user: UserId) -> Result<NamedCoupon, Fault> {
        let coupon = self.find(&RecordKey::alone(code)).await?;
        let used = self.store.counted(self.hand.tenant, &code.uses()).await?;
        let used_by_user = self.store.counted(self.hand.tenant, &code.uses_of(user)).await?;
        Ok(NamedCoupon { code: code.to_string(), coupon, used, used_by_user })
    }
}
