//! How stock is shown.

use schemars::JsonSchema;
use serde::Serialize;

use super::{Availability, Levels, Reason, StockEntry, StockLevel};
use crate::text::Sku;

/// A SKU at all locations together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct StockView {
    pub sku: String,
    /// What lies in the warehouse: reserved and available.
    pub on_hand: u32,
    /// Held for orders.
    pub reserved: u32,
    pub available: u32,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct StockByPlaceView {
    #[serde(flatten)]
    pub stock: StockView,
    pub locations: Vec<PlaceView>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct PlaceView {
    pub location: String,
    pub on_hand: u32,
    pub reserved: u32,
    pub available: u32,
}

impl StockView {
    pub fn of(sku: &Sku, levels: &Levels) -> Self {
        StockView {
            sku: sku.to_string(),
            on_hand: levels.on_hand(),
            reserved: levels.reserved(),
            available: levels.available(),
        }
    }
}

impl StockByPlaceView {
    pub fn of(sku: &Sku, levels: &Levels) -> Self {
        let places = levels.0.iter().map(|(location, stock)| PlaceView {
            location: location.to_string(),
            on_hand: stock.on_hand(),
            reserved: stock.reserved,
            available: stock.available,
        });
        StockByPlaceView { stock: StockView::of(sku, levels), locations: places.collect() }
    }
}

/// A line of a SKU's log: by how much its figures moved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct EntryView {
    pub id: String,
    pub at: String,
    pub location: String,
    pub reason: Reason,
    /// A user's id, or `shop`.
    pub who: String,
    /// Whom it was held for: an order's id.
    pub reference: Option<String>,
    pub note: Option<String>,
    pub on_hand_delta: i64,
    pub reserved_delta: i64,
    pub available_delta: i64,
}

impl From<&StockEntry> for EntryView {
    fn from(entry: &StockEntry) -> Self {
        EntryView {
            id: entry.id.clone(),
            at: entry.at.to_string(),
            location: entry.location.to_string(),
            reason: entry.reason,
            who: entry.who.clone(),
            reference: entry.reference.clone(),
            note: entry.note.clone(),
            on_hand_delta: entry.available + entry.reserved,
            reserved_delta: entry.reserved,
            available_delta: entry.available,
        }
    }
}

/// A SKU of which few are left, as it stood when its books were last kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct LowStockView {
    pub sku: String,
    pub product_id: String,
    /// The product's name.
    pub name: String,
    pub available: u32,
    pub class: Availability,
}

impl LowStockView {
    pub fn of(level: &StockLevel, name: &str) -> Self {
        LowStockView {
            sku: level.sku.to_string(),
            product_id: level.product_id.to_string(),
            name: name.to_owned(),
            available: level.available,
            class: level.class,
        }
    }
}
