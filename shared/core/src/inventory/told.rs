//! What events tell of a SKU: that somebody counted it anew, and that it runs low.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Availability, Location, StockLevel};
use crate::ids::ProductId;
use crate::text::Sku;

/// The data of `inventory.adjusted.v1`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StockAdjusted {
    pub product_id: ProductId,
    pub sku: Sku,
    pub location: Location,
    pub delta: i64,
    /// At all locations, after it.
    pub available: u32,
    /// In the words of whoever did it.
    pub reason: String,
    /// A user's id, or `shop`.
    pub who: String,
}

/// The data of `inventory.low_stock.v1`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StockLow {
    pub product_id: ProductId,
    pub sku: Sku,
    pub available: u32,
    pub class: Availability,
    /// So many or fewer are low.
    pub threshold: u32,
}

impl StockLow {
    pub fn of(level: &StockLevel) -> Self {
        StockLow {
            product_id: level.product_id,
            sku: level.sku.clone(),
            available: level.available,
            class: level.class,
            threshold: Availability::LOW,
        }
    }
}
