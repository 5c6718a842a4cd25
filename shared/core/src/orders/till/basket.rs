//! What an order is about: the lines of a cart or those that were sent, with what the catalogue says of them now.

use super::Till;
use crate::cart::{Cart, CartLine, Shelf, look};
use crate::ids::{CartId, ProductId, UserId};
use crate::money::Paise;
use crate::orders::input::{Basket, Line};
use crate::ports::Fault;
use crate::pricing::{CouponCode, NamedCoupon};
use crate::record::RecordKey;
use crate::text::Sku;

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
        let skus: Vec<&Sku> = lines.iter().map(|line| &line.sku).collect();
        let sellers = look::sellers(self.store, self.hand.tenant, &skus).await?;
        let lines = lines.iter().zip(sellers).map(|(line, seller)| self.line(line, seller)).collect();
        Ok(Some(Filled { lines, cart: None }))
    }

    /// Of a SKU nobody sells, a line of a product there is none of.
    fn line(&self, Line { sku, quantity }: &Line, seller: Option<ProductId>) -> CartLine {
        let product_id = seller.unwrap_or(ProductId::from_uuid(uuid::Uuid::nil()));
        let (sku, quantity) = (sku.clone(), *quantity);
        CartLine { sku, product_id, quantity, seen: Paise::ZERO, added_at: self.hand.now() }
    }

    pub(super) async fn shelf(&self, lines: &[CartLine]) -> Result<Shelf, Fault> {
        look::shelf(self.store, self.hand.tenant, lines.iter().map(|line| line.product_id)).await
    }

    pub(super) async fn coupon(&self, code: &CouponCode, user: UserId) -> Result<NamedCoupon, Fault> {
        look::coupon(self.store, self.hand.tenant, code, Some(user)).await
    }
}
