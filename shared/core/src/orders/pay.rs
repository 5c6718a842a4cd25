//! Opening an attempt to pay: one at a time, for the order's amount.

use super::order::Order;
use super::status::OrderStatus;
use crate::changes::{Changes, Expect};
use crate::event::EventKind;
use crate::hand::Hand;
use crate::payments::{Open, Payment, PaymentMethod, PaymentStatus};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotPayable {
    AlreadyPaid,
    /// Another attempt is under way.
    InProgress,
    /// It is cancelled, or paid on delivery.
    Closed,
}

impl Order {
    /// Whether an attempt may be opened.
    pub fn payable(&self) -> Result<(), NotPayable> {
        match self {
            Order { paid_by: Some(_), .. } => Err(NotPayable::AlreadyPaid),
            Order { status, method, .. } if *status != OrderStatus::PendingPayment || *method == PaymentMethod::Cod => {
                Err(NotPayable::Closed)
            }
            Order { paying: Some(_), .. } => Err(NotPayable::InProgress),
            _ => Ok(()),
        }
    }
}

pub fn open_attempt(
    order: &Order,
    method: PaymentMethod,
    instrument: Option<String>,
    hand: &Hand<'_>,
) -> Result<(Order, Payment, Changes), NotPayable> {
    order.payable()?;
    let mut payment = Payment::new(order.id, order.user_id, method, instrument, order.amounts.total, hand);
    payment.open = Some(Open::Charge);
    let mut order = order.clone();
    order.method = method;
    order.payment_status = PaymentStatus::Pending;
    order.paying = Some(payment.id);
    order.payments.push(payment.id);
    let changes = order.save(Changes::new(hand.tenant), hand).put(&payment, Expect::New);
    // Looked after even if whoever asked never comes back.
    let told = payment.tell(EventKind::PaymentOpened, hand);
    Ok((order, payment, changes.event(told)))
}
