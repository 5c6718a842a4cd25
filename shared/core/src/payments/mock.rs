//! What the mock payment provider remembers, and how it answers to what it is paid with. It is a stand-in for a real one,
//! with every way a real one has of ending badly.

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::payment::PaymentMethod;
use crate::ids::{OrderId, PaymentId};
use crate::money::Paise;
use crate::record::{Kind, Record};
use crate::time::Timestamp;

pub static MOCK_CHARGE: Kind =
    Kind { name: "mock_charge", within: None, id: "payment_id", listed_by: None, listed: false };

/// How a charge ends; told by what it is paid with: `decline@upi`, `tok_decline`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MockOutcome {
    Success,
    Decline,
    /// Captured after five seconds.
    Slow,
    /// Captured, and the answer is lost.
    Timeout,
    /// Declined; later a webhook says that it was captured.
    Late,
    /// Captured; the webhook comes twice, out of order.
    Double,
}

impl MockOutcome {
    pub const ALL: &'static [MockOutcome] = &[
        MockOutcome::Success,
        MockOutcome::Decline,
        MockOutcome::Slow,
        MockOutcome::Timeout,
        MockOutcome::Late,
        MockOutcome::Double,
    ];

    pub const fn name(self) -> &'static str {
        match self {
            MockOutcome::Success => "success",
            MockOutcome::Decline => "decline",
            MockOutcome::Slow => "slow",
            MockOutcome::Timeout => "timeout",
            MockOutcome::Late => "late",
            MockOutcome::Double => "double",
        }
    }

    /// What is paid with anything else succeeds, but for so many of a million attempts, the same ones whenever asked.
    pub fn of(instrument: Option<&str>, payment: PaymentId, failing_per_million: u32) -> Self {
        let word = instrument.map(|text| text.split('@').next().unwrap_or(text));
        let word = word.map(|word| word.strip_prefix("tok_").unwrap_or(word));
        let scripted = Self::ALL.iter().find(|outcome| word == Some(outcome.name()));
        match scripted {
            Some(outcome) => *outcome,
            None if chance(payment) < failing_per_million => MockOutcome::Decline,
            None => MockOutcome::Success,
        }
    }

    pub const fn captures(self) -> bool {
        matches!(self, MockOutcome::Success | MockOutcome::Slow | MockOutcome::Timeout | MockOutcome::Double)
    }
}

/// Of a million, from the random part of the id.
fn chance(payment: PaymentId) -> u32 {
    let mixed = (payment.uuid().as_u128() as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    ((mixed >> 32) % 1_000_000) as u32
}

/// How long after it was declined the money of a late one comes.
pub const LATE_AFTER: Duration = Duration::from_secs(2);

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MockCharge {
    pub payment_id: PaymentId,
    pub version: u64,
    pub order_id: OrderId,
    pub method: PaymentMethod,
    pub amount: Paise,
    pub outcome: MockOutcome,
    /// The refunds that were made, by their keys.
    pub refunds: Vec<MockRefund>,
    pub charged_at: Timestamp,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MockRefund {
    pub key: String,
    pub amount: Paise,
}

impl Record for MockCharge {
    const KIND: &'static Kind = &MOCK_CHARGE;
}

impl MockCharge {
    pub fn is_captured(&self, now: Timestamp) -> bool {
        match self.outcome {
            MockOutcome::Late => now >= self.charged_at.after(LATE_AFTER),
            outcome => outcome.captures(),
        }
    }

    pub fn refunded(&self) -> Paise {
        self.refunds.iter().map(|refund| refund.amount).sum()
    }

    pub fn reference(&self) -> String {
        format!("mock_{}", self.payment_id.uuid().simple())
    }
}

/// What the provider is to tell by webhook: the data of `mock.webhook_due.v1`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct WebhookDue {
    pub payment_id: PaymentId,
    /// What is told one after another, in this order.
    pub says: Vec<Said>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Said {
    Pending,
    Captured,
    Declined,
}

impl WebhookDue {
    /// A provider tells what it did, of a late one what it first did not do.
    pub fn of(charge: &MockCharge) -> Self {
        let says = match charge.outcome {
            MockOutcome::Decline => vec![Said::Declined],
            MockOutcome::Double => vec![Said::Captured, Said::Pending, Said::Captured],
            _ => vec![Said::Captured],
        };
        WebhookDue { payment_id: charge.payment_id, says }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn what_it_is_paid_with_tells_how_it_ends() {
        let payment = PaymentId::from_uuid(Uuid::from_u128(7));
        for outcome in MockOutcome::ALL {
            assert_eq!(MockOutcome::of(Some(&format!("{}@upi", outcome.name())), payment, 0), *outcome);
            assert_eq!(MockOutcome::of(Some(&format!("tok_{}", outcome.name())), payment, 1_000_000), *outcome);
        }
        assert_eq!(MockOutcome::of(Some("asha@okbank"), payment, 0), MockOutcome::Success);
        assert_eq!(MockOutcome::of(None, payment, 1_000_000), MockOutcome::Decline);
    }

    #[test]
    fn about_as_many_fail_as_are_to() {
        let ids = (0..10_000_u128).map(|nth| PaymentId::from_uuid(Uuid::from_u128(nth * 7_919 + 13)));
        let failed = ids.filter(|id| MockOutcome::of(None, *id, 100_000) == MockOutcome::Decline).count();
        assert!((800..1_200).contains(&failed), "{failed} of 10 000");
    }
}
