//! Moving an order on: by its customer's code, by staff and couriers.

use super::{MoveRefused, Seal, TRIES, Till, busy};
use crate::identity::{Code, Purpose};
use crate::ids::{OrderId, UserId};
use crate::orders::happen::Said;
use crate::orders::travel::{confirm_cod, travel};
use crate::orders::{Mover, Order, OrderStatus};

impl Till<'_> {
    /// The code goes in the commit that confirms the order. A try of it was counted before.
    pub async fn confirm_cod(
        &self,
        id: OrderId,
        user: UserId,
        digits: &str,
        seal: Seal<'_, Order>,
    ) -> Result<Order, MoveRefused> {
        for _ in 0..TRIES {
            let order = self.order_of(id, user).await?.ok_or(MoveRefused::NoOrder)?;
            order.check(OrderStatus::Confirmed, Mover::Customer)?;
            let code: Option<Code> = self.find(&Purpose::CashOnDelivery.key(id)).await?;
            let code = code.filter(|code| code.expires_at > self.hand.now() && code.matches(digits));
            let code = code.ok_or(MoveRefused::WrongCode)?;
            let Some(hold) = self.hold(&order).await? else { continue };
            let (order, changes) = confirm_cod(&order, &hold, &self.hand)?;
            let mut changes = changes.remove(&code);
            changes.answer = seal(&order);
            if self.keep(changes).await? {
                return Ok(order);
            }
        }
        Err(busy().into())
    }

    /// Any move but to cancelled, which is `cancel`.
    pub async fn move_on(
        &self,
        id: OrderId,
        to: OrderStatus,
        said: Said<'_>,
        seal: Seal<'_, Order>,
    ) -> Result<Order, MoveRefused> {
        if to == OrderStatus::Cancelled {
            return self.cancel(id, None, said, seal).await;
        }
        for _ in 0..TRIES {
            let order = self.order(id).await?.ok_or(MoveRefused::NoOrder)?;
            order.check(to, said.by)?;
            let cash = match order.cash().filter(|_| to == OrderStatus::Delivered) {
                Some(cash) => self.payment(cash).await?,
                None => None,
            };
            let (order, mut changes) = travel(&order, to, cash.as_ref(), said, &self.hand)?;
            changes.answer = seal(&order);
            if self.keep(changes).await? {
                return Ok(order);
            }
        }
        Err(busy().into())
    }
}
