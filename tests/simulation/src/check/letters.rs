//! What customers are told of their orders: each thing that happened once.

use std::collections::BTreeMap;

use bharatmart_core::notice::OrderNews;
use bharatmart_core::{Event, EventKind, Notice, queues};

use super::{Broken, Checker, Kept, holds};

/// What is told of, as it happened.
fn news(event: &Event) -> Option<EventKind> {
    match event.kind {
        EventKind::OrderPlaced
        | EventKind::PaymentFailed
        | EventKind::OrderConfirmed
        | EventKind::OrderShipped
        | EventKind::OrderDelivered
        | EventKind::OrderCancelled
        | EventKind::PaymentRefunded => Some(event.kind),
        _ => None,
    }
}

/// What a notice tells of.
fn told(news: &OrderNews) -> EventKind {
    match news {
        OrderNews::Placed => EventKind::OrderPlaced,
        OrderNews::PaymentFailed => EventKind::PaymentFailed,
        OrderNews::Confirmed => EventKind::OrderConfirmed,
        OrderNews::Shipped { .. } => EventKind::OrderShipped,
        OrderNews::Delivered => EventKind::OrderDelivered,
        OrderNews::Cancelled { .. } => EventKind::OrderCancelled,
        OrderNews::Refunded { .. } => EventKind::PaymentRefunded,
    }
}

/// Of all that reached the queue. Of a payment that failed nobody is told once the order waits for none.
pub(super) fn letters(checker: &Checker) -> Kept {
    let shop = &checker.shop;
    let mut happened: BTreeMap<(String, &'static str), (u64, u64)> = BTreeMap::new();
    for event in shop.under.events() {
        if let Some(kind) = news(&event).filter(|_| shop.lanes.had(&queues::ORDERS, event.id)) {
            let order = event.data["order_id"].as_str().unwrap_or_default().to_owned();
            happened.entry((order, kind.name())).or_default().0 += 1;
        }
        if event.kind == EventKind::NotificationRequested
            && let Notice::Order(notice) = Notice::read(&event).map_err(|error| Broken(error.to_string()))?
        {
            happened.entry((notice.order.id, told(&notice.news).name())).or_default().1 += 1;
        }
    }
    for ((order, what), (happened, told)) in happened {
        let may_be_kept = what == EventKind::PaymentFailed.name() && told < happened;
        holds(told == happened || may_be_kept, || format!("{what} of {order} happened {happened} times, told {told}"))?;
    }
    Ok(())
}
