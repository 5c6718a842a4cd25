//! An order that is not to be: its stock goes back, what was paid with it, and its coupon may be used again; each once.

use std::time::Duration;

use super::cod::one_less;
use super::happen::{NotAllowed, Said};
use super::order::Order;
use super::place::unused;
use super::status::OrderStatus;
use crate::changes::{Changes, Expect};
use crate::event::EventKind;
use crate::hand::Hand;
use crate::inventory::{Piece, Reservation};
use crate::money::Paise;
use crate::payments::{Payment, PaymentMethod, PaymentStatus};

/// What of the order must go back.
#[derive(Clone, Copy, Debug)]
pub enum Stock<'a> {
    /// It is held still.
    Held(&'a Reservation),
    /// It was sold; these are the pieces that still have a place to lie.
    Sold(&'a [Piece]),
}

/// `paid` is the payment whose money it keeps, or will on delivery.
pub fn cancel(
    order: &Order,
    stock: Stock<'_>,
    paid: Option<&Payment>,
    said: Said<'_>,
    hand: &Hand<'_>,
) -> Result<(Order, Changes), NotAllowed> {
    order.check(OrderStatus::Cancelled, said.by)?;
    let mut order = order.clone();
    order.go(OrderStatus::Cancelled, said, hand);
    order.reservation = None;
    let warehouse = hand.warehouse();
    let reason = said.reason.unwrap_or("cancelled");
    let mut changes = match stock {
        Stock::Held(hold) => warehouse.release_hold(hold, reason),
        Stock::Sold([]) => Changes::new(hand.tenant),
        Stock::Sold(pieces) => warehouse.take_back(&order.id.to_string(), pieces, reason),
    };
    changes = unused(&order).into_iter().chain(one_less(&order)).fold(changes, Changes::write);
    if let Some(paid) = paid {
        let mut paid = paid.clone();
        if paid.refundable() > Paise::ZERO {
            paid.ask_back(paid.refundable(), "cancelled", hand);
            changes = paid.save(changes, hand).event(paid.tell(EventKind::RefundDue, hand));
        } else if order.method == PaymentMethod::Cod && !paid.is_captured() {
            paid.status = PaymentStatus::Failed;
            paid.failure_code = Some("cancelled".to_owned());
            order.payment_status = PaymentStatus::Failed;
            changes = paid.save(changes, hand);
        }
    }
    let changes = order.save(changes, hand);
    let told = order.tell(EventKind::OrderCancelled, hand);
    Ok((order, changes.event(told)))
}

/// So much longer an order is held while nobody knows whether it was paid; at most so long in all.
const LONGER: Duration = Duration::from_secs(5 * 60);
const LONGEST: Duration = Duration::from_secs(30 * 60);

/// `None` when it has had all the time there is.
pub fn give_time(order: &Order, hold: &Reservation, hand: &Hand<'_>) -> Option<Changes> {
    let until = hand.now().after(LONGER).min(order.placed_at.after(LONGEST));
    if until <= hand.now() {
        return None;
    }
    let (mut order, mut hold) = (order.clone(), hold.clone());
    order.reserved_until = until;
    let expect = Expect::Version(hold.version);
    hold.version += 1;
    hold.held_until = until;
    Some(order.save(Changes::new(hand.tenant), hand).put(&hold, expect))
}
