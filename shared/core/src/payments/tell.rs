//! What every change of a payment does: the next version, what is still open of it, the event that tells of it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Open, Payment, PaymentMethod, PaymentStatus, Refund};
use crate::changes::{Changes, Expect};
use crate::event::{Event, EventKind};
use crate::hand::Hand;
use crate::ids::{OrderId, PaymentId, UserId};
use crate::money::Paise;

/// What an event tells of a payment: how it stands after the commit. Sums are paise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PaymentState {
    pub payment_id: PaymentId,
    pub order_id: OrderId,
    pub user_id: UserId,
    pub amount: Paise,
    /// Of all refunds so far.
    pub refunded: Paise,
    pub status: PaymentStatus,
    pub failure_code: Option<String>,
    /// Of the refund that it tells of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Paise")]
    pub refund_amount: Option<Paise>,
}

impl Payment {
    pub fn new(
        order_id: OrderId,
        user_id: UserId,
        method: PaymentMethod,
        instrument: Option<String>,
        amount: Paise,
        hand: &Hand<'_>,
    ) -> Self {
        let now = hand.now();
        Payment {
            id: PaymentId::new(hand.ids),
            version: 1,
            order_id,
            user_id,
            method,
            instrument,
            amount,
            status: PaymentStatus::Pending,
            failure_code: None,
            reference: None,
            surplus: false,
            refunds: Vec::new(),
            open: None,
            created_at: now,
            updated_at: now,
        }
    }

    pub(crate) fn ask_back(&mut self, amount: Paise, reason: &str, hand: &Hand<'_>) {
        let nth = self.refunds.len() as u32 + 1;
        self.refunds.push(Refund { nth, amount, reason: reason.to_owned(), done: false, asked_at: hand.now() });
    }

    pub(crate) fn save(&mut self, changes: Changes, hand: &Hand<'_>) -> Changes {
        let expect = Expect::Version(self.version);
        self.version += 1;
        self.updated_at = hand.now();
        self.open = self.still_open();
        changes.put(self, expect)
    }

    fn still_open(&self) -> Option<Open> {
        let owed = self.refunds.iter().any(|refund| !refund.done);
        match self.open {
            _ if owed => Some(Open::Refund),
            Some(Open::Refund) => None,
            open => open,
        }
    }

    /// Whether it failed is beyond doubt: nobody has to ask again.
    pub fn past_doubt(&self, hand: &Hand<'_>) -> Changes {
        let mut payment = self.clone();
        payment.open = None;
        payment.save(Changes::new(hand.tenant), hand)
    }

    pub(crate) fn tell(&self, kind: EventKind, hand: &Hand<'_>) -> Event {
        hand.event(kind, self.id, &self.state())
    }

    pub(crate) fn tell_refunded(&self, amount: Paise, hand: &Hand<'_>) -> Event {
        let data = PaymentState { refund_amount: Some(amount), ..self.state() };
        hand.event(EventKind::PaymentRefunded, self.id, &data)
    }

    fn state(&self) -> PaymentState {
        PaymentState {
            payment_id: self.id,
            order_id: self.order_id,
            user_id: self.user_id,
            amount: self.amount,
            refunded: self.refunded(),
            status: self.status,
            failure_code: self.failure_code.clone(),
            refund_amount: None,
        }
    }
}
