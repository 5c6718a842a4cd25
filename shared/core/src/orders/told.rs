//! What customers are told of what happened to their orders.

use super::order::Order;
use crate::event::{Event, EventKind};
use crate::notice::{LineTold, Notice, OrderNews, OrderTold};
use crate::payments::PaymentState;

impl Order {
    /// As it is now.
    pub fn told(&self) -> OrderTold {
        let to = &self.ship_to;
        let parts = [Some(&to.line1), to.line2.as_ref(), Some(&to.city), Some(&to.state)];
        let address: Vec<_> = parts.into_iter().flatten().map(String::as_str).collect();
        OrderTold {
            id: self.id.to_string(),
            number: self.number.clone(),
            placed_on: self.placed_at,
            lines: self
                .lines
                .iter()
                .map(|line| LineTold {
                    name: line.name.clone(),
                    quantity: line.quantity,
                    total: line.amounts.subtotal.into(),
                })
                .collect(),
            subtotal: self.amounts.subtotal.into(),
            discount: self.amounts.discount.into(),
            delivery: self.amounts.delivery.into(),
            total: self.amounts.total.into(),
            address: format!("{} {}", address.join(", "), to.pincode),
            payment_method: self.method.name().to_owned(),
        }
    }

    /// Has the code sent that confirms an order to be paid at the door.
    pub fn cod_code(&self) -> Notice {
        Notice::CodCode {
            user_id: self.user_id,
            order_id: self.id.to_string(),
            number: self.number.clone(),
            phone: self.ship_to.phone.clone(),
        }
    }

    /// `None`: nobody is told of it.
    pub fn notice(&self, of: &Event) -> Option<Notice> {
        let last = self.timeline.last();
        let news = match of.kind {
            EventKind::OrderPlaced => OrderNews::Placed,
            EventKind::PaymentFailed if self.status == super::OrderStatus::PendingPayment => OrderNews::PaymentFailed,
            EventKind::OrderConfirmed => OrderNews::Confirmed,
            EventKind::OrderShipped => {
                let shipped = self.timeline.iter().find(|moved| moved.to == super::OrderStatus::Shipped);
                OrderNews::Shipped { carrier: None, tracking: shipped.and_then(|moved| moved.tracking.clone()) }
            }
            EventKind::OrderDelivered => OrderNews::Delivered,
            EventKind::OrderCancelled => OrderNews::Cancelled { reason: last.and_then(|moved| moved.reason.clone()) },
            EventKind::PaymentRefunded => {
                let amount = of.told().ok().and_then(|payment: PaymentState| payment.refund_amount);
                OrderNews::Refunded { amount: amount.unwrap_or_default().into() }
            }
            _ => return None,
        };
        Some(Notice::order(self.user_id, news, self.told()))
    }
}
