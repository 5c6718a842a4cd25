//! Cancelling an order, whoever wants it.

use super::{MoveRefused, Seal, TRIES, Till, busy};
use crate::ids::{OrderId, UserId};
use crate::inventory::Piece;
use crate::orders::cancel::{Stock, cancel};
use crate::orders::happen::Said;
use crate::orders::{Order, OrderStatus};
use crate::payments::Payment;
use crate::ports::Fault;

impl Till<'_> {
    /// `owner`: only if it is theirs.
    pub async fn cancel(
        &self,
        id: OrderId,
        owner: Option<UserId>,
        said: Said<'_>,
        seal: Seal<'_, Order>,
    ) -> Result<Order, MoveRefused> {
        for _ in 0..TRIES {
            let order = self.order(id).await?.filter(|order| owner.is_none_or(|owner| order.user_id == owner));
            let order = order.ok_or(MoveRefused::NoOrder)?;
            order.check(OrderStatus::Cancelled, said.by)?;
            let (hold, paid) = (self.hold(&order).await?, self.paid(&order).await?);
            let sold;
            let stock = match &hold {
                Some(hold) => Stock::Held(hold),
                // It was ended since the order was read.
                None if order.status.is_held() => continue,
                None => {
                    sold = self.still_kept(&order).await?;
                    Stock::Sold(&sold)
                }
            };
            let (order, mut changes) = cancel(&order, stock, paid.as_ref(), said, &self.hand)?;
            changes.answer = seal(&order);
            if self.keep(changes).await? {
                return Ok(order);
            }
        }
        Err(busy().into())
    }

    /// The payment whose money it keeps, or will at the door.
    pub(super) async fn paid(&self, order: &Order) -> Result<Option<Payment>, Fault> {
        match order.paid_by.or_else(|| order.cash()) {
            Some(id) => self.payment(id).await,
            None => Ok(None),
        }
    }

    /// Of what was sold, what still has a place: a variant may have been taken from the catalogue since.
    async fn still_kept(&self, order: &Order) -> Result<Vec<Piece>, Fault> {
        let mut ids: Vec<_> = order.pieces.iter().map(|piece| piece.product_id).collect();
        ids.sort_unstable();
        ids.dedup();
        let found = self.store.products(self.hand.tenant, &ids).await?;
        let has_place = |piece: &&Piece| {
            let stocked = found.iter().find(|stocked| stocked.product.id == piece.product_id);
            let levels = stocked.and_then(|stocked| stocked.stock.get(&piece.sku));
            levels.is_some_and(|levels| levels.0.contains_key(&piece.location))
        };
        Ok(order.pieces.iter().filter(has_place).cloned().collect())
    }
}
