//! Each event has its state and each state its events: what a turn's rows say must be told is held against what its
//! events tell.

use std::collections::BTreeMap;

use bharatmart_core::inventory::StockMoved;
use bharatmart_core::orders::{Order, OrderStatus};
use bharatmart_core::payments::{Payment, PaymentMethod, PaymentStatus};
use bharatmart_core::{Event, EventKind, OrderId};

use super::{Broken, Kept, Place, holds};

/// Something that is to be told, or is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Told {
    Of(&'static str, String),
    Stock(Vec<(Place, i64, i64)>),
}

fn told(kind: EventKind, subject: impl ToString) -> Told {
    Told::Of(kind.name(), subject.to_string())
}

pub(super) fn is_adjustment(event: &Event) -> bool {
    event.kind == EventKind::InventoryAdjusted
}

impl Told {
    /// `None`: nothing that a row must stand for. What it says of an order must be so.
    pub(super) fn by(event: &Event, orders: &BTreeMap<OrderId, Order>) -> Result<Option<Self>, Broken> {
        Ok(Some(match event.kind {
            EventKind::OrderPlaced
            | EventKind::OrderConfirmed
            | EventKind::OrderShipped
            | EventKind::OrderDelivered
            | EventKind::OrderCancelled => {
                let order = event.subject.parse().ok().and_then(|id| orders.get(&id));
                let so = order.is_some_and(|order| {
                    event.data["status"] == order.status.name() && event.data["total"] == order.amounts.total.get()
                });
                holds(so, || format!("{} tells what is not so: {}", event.kind.name(), event.data))?;
                told(event.kind, &event.subject)
            }
            EventKind::PaymentOpened
            | EventKind::PaymentCaptured
            | EventKind::PaymentFailed
            | EventKind::RefundDue
            | EventKind::PaymentRefunded => told(event.kind, &event.subject),
            EventKind::StockMoved => {
                let moved = StockMoved::read(event).map_err(|error| Broken(format!("{error}: {}", event.data)))?;
                let line = |line: bharatmart_core::inventory::MovedLine| {
                    ((line.product_id, line.sku, line.location), line.available, line.reserved)
                };
                Told::Stock(moved.lines.into_iter().map(line).collect())
            }
            _ => return Ok(None),
        }))
    }
}

pub(super) fn of_order(before: Option<&Order>, order: &Order) -> Option<Told> {
    let kind = match (before.map(|before| before.status), order.status) {
        (None, _) => EventKind::OrderPlaced,
        (Some(before), now) if before == now => return None,
        (_, OrderStatus::Confirmed) => EventKind::OrderConfirmed,
        (_, OrderStatus::Shipped) => EventKind::OrderShipped,
        (_, OrderStatus::Delivered) => EventKind::OrderDelivered,
        (_, OrderStatus::Cancelled) => EventKind::OrderCancelled,
        _ => return None,
    };
    Some(told(kind, order.id))
}

pub(super) fn of_payment(before: Option<&Payment>, payment: &Payment) -> impl Iterator<Item = Told> {
    let cash = payment.method == PaymentMethod::Cod;
    let was_captured = before.is_some_and(Payment::is_captured);
    let failed = |payment: &Payment| payment.status == PaymentStatus::Failed;
    let asked = before.map_or(0, |before| before.refunds.len());
    let done = |payment: &Payment| payment.refunds.iter().filter(|refund| refund.done).count();
    let counts = [
        (EventKind::PaymentOpened, usize::from(before.is_none() && !cash)),
        (EventKind::PaymentCaptured, usize::from(payment.is_captured() && !was_captured)),
        (EventKind::PaymentFailed, usize::from(!cash && failed(payment) && !before.is_some_and(failed))),
        (EventKind::RefundDue, payment.refunds.len().saturating_sub(asked)),
        (EventKind::PaymentRefunded, done(payment).saturating_sub(before.map_or(0, done))),
    ];
    let id = payment.id;
    counts.into_iter().flat_map(move |(kind, count)| std::iter::repeat_n(told(kind, id), count))
}

/// `true`: an event tells it.
pub(super) fn agree(all: Vec<(Told, bool)>) -> Kept {
    let (mut told, mut due): (Vec<_>, Vec<_>) = all.into_iter().partition(|(_, is_told)| *is_told);
    told.sort();
    due.sort();
    let (mut told, mut due): (Vec<_>, Vec<_>) =
        (told.into_iter().map(|one| one.0).collect(), due.into_iter().map(|one| one.0).collect());
    let both: Vec<Told> = due.iter().filter(|one| told.contains(one)).cloned().collect();
    for one in &both {
        let at = (told.iter().position(|other| other == one), due.iter().position(|other| other == one));
        if let (Some(in_told), Some(in_due)) = at {
            told.remove(in_told);
            due.remove(in_due);
        }
    }
    holds(due.is_empty(), || format!("a state without its events: {due:?}"))?;
    holds(told.is_empty(), || format!("events without their state: {told:?}"))
}
