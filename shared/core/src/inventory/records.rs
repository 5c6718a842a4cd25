//! What the warehouse keeps books of: holds on stock, each movement of a SKU, and how each SKU last stood.

use serde::{Deserialize, Serialize};

use super::{Availability, Location};
use crate::ids::{ProductId, ReservationId};
use crate::record::{Kind, Record};
use crate::text::Sku;
use crate::time::Timestamp;

pub static RESERVATION: Kind = Kind { name: "reservation", within: None, id: "id", listed_by: None, listed: true };
pub static STOCK_ENTRY: Kind =
    Kind { name: "stock_entry", within: Some("sku"), id: "id", listed_by: None, listed: false };
pub static STOCK_LEVEL: Kind =
    Kind { name: "stock_level", within: None, id: "sku", listed_by: Some("class"), listed: false };

/// Stock that is held for somebody. As long as the record is there the stock is reserved; whoever takes it away, under
/// its version, gives the stock back or sells it in the same commit: so it happens once.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reservation {
    pub id: ReservationId,
    pub version: u64,
    /// Whom it is held for: an order's id.
    pub reference: String,
    pub pieces: Vec<Piece>,
    pub created_at: Timestamp,
    /// Not `expires_at`: a store may take away what has expired, and nobody would give this stock back.
    pub held_until: Timestamp,
}

impl Record for Reservation {
    const KIND: &'static Kind = &RESERVATION;
}

/// So many of a SKU at one location.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Piece {
    pub product_id: ProductId,
    pub sku: Sku,
    pub location: Location,
    pub quantity: u32,
}

impl Piece {
    pub(super) fn is_of(&self, other: &Piece) -> bool {
        (self.product_id, &self.sku, &self.location) == (other.product_id, &other.sku, &other.location)
    }
}

/// Why stock moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// The first stock of a SKU.
    Opening,
    /// Counted, delivered or written off by somebody.
    Adjusted,
    Reserved,
    /// Given back, by whom it was held for or because its time was up.
    Released,
    Sold,
    Returned,
}

/// A line of a SKU's log; its movements sum to the stock.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StockEntry {
    pub sku: Sku,
    /// Of the event it was told by, and of the location: so it is written once.
    pub id: String,
    pub version: u64,
    pub product_id: ProductId,
    pub location: Location,
    pub reason: Reason,
    /// A user's id, or `shop`.
    pub who: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    pub available: i64,
    pub reserved: i64,
    pub at: Timestamp,
}

impl Record for StockEntry {
    const KIND: &'static Kind = &STOCK_ENTRY;
}

/// How a SKU stood when it was last looked at: to tell a crossing from a further sale.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StockLevel {
    pub sku: Sku,
    pub version: u64,
    pub product_id: ProductId,
    pub class: Availability,
    pub available: u32,
    /// How many were sold when lists last heard of it.
    #[serde(default)]
    pub sold: u32,
    pub updated_at: Timestamp,
}

impl Record for StockLevel {
    const KIND: &'static Kind = &STOCK_LEVEL;
}
