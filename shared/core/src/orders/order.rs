//! An order as it is kept: what was bought, at which price, where it goes, how it stands with its money, and every move
//! it made. One record a change, under one version: whatever happens to an order happens after everything before it.

use serde::{Deserialize, Serialize};

use super::ship_to::ShipTo;
use super::status::{Mover, OrderStatus};
use crate::catalog::{GstRate, Hsn};
use crate::ids::{OrderId, PaymentId, ProductId, ReservationId, UserId};
use crate::inventory::Piece;
use crate::money::Paise;
use crate::payments::{PaymentMethod, PaymentStatus};
use crate::pricing::{LineAmounts, Tax};
use crate::record::{Kind, Record};
use crate::text::Sku;
use crate::time::Timestamp;

pub static ORDER: Kind = Kind { name: "order", within: None, id: "id", listed_by: Some("user_id"), listed: true };

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Order {
    pub id: OrderId,
    pub version: u64,
    /// `BM-2026-000001`.
    pub number: String,
    pub user_id: UserId,
    pub status: OrderStatus,
    pub method: PaymentMethod,
    /// How it stands with its money, over all attempts.
    pub payment_status: PaymentStatus,
    pub lines: Vec<OrderLine>,
    pub amounts: OrderAmounts,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub coupon: Option<String>,
    pub ship_to: ShipTo,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delivery_slot: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gstin: Option<String>,
    /// Where its stock was taken from.
    pub pieces: Vec<Piece>,
    /// While its stock is held; gone once it is sold or given back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reservation: Option<ReservationId>,
    pub reserved_until: Timestamp,
    /// Every attempt to pay it.
    pub payments: Vec<PaymentId>,
    /// The attempt that is under way.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub paying: Option<PaymentId>,
    /// The attempt whose money is kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub paid_by: Option<PaymentId>,
    pub captured: Paise,
    pub refunded: Paise,
    pub timeline: Vec<Moved>,
    pub placed_at: Timestamp,
    pub updated_at: Timestamp,
}

impl Record for Order {
    const KIND: &'static Kind = &ORDER;
}

/// A line as it was bought: what the product says later changes nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderLine {
    pub sku: Sku,
    pub product_id: ProductId,
    pub name: String,
    pub hsn: Hsn,
    pub gst_rate: GstRate,
    pub unit_price: Paise,
    pub quantity: u32,
    pub amounts: LineAmounts,
}

/// `subtotal − discount + delivery = total = taxable + cgst + sgst + igst`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderAmounts {
    pub subtotal: Paise,
    pub discount: Paise,
    pub delivery: Paise,
    pub total: Paise,
    pub tax: Tax,
}

/// A move of an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moved {
    pub at: Timestamp,
    pub to: OrderStatus,
    pub by: Mover,
    /// A user's id, or `shop`.
    pub who: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tracking: Option<String>,
}

impl Order {
    /// What it keeps of what came.
    pub fn kept(&self) -> Paise {
        self.captured - self.refunded
    }

    pub fn is_paid(&self) -> bool {
        self.paid_by.is_some()
    }
}
