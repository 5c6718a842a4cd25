//! Money that goes back: asked for first, then done by the provider, then booked.

use super::order::Order;
use crate::changes::{Changes, Expect};
use crate::event::EventKind;
use crate::hand::Hand;
use crate::money::Paise;
use crate::payments::{LedgerEntry, Payment, PaymentStatus};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotRefundable {
    /// What may still be asked back.
    pub refundable: Paise,
}

/// All that is left, or so much of it.
pub fn ask_refund(
    payment: &Payment,
    amount: Option<Paise>,
    reason: &str,
    hand: &Hand<'_>,
) -> Result<(Payment, Changes), NotRefundable> {
    let refundable = payment.refundable();
    let amount = amount.unwrap_or(refundable);
    if amount == Paise::ZERO || amount > refundable {
        return Err(NotRefundable { refundable });
    }
    let mut payment = payment.clone();
    payment.ask_back(amount, reason, hand);
    let changes = payment.save(Changes::new(hand.tenant), hand);
    let told = payment.tell(EventKind::RefundDue, hand);
    Ok((payment, changes.event(told)))
}

/// The provider has given it back. `None` when that is booked already.
pub fn refund_done(order: &Order, payment: &Payment, nth: u32, hand: &Hand<'_>) -> Option<(Order, Payment, Changes)> {
    let (mut order, mut payment) = (order.clone(), payment.clone());
    let refund = payment.refunds.iter_mut().find(|refund| refund.nth == nth && !refund.done)?;
    refund.done = true;
    let amount = refund.amount;
    payment.status = match payment.refunded() == payment.amount {
        true => PaymentStatus::Refunded,
        false => PaymentStatus::PartiallyRefunded,
    };
    order.refunded = order.refunded + amount;
    if order.paid_by == Some(payment.id) {
        order.payment_status = payment.status;
    }
    let booked = LedgerEntry::refunded(order.id, payment.id, nth, amount, payment.surplus, hand.now());
    let changes = order.save(Changes::new(hand.tenant), hand);
    let changes = payment.save(changes, hand).put(&booked, Expect::New);
    let told = payment.tell_refunded(amount, hand);
    Some((order, payment, changes.event(told)))
}
