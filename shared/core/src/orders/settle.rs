//! What came of an attempt, whoever tells it: the provider's answer, its webhook, or a later question. Said twice, late or
//! out of order it changes nothing a second time.

use super::happen::Said;
use super::order::Order;
use super::status::{Mover, OrderStatus};
use crate::changes::{Changes, Expect};
use crate::event::EventKind;
use crate::hand::Hand;
use crate::inventory::Reservation;
use crate::money::Paise;
use crate::payments::{LedgerEntry, Open, Payment, PaymentStatus};
use crate::ports::Charged;

/// `None` when it is known already. `hold` is the order's reservation, as long as it has one.
pub fn settle(
    order: &Order,
    payment: &Payment,
    charged: &Charged,
    hold: Option<&Reservation>,
    hand: &Hand<'_>,
) -> Option<(Order, Payment, Changes)> {
    let (mut order, mut payment) = (order.clone(), payment.clone());
    let mut changes = Changes::new(hand.tenant);
    match charged {
        Charged::Declined { code } if payment.status == PaymentStatus::Pending => {
            payment.status = PaymentStatus::Failed;
            payment.failure_code = Some(code.clone());
            // A provider may think better of it, and the message that says so be lost.
            payment.open = Some(Open::Doubt);
            if !order.is_paid() && order.paying == Some(payment.id) {
                order.payment_status = PaymentStatus::Failed;
            }
            changes = changes.event(payment.tell(EventKind::PaymentFailed, hand));
        }
        Charged::Captured { reference } if !payment.is_captured() => {
            payment.status = PaymentStatus::Captured;
            payment.failure_code = None;
            payment.reference = Some(reference.clone());
            payment.open = None;
            order.captured = order.captured + payment.amount;
            let wanted = order.status == OrderStatus::PendingPayment && !order.is_paid();
            match hold.filter(|_| wanted) {
                Some(hold) => changes = changes.and(keep(&mut order, &payment, hold, hand)),
                None => changes = changes.and(send_back(&mut payment, hand)),
            }
            let (id, amount) = (payment.id, payment.amount);
            let booked = LedgerEntry::captured(order.id, id, amount, payment.surplus, hand.now());
            changes = changes.put(&booked, Expect::New).event(payment.tell(EventKind::PaymentCaptured, hand));
        }
        _ => return None,
    }
    if order.paying == Some(payment.id) {
        order.paying = None;
    }
    let changes = order.save(changes, hand);
    let changes = payment.save(changes, hand);
    Some((order, payment, changes))
}

/// The order is paid: its stock is sold in the same commit.
fn keep(order: &mut Order, payment: &Payment, hold: &Reservation, hand: &Hand<'_>) -> Changes {
    order.paid_by = Some(payment.id);
    order.payment_status = PaymentStatus::Captured;
    order.go(OrderStatus::Confirmed, Said::by(Mover::Shop), hand);
    order.reservation = None;
    hand.warehouse().sell_hold(hold).event(order.tell(EventKind::OrderConfirmed, hand))
}

/// It came for an order that is cancelled, or paid already. Where nothing was due no provider has anything to give back.
fn send_back(payment: &mut Payment, hand: &Hand<'_>) -> Changes {
    payment.surplus = true;
    if payment.amount == Paise::ZERO {
        return Changes::new(hand.tenant);
    }
    payment.ask_back(payment.amount, "surplus", hand);
    Changes::new(hand.tenant).event(payment.tell(EventKind::RefundDue, hand))
}
