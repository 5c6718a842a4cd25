//! How much there is of a SKU, at one location and at all of them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Location;

/// On hand is what lies in the warehouse; some of it is reserved for orders, the rest is available.
/// Kept as available and reserved, since a store can put a condition on a figure but not on a difference.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stock {
    pub available: u32,
    pub reserved: u32,
    /// How many went from here to customers and did not come back, since it is counted: of those that were sold before,
    /// some may come back yet, so it may be below zero.
    pub sold: i64,
}

impl Stock {
    /// Nothing of it was asked for yet.
    pub fn first(available: u32) -> Self {
        Stock { available, ..Stock::default() }
    }

    pub fn on_hand(self) -> u32 {
        self.available.saturating_add(self.reserved)
    }
}

/// The stock of one SKU by location.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Levels(pub BTreeMap<Location, Stock>);

impl Levels {
    /// What a new SKU has, at its one location.
    pub fn first(location: Location, available: u32) -> Self {
        Levels(BTreeMap::from([(location, Stock::first(available))]))
    }

    pub fn at(&self, location: &Location) -> Stock {
        self.0.get(location).copied().unwrap_or_default()
    }

    pub fn available(&self) -> u32 {
        self.sum(|stock| stock.available)
    }

    pub fn reserved(&self) -> u32 {
        self.sum(|stock| stock.reserved)
    }

    pub fn on_hand(&self) -> u32 {
        self.sum(|stock| stock.on_hand())
    }

    pub fn sold(&self) -> u32 {
        let sold = self.0.values().map(|stock| stock.sold).fold(0, i64::saturating_add);
        u32::try_from(sold.max(0)).unwrap_or(u32::MAX)
    }

    fn sum(&self, figure: impl Fn(&Stock) -> u32) -> u32 {
        self.0.values().map(figure).fold(0, u32::saturating_add)
    }
}

/// What a list tells of stock; re-indexed when it changes, not at each sale.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Availability {
    InStock,
    Low,
    Out,
}

impl Availability {
    pub const LOW: u32 = 5;

    pub fn of(available: u32) -> Self {
        match available {
            0 => Availability::Out,
            1..=Self::LOW => Availability::Low,
            _ => Availability::InStock,
        }
    }

    pub const fn name(self) -> &'static str {
        match self {
            Availability::InStock => "in_stock",
            Availability::Low => "low",
            Availability::Out => "out",
        }
    }
}
