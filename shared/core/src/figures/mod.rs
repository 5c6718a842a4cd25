//! What the shop did by day, as India's calendar has it: counted from what happened, each event once. A batch of events is
//! one commit that holds the day's figures and the marks of its events.

mod keep;
mod view;

use std::collections::BTreeMap;
use std::time::Duration;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

pub use keep::keep;
pub use view::{DayView, SummaryView};

use crate::changes::{Applied, Changes, Expect};
use crate::event::{Event, EventKind};
use crate::money::Paise;
use crate::orders::OrderState;
use crate::payments::PaymentState;
use crate::record::{Kind, Record, RecordKey};
use crate::tenant::Tenant;
use crate::time::{IST, Timestamp};

pub static DAY: Kind = Kind { name: "day", within: None, id: "day", listed_by: None, listed: true };

/// So long an event is remembered as counted; no queue gives one out again later.
const REMEMBERED: Duration = Duration::from_secs(15 * 24 * 3600);

/// Sums are in paise.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Day {
    /// `2026-11-20`
    pub day: String,
    pub version: u64,
    pub placed: u64,
    pub placed_value: u64,
    pub confirmed: u64,
    pub shipped: u64,
    pub delivered: u64,
    pub cancelled: u64,
    pub captured: u64,
    pub captured_value: u64,
    pub payments_failed: u64,
    pub refunded: u64,
    pub refunded_value: u64,
}

impl Record for Day {
    const KIND: &'static Kind = &DAY;
}

/// On which day in India it happened.
pub fn day_of(at: Timestamp) -> String {
    at.after(IST).to_string().chars().take(10).collect()
}

impl Day {
    pub fn key(day: &str) -> RecordKey {
        RecordKey::alone(day)
    }

    fn count(&mut self, event: &Event) {
        match event.kind {
            EventKind::OrderPlaced => {
                self.placed += 1;
                self.placed_value += paise(event, |order: OrderState| order.total);
            }
            EventKind::OrderConfirmed => self.confirmed += 1,
            EventKind::OrderShipped => self.shipped += 1,
            EventKind::OrderDelivered => self.delivered += 1,
            EventKind::OrderCancelled => self.cancelled += 1,
            EventKind::PaymentCaptured => {
                self.captured += 1;
                self.captured_value += paise(event, |payment: PaymentState| payment.amount);
            }
            EventKind::PaymentFailed => self.payments_failed += 1,
            EventKind::PaymentRefunded => {
                self.refunded += 1;
                self.refunded_value += paise(event, |payment: PaymentState| payment.refund_amount.unwrap_or_default());
            }
            _ => {}
        }
    }
}

/// Of what the event tells.
fn paise<D: DeserializeOwned + 'static>(event: &Event, sum: impl Fn(D) -> Paise) -> u64 {
    event.told().map_or(0, |told| sum(told).get().unsigned_abs())
}

/// Events of one tenant by the day they are of.
pub fn by_day<'a>(events: impl IntoIterator<Item = &'a Event>) -> BTreeMap<String, Vec<&'a Event>> {
    let mut days: BTreeMap<String, Vec<&Event>> = BTreeMap::new();
    for event in events {
        days.entry(day_of(event.time)).or_default().push(event);
    }
    days
}

/// Counts these events, all of `day`, into its figures as they were read.
pub fn count(
    tenant: &Tenant,
    consumer: &'static str,
    day: &str,
    before: Option<&Day>,
    events: &[&Event],
    now: Timestamp,
) -> Changes {
    let (mut after, expect) = match before {
        Some(before) => (before.clone(), Expect::Version(before.version)),
        None => (Day { day: day.to_owned(), ..Day::default() }, Expect::New),
    };
    after.version += 1;
    events.iter().for_each(|event| after.count(event));
    let mut changes = Changes::new(tenant).put(&after, expect);
    let expires_at = now.after(REMEMBERED);
    changes.applied = events.iter().map(|event| Applied { consumer, event: event.id, expires_at }).collect();
    changes
}
