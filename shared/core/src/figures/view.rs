//! How the figures of days are shown.

use schemars::JsonSchema;
use serde::Serialize;

use super::Day;
use crate::money::{Money, Paise};

#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "DayFigures")]
pub struct DayView {
    /// In India: `2026-11-20`.
    pub day: String,
    pub orders_placed: u64,
    pub orders_value: Money,
    pub orders_confirmed: u64,
    pub orders_shipped: u64,
    pub orders_delivered: u64,
    pub orders_cancelled: u64,
    pub payments_captured: u64,
    pub captured: Money,
    pub payments_failed: u64,
    pub refunds: u64,
    pub refunded: Money,
}

#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Summary")]
pub struct SummaryView {
    pub from: String,
    pub to: String,
    /// Of all the days together.
    pub total: DayView,
    /// Newest first; days on which nothing happened are left out.
    pub days: Vec<DayView>,
}

fn money(paise: u64) -> Money {
    Paise::exactly(i64::try_from(paise).unwrap_or(i64::MAX)).into()
}

impl From<&Day> for DayView {
    fn from(day: &Day) -> Self {
        DayView {
            day: day.day.clone(),
            orders_placed: day.placed,
            orders_value: money(day.placed_value),
            orders_confirmed: day.confirmed,
            orders_shipped: day.shipped,
            orders_delivered: day.delivered,
            orders_cancelled: day.cancelled,
            payments_captured: day.captured,
            captured: money(day.captured_value),
            payments_failed: day.payments_failed,
            refunds: day.refunded,
            refunded: money(day.refunded_value),
        }
    }
}

impl SummaryView {
    pub fn of(from: &str, to: &str, days: &[Day]) -> Self {
        let mut total = Day { day: format!("{from}/{to}"), ..Day::default() };
        for day in days {
            total.placed += day.placed;
            total.placed_value += day.placed_value;
            total.confirmed += day.confirmed;
            total.shipped += day.shipped;
            total.delivered += day.delivered;
            total.cancelled += day.cancelled;
            total.captured += day.captured;
            total.captured_value += day.captured_value;
            total.payments_failed += day.payments_failed;
            total.refunded += day.refunded;
            total.refunded_value += day.refunded_value;
        }
        SummaryView {
            from: from.to_owned(),
            to: to.to_owned(),
            total: DayView::from(&total),
            days: days.iter().map(DayView::from).collect(),
        }
    }
}
