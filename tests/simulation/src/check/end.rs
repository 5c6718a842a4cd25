//! What must hold when faults have stopped and nothing is under way any more.

use std::collections::{BTreeMap, BTreeSet};

use bharatmart_core::figures::{self, day_of};
use bharatmart_core::inventory::{StockEntry, StockLevel, StockMoved};
use bharatmart_core::payments::PaymentMethod;
use bharatmart_core::record::Listing;
use bharatmart_core::{Event, EventKind, OrderId, Paise, RecordKey, queues};

use super::letters::letters;
use super::{Broken, Checker, Kept, Place, holds};
use crate::provider::ProvidersWorld;

/// Nothing is held, open, unsent or waiting in a queue.
pub fn is_quiet(checker: &Checker) -> Kept {
    let shop = &checker.shop;
    holds(checker.reservations.is_empty(), || format!("held still: {:?}", checker.reservations.keys()))?;
    let mut open = checker.payments.values().filter(|payment| payment.open.is_some());
    holds(open.next().is_none(), || {
        let open = checker.payments.values().filter(|payment| payment.open.is_some());
        format!("open still: {:?}", open.map(|payment| (payment.id, payment.open)).collect::<Vec<_>>())
    })?;
    let busy = shop.lanes.busy();
    holds(busy.is_empty(), || format!("in queues still: {busy:?}"))?;
    let unsent = shop.under.unsent().len() + shop.providers.memory.unsent().len();
    holds(unsent == 0, || format!("{unsent} events were never sent"))
}

pub fn at_the_end(checker: &Checker) -> Kept {
    for order in checker.orders.values() {
        checker.money(order)?;
        checker.hold(order)?;
        checker.uses(order)?;
        let waits = !order.status.is_held() && order.paying.is_none();
        holds(waits, || format!("{} is left at {}, paying {:?}", order.id, order.status.name(), order.paying))?;
        let kept = order.is_paid() || order.status != bharatmart_core::orders::OrderStatus::Cancelled;
        holds(kept || order.kept() == Paise::ZERO, || format!("{} is cancelled and keeps {}", order.id, order.kept()))?;
    }
    checker.stock()?;
    acknowledged(checker)?;
    provider(checker)?;
    days(checker)?;
    letters(checker)?;
    books(checker)
}

/// Who was told that an order was taken has it.
fn acknowledged(checker: &Checker) -> Kept {
    for (note, id) in checker.shop.acknowledged().iter() {
        let order = checker.orders.get(id);
        let theirs = order.is_some_and(|order| order.note.as_ref() == Some(note));
        holds(theirs, || format!("{id} was acknowledged to {note} and is not there"))?;
        let stored: Option<bharatmart_core::orders::Order> =
            checker.shop.under.find(&checker.shop.tenant, &RecordKey::alone(id));
        holds(stored.as_ref() == order, || format!("{id} is stored otherwise than it was written"))?;
    }
    Ok(())
}

/// What the provider did is what the shop has booked.
fn provider(checker: &Checker) -> Kept {
    let mut theirs: BTreeMap<OrderId, (Paise, Paise)> = BTreeMap::new();
    for charge in checker.shop.providers.charges() {
        let (captured, refunded) = ProvidersWorld::moved(&charge);
        let sums = theirs.entry(charge.order_id).or_default();
        *sums = (sums.0 + captured, sums.1 + refunded);
    }
    for order in checker.orders.values().filter(|order| order.method != PaymentMethod::Cod) {
        let (captured, refunded) = theirs.remove(&order.id).unwrap_or_default();
        let agree = (captured, refunded) == (order.captured, order.refunded);
        holds(agree, || {
            let (ours, back) = (order.captured, order.refunded);
            format!(
                "the provider took {captured} for {} and gave {refunded} back, the shop booked {ours} and {back}",
                order.id
            )
        })?;
    }
    holds(theirs.is_empty(), || format!("the provider charged for {:?}", theirs.keys()))
}

/// Each day's figures are what happened on it: of all that reached the queue.
fn days(checker: &Checker) -> Kept {
    let shop = &checker.shop;
    let mut expected: BTreeMap<String, figures::Day> = BTreeMap::new();
    for event in shop.under.events().iter().filter(|event| shop.lanes.had(&queues::ANALYTICS, event.id)) {
        count(expected.entry(day_of(event.time)).or_default(), event);
    }
    let counted: Vec<figures::Day> = shop.under.all(&shop.tenant, Listing::All);
    for day in &counted {
        let expected = expected.remove(&day.day).unwrap_or_default();
        let expected = figures::Day { day: day.day.clone(), version: day.version, ..expected };
        holds(*day == expected, || format!("counted is {day:?}, happened is {expected:?}"))?;
    }
    holds(expected.is_empty(), || format!("nobody counted {:?}", expected.keys()))
}

fn count(day: &mut figures::Day, event: &Event) {
    let figure = |name: &str| event.data[name].as_u64().unwrap_or_default();
    match event.kind {
        EventKind::OrderPlaced => (day.placed, day.placed_value) = (day.placed + 1, day.placed_value + figure("total")),
        EventKind::OrderConfirmed => day.confirmed += 1,
        EventKind::OrderShipped => day.shipped += 1,
        EventKind::OrderDelivered => day.delivered += 1,
        EventKind::OrderCancelled => day.cancelled += 1,
        EventKind::PaymentCaptured => {
            (day.captured, day.captured_value) = (day.captured + 1, day.captured_value + figure("amount"));
        }
        EventKind::PaymentFailed => day.payments_failed += 1,
        EventKind::PaymentRefunded => {
            (day.refunded, day.refunded_value) = (day.refunded + 1, day.refunded_value + figure("refund_amount"));
        }
        _ => {}
    }
}

/// The books of the warehouse sum to what moved, and how each SKU is said to stand is how it stands.
fn books(checker: &Checker) -> Kept {
    let shop = &checker.shop;
    let mut moved: BTreeMap<Place, (i64, i64)> = BTreeMap::new();
    let mut lost = BTreeSet::new();
    for event in shop.under.events().iter().filter(|event| event.kind == EventKind::StockMoved) {
        let told = StockMoved::read(event).map_err(|error| Broken(error.to_string()))?;
        if !shop.lanes.had(&queues::STOCK, event.id) {
            lost.extend(told.lines.into_iter().map(|line| line.sku));
            continue;
        }
        for line in told.lines {
            let sums = moved.entry((line.product_id, line.sku, line.location)).or_default();
            *sums = (sums.0 + line.available, sums.1 + line.reserved);
        }
    }
    for (product, sku) in &shop.skus {
        let mut entered: BTreeMap<Place, (i64, i64)> = BTreeMap::new();
        for entry in shop.under.all::<StockEntry>(&shop.tenant, Listing::Within(sku.as_str())) {
            let sums = entered.entry((*product, sku.clone(), entry.location)).or_default();
            *sums = (sums.0 + entry.available, sums.1 + entry.reserved);
        }
        let told: BTreeMap<_, _> =
            moved.iter().filter(|(place, _)| place.1 == *sku).map(|(place, sums)| (place.clone(), *sums)).collect();
        holds(entered == told, || format!("the books of {sku} say {entered:?}, told was {told:?}"))?;
        let level: Option<StockLevel> = shop.under.find(&shop.tenant, &RecordKey::alone(sku));
        let available = shop.under.levels(&shop.tenant, *product, sku).map(|levels| levels.available());
        let stands = lost.contains(sku) || level.as_ref().map(|level| level.available) == available;
        holds(stands, || format!("{sku} is said to stand at {level:?}, it has {available:?}"))?;
    }
    Ok(())
}
