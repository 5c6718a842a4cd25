//! What becomes of an order whose time is up: it is cancelled, unless it was paid. While an attempt is under way the
//! provider is asked first; while nobody knows, the order is given more time, to an end.

use super::{MoveRefused, TRIES, Till, busy, unsealed};
use crate::ids::OrderId;
use crate::orders::cancel::give_time;
use crate::orders::happen::Said;
use crate::orders::{Mover, Order};
use crate::ports::{CommitError, PaymentProvider};

/// What was found, or done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expired {
    Cancelled,
    /// Nobody knows yet whether it was paid.
    GivenTime,
    /// It is paid, cancelled, or its time is not up.
    Not,
}

impl Till<'_> {
    /// `provider` is `None` where this deployment takes no money before delivery.
    pub async fn expire(&self, id: OrderId, provider: Option<&dyn PaymentProvider>) -> Result<Expired, CommitError> {
        for _ in 0..TRIES {
            let Some(order) = self.order(id).await? else { return Ok(Expired::Not) };
            if !order.status.is_held() || order.reserved_until > self.hand.now() {
                return Ok(Expired::Not);
            }
            if self.in_doubt(&order, provider).await? {
                let Some(hold) = self.hold(&order).await? else { continue };
                if let Some(changes) = give_time(&order, &hold, &self.hand) {
                    match self.keep(changes).await? {
                        true => return Ok(Expired::GivenTime),
                        false => continue,
                    }
                }
            }
            let said = Said::by(Mover::Shop).because(Some("expired"));
            match self.cancel(id, None, said, &unsealed).await {
                Ok(_) => return Ok(Expired::Cancelled),
                Err(MoveRefused::Commit(error)) => return Err(error),
                // It was paid or cancelled meanwhile.
                Err(_) => {}
            }
        }
        Err(busy())
    }

    /// Whether an attempt is under way of which nobody can tell the end.
    async fn in_doubt(&self, order: &Order, provider: Option<&dyn PaymentProvider>) -> Result<bool, CommitError> {
        match (order.paying, provider) {
            (Some(id), Some(provider)) => match self.check(id, provider).await {
                Ok(known) => Ok(!known),
                Err(CommitError::Fault(fault)) if provider_is_away(&fault) => Ok(true),
                Err(error) => Err(error),
            },
            (Some(_), None) => Ok(true),
            (None, _) => Ok(false),
        }
    }
}

fn provider_is_away(fault: &crate::ports::Fault) -> bool {
    matches!(
        fault,
        crate::ports::Fault::Away { port: "payments", .. } | crate::ports::Fault::Busy { port: "payments", .. }
    )
}
