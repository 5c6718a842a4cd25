//! What every change of a payment does: the next version, what is still open of it, the event that tells of it.

use serde_json::json;

use super::{Open, Payment, PaymentMethod, PaymentStatus, Refund};
use crate::changes::{Changes, Expect};
use crate::event::{Event, EventKind};
use crate::hand::Hand;
use crate::ids::{OrderId, PaymentId, UserId};
use crate::money::Paise;

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
        let data = json!({
            "payment_id": self.id,
            "order_id": self.order_id,
            "user_id": self.user_id,
            "amount": self.amount.get(),
            "refunded": self.refunded().get(),
            "status": self.status,
            "failure_code": self.failure_code,
        });
        hand.event(kind, self.id, data)
    }
}
