//! A line of a cart, and what may be wrong with it by the time it is looked at.

use serde::{Deserialize, Serialize};

use crate::catalog::{QuantityRule, Status, StockedProduct};
use crate::ids::ProductId;
use crate::money::{Money, Paise};
use crate::text::Sku;
use crate::time::Timestamp;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CartLine {
    pub sku: Sku,
    pub product_id: ProductId,
    pub quantity: u32,
    /// The price when it was added, to tell when it has changed since.
    pub seen: Paise,
    pub added_at: Timestamp,
}

/// What stands in the way of a line, or has changed since it was added.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum LineProblem {
    /// Hidden, deleted, or this variant is gone.
    ProductUnavailable,
    QuantityRule {
        min: u32,
        max: u32,
        step: u32,
    },
    InsufficientStock {
        available: u32,
    },
    /// Told, and no hindrance: the new price is what it costs.
    PriceChanged {
        was: Money,
    },
}

impl LineProblem {
    pub fn hinders(&self) -> bool {
        !matches!(self, LineProblem::PriceChanged { .. })
    }
}

impl QuantityRule {
    pub fn allows(&self, quantity: u32) -> bool {
        (self.min..=self.max).contains(&quantity) && quantity.is_multiple_of(self.step)
    }

    /// The most that may be had of `wanted`.
    pub fn cap(&self, wanted: u32) -> u32 {
        let most = wanted.min(self.max);
        most - most % self.step
    }
}

impl CartLine {
    /// The first thing that matters; `None` when all is well.
    pub fn problem(&self, product: Option<&StockedProduct>) -> Option<LineProblem> {
        let found = product.filter(|stocked| stocked.product.status == Status::Active);
        let variant = found.and_then(|stocked| Some((stocked, stocked.product.variant(&self.sku)?)));
        let Some((stocked, variant)) = variant else { return Some(LineProblem::ProductUnavailable) };
        let QuantityRule { min, max, step } = variant.quantity;
        if !variant.quantity.allows(self.quantity) {
            return Some(LineProblem::QuantityRule { min, max, step });
        }
        let available = stocked.available(&self.sku);
        if available < self.quantity {
            return Some(LineProblem::InsufficientStock { available });
        }
        (variant.price != self.seen).then(|| LineProblem::PriceChanged { was: self.seen.into() })
    }
}
