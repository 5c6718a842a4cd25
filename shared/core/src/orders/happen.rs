//! What every change of an order does: the next version, the move in its timeline, the event that tells of it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::order::{Moved, Order};
use super::status::{Mover, OrderStatus};
use crate::changes::{Changes, Expect};
use crate::event::{Event, EventKind};
use crate::hand::Hand;
use crate::ids::{OrderId, UserId};
use crate::inventory::Warehouse;
use crate::money::Paise;
use crate::payments::PaymentState;

/// What an event tells of an order: how it stands after the commit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OrderState {
    pub order_id: OrderId,
    /// What the customer calls it.
    pub number: String,
    pub user_id: UserId,
    pub status: OrderStatus,
    /// Paise.
    pub total: Paise,
}

/// Which order an event is about, be it told of the order or of a payment of it.
pub fn order_of(event: &Event) -> Result<OrderId, serde_json::Error> {
    let of_payment = |_| event.told().map(|payment: PaymentState| payment.order_id);
    event.told().map(|order: OrderState| order.order_id).or_else(of_payment)
}

/// The order may not go there; where it may.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotAllowed {
    pub from: OrderStatus,
    pub allowed: Vec<OrderStatus>,
}

/// Who moves it, and what is said about it.
#[derive(Clone, Copy, Debug)]
pub struct Said<'a> {
    pub by: Mover,
    pub reason: Option<&'a str>,
    pub tracking: Option<&'a str>,
}

impl<'a> Said<'a> {
    pub fn by(by: Mover) -> Self {
        Said { by, reason: None, tracking: None }
    }

    pub fn because(self, reason: Option<&'a str>) -> Self {
        Said { reason, ..self }
    }
}

impl Order {
    pub(super) fn check(&self, to: OrderStatus, by: Mover) -> Result<(), NotAllowed> {
        match self.status.may_go(to, by) {
            true => Ok(()),
            false => Err(NotAllowed { from: self.status, allowed: self.status.next(by) }),
        }
    }

    /// Moves it; whether it may was asked before.
    pub(super) fn go(&mut self, to: OrderStatus, said: Said<'_>, hand: &Hand<'_>) {
        self.status = to;
        self.timeline.push(Moved {
            at: hand.now(),
            to,
            by: said.by,
            who: hand.by.to_string(),
            reason: said.reason.map(str::to_owned),
            tracking: said.tracking.map(str::to_owned),
        });
    }

    /// As it is kept after a change.
    pub(super) fn save(&mut self, changes: Changes, hand: &Hand<'_>) -> Changes {
        let expect = Expect::Version(self.version);
        self.version += 1;
        self.updated_at = hand.now();
        changes.put(self, expect)
    }

    pub(super) fn tell(&self, kind: EventKind, hand: &Hand<'_>) -> Event {
        let data = OrderState {
            order_id: self.id,
            number: self.number.clone(),
            user_id: self.user_id,
            status: self.status,
            total: self.amounts.total,
        };
        hand.event(kind, self.id, &data)
    }
}

impl<'a> Hand<'a> {
    pub(super) fn warehouse(&self) -> Warehouse<'a> {
        Warehouse { tenant: self.tenant, who: self.by, clock: self.clock, ids: self.ids }
    }
}
