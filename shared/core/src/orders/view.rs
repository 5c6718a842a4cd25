//! How an order is shown: to its customer, and to whoever runs the shop.

use schemars::JsonSchema;
use serde::Serialize;

use super::order::{Moved, Order, OrderLine};
use super::ship_to::ShipTo;
use super::status::{Mover, OrderStatus};
use crate::cart::AmountsView;
use crate::money::Money;
use crate::payments::{PaymentMethod, PaymentStatus};
use crate::pricing::LineAmounts;

#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Order")]
pub struct OrderView {
    pub id: String,
    /// What to call it on the phone: `BM-2026-000001`.
    pub number: String,
    pub status: OrderStatus,
    pub lines: Vec<OrderLineView>,
    pub amounts: AmountsView,
    pub payment: OrderPaymentView,
    pub ship_to: ShipTo,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub coupon: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delivery_slot: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gstin: Option<String>,
    /// Until when its stock is held; null once it is not.
    pub reserved_until: Option<String>,
    /// Where whoever asks may move it from here.
    pub allowed_transitions: Vec<OrderStatus>,
    pub user_id: String,
    pub placed_at: String,
    pub updated_at: String,
    pub version: u64,
}

#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "OrderLine")]
pub struct OrderLineView {
    pub sku: String,
    pub product_id: String,
    pub name: String,
    pub hsn: String,
    pub gst_rate: u32,
    pub unit_price: Money,
    pub quantity: u32,
    #[serde(flatten)]
    pub amounts: AmountsView,
}

/// How it stands with its money, over all attempts.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "OrderPayment")]
pub struct OrderPaymentView {
    pub method: PaymentMethod,
    pub status: PaymentStatus,
    /// The attempt that is kept, or else the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    pub captured: Money,
    pub refunded: Money,
}

#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "TimelineEntry")]
pub struct MovedView {
    pub at: String,
    pub to: OrderStatus,
    pub by: Mover,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tracking: Option<String>,
}

impl OrderView {
    /// `to`: as whom it is looked at.
    pub fn of(order: &Order, to: Mover) -> Self {
        let amounts = order.amounts;
        let payment = order.paid_by.or_else(|| order.payments.last().copied());
        OrderView {
            id: order.id.to_string(),
            number: order.number.clone(),
            status: order.status,
            lines: order.lines.iter().map(OrderLineView::of).collect(),
            amounts: AmountsView::of(&LineAmounts {
                subtotal: amounts.subtotal,
                discount: amounts.discount,
                delivery: amounts.delivery,
                total: amounts.total,
                tax: amounts.tax,
            }),
            payment: OrderPaymentView {
                method: order.method,
                status: order.payment_status,
                id: payment.map(|id| id.to_string()),
                captured: order.captured.into(),
                refunded: order.refunded.into(),
            },
            ship_to: order.ship_to.clone(),
            coupon: order.coupon.clone(),
            delivery_slot: order.delivery_slot.clone(),
            note: order.note.clone(),
            gstin: order.gstin.clone(),
            reserved_until: order.status.is_held().then(|| order.reserved_until.to_string()),
            allowed_transitions: order.status.next(to),
            user_id: order.user_id.to_string(),
            placed_at: order.placed_at.to_string(),
            updated_at: order.updated_at.to_string(),
            version: order.version,
        }
    }
}

impl OrderLineView {
    fn of(line: &OrderLine) -> Self {
        OrderLineView {
            sku: line.sku.to_string(),
            product_id: line.product_id.to_string(),
            name: line.name.clone(),
            hsn: line.hsn.as_str().to_owned(),
            gst_rate: line.gst_rate.per_cent().into(),
            unit_price: line.unit_price.into(),
            quantity: line.quantity,
            amounts: AmountsView::of(&line.amounts),
        }
    }
}

impl From<&Moved> for MovedView {
    fn from(moved: &Moved) -> Self {
        MovedView {
            at: moved.at.to_string(),
            to: moved.to,
            by: moved.by,
            reason: moved.reason.clone(),
            tracking: moved.tracking.clone(),
        }
    }
}
