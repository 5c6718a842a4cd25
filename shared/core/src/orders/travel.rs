//! What moves an order on: its customer confirms it, staff and couriers bring it to the door. Cancelling is not one of
//! these moves.

use super::cod::one_less;
use super::happen::{NotAllowed, Said};
use super::order::Order;
use super::status::{Mover, OrderStatus};
use crate::changes::{Changes, Expect};
use crate::event::EventKind;
use crate::hand::Hand;
use crate::inventory::Reservation;
use crate::payments::{LedgerEntry, Payment, PaymentStatus};

/// Its customer has said the code: the stock is sold.
pub fn confirm_cod(order: &Order, hold: &Reservation, hand: &Hand<'_>) -> Result<(Order, Changes), NotAllowed> {
    order.check(OrderStatus::Confirmed, Mover::Customer)?;
    let mut order = order.clone();
    order.go(OrderStatus::Confirmed, Said::by(Mover::Customer), hand);
    order.reservation = None;
    let changes = order.save(hand.warehouse().sell_hold(hold), hand);
    let told = order.tell(EventKind::OrderConfirmed, hand);
    Ok((order, changes.event(told)))
}

/// `cash` is the payment of an order that is paid on delivery.
pub fn travel(
    order: &Order,
    to: OrderStatus,
    cash: Option<&Payment>,
    said: Said<'_>,
    hand: &Hand<'_>,
) -> Result<(Order, Changes), NotAllowed> {
    order.check(to, said.by)?;
    let mut order = order.clone();
    order.go(to, said, hand);
    let mut changes = Changes::new(hand.tenant);
    if let Some(cash) = cash.filter(|cash| to == OrderStatus::Delivered && !cash.is_captured()) {
        changes = collected(&mut order, cash, changes, hand);
    }
    if to.is_final() {
        changes = one_less(&order).into_iter().fold(changes, Changes::write);
    }
    changes = order.save(changes, hand);
    let kind = match to {
        OrderStatus::Shipped => EventKind::OrderShipped,
        OrderStatus::Delivered => EventKind::OrderDelivered,
        _ => return Ok((order, changes)),
    };
    let told = order.tell(kind, hand);
    Ok((order, changes.event(told)))
}

/// The courier has the money.
fn collected(order: &mut Order, cash: &Payment, changes: Changes, hand: &Hand<'_>) -> Changes {
    let mut cash = cash.clone();
    cash.status = PaymentStatus::Captured;
    order.captured = order.captured + cash.amount;
    order.paid_by = Some(cash.id);
    order.payment_status = PaymentStatus::Captured;
    let booked = LedgerEntry::captured(order.id, cash.id, cash.amount, false, hand.now());
    let changes = cash.save(changes, hand).put(&booked, Expect::New);
    changes.event(cash.tell(EventKind::PaymentCaptured, hand))
}
