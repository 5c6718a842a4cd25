//! A product as the shop knows it, and the small types that cannot hold a wrong value.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::check::Invalid;
use crate::ids::{CategoryId, ProductId};
use crate::inventory::Levels;
use crate::money::Paise;
use crate::text::{Sku, Slug};
use crate::time::Timestamp;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Product {
    pub id: ProductId,
    pub slug: Slug,
    pub name: String,
    pub description: String,
    pub brand: String,
    /// What one is: `1 kg`, `500 ml`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    pub category: CategoryId,
    pub gst_rate: GstRate,
    pub hsn: Hsn,
    pub images: Vec<Image>,
    pub tags: Vec<String>,
    /// In the order they were given.
    pub attributes: IndexMap<String, String>,
    pub rating: Rating,
    /// At least one; the first one's price is the product's.
    pub variants: Vec<Variant>,
    pub status: Status,
    pub version: u64,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

impl Product {
    pub fn price(&self) -> Paise {
        self.variants.first().map_or(Paise::ZERO, |variant| variant.price)
    }

    pub fn variant(&self, sku: &Sku) -> Option<&Variant> {
        self.variants.iter().find(|variant| variant.sku == *sku)
    }

    pub fn compare_at(&self) -> Option<Paise> {
        self.variants.first().and_then(|variant| variant.compare_at)
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Variant {
    pub sku: Sku,
    /// `size: M`, `colour: blue`, in the order they were given.
    pub options: IndexMap<String, String>,
    pub price: Paise,
    pub compare_at: Option<Paise>,
    pub quantity: QuantityRule,
}

/// How many of a variant may be ordered at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuantityRule {
    pub min: u32,
    pub max: u32,
    pub step: u32,
}

impl QuantityRule {
    const LARGEST: u32 = 1_000;

    pub fn parse(min: Option<i64>, max: Option<i64>, step: Option<i64>) -> Result<Self, Invalid> {
        let invalid = |message: &str| Err(Invalid::new("invalid_quantity_rule", message));
        let figure = |value: Option<i64>, default: u32| match value {
            None => Ok(default),
            Some(value) => u32::try_from(value).ok().filter(|v| (1..=Self::LARGEST).contains(v)).ok_or(()),
        };
        let (Ok(step), Ok(max)) = (figure(step, 1), figure(max, 10)) else {
            return invalid("must be 1 to 1000");
        };
        let Ok(min) = figure(min, step) else { return invalid("must be 1 to 1000") };
        let max = if max < min { min } else { max };
        match (min % step, max % step) {
            (0, 0) => Ok(QuantityRule { min, max, step }),
            _ => invalid("must be a multiple of step"),
        }
    }
}

impl Default for QuantityRule {
    fn default() -> Self {
        QuantityRule { min: 1, max: 10, step: 1 }
    }
}

/// Per cent, one of the rates there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct GstRate(u8);

impl GstRate {
    pub const RATES: [u8; 7] = [0, 3, 5, 12, 18, 28, 40];

    pub fn parse(rate: i64) -> Result<Self, Invalid> {
        u8::try_from(rate)
            .ok()
            .filter(|rate| Self::RATES.contains(rate))
            .map(GstRate)
            .ok_or_else(|| Invalid::new("invalid_gst_rate", "must be one of 0, 3, 5, 12, 18, 28, 40"))
    }

    pub const fn per_cent(self) -> u8 {
        self.0
    }
}

/// The code of the Harmonised System under which GST is filed: 4, 6 or 8 digits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Hsn(String);

impl Hsn {
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        if matches!(text.len(), 4 | 6 | 8) && text.bytes().all(|b| b.is_ascii_digit()) {
            return Ok(Hsn(text.to_owned()));
        }
        Err(Invalid::new("invalid_hsn", "must be 4, 6 or 8 digits"))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Image {
    pub url: String,
    pub alt: String,
    pub width: u32,
    pub height: u32,
}

/// Stars as a sum and a count, so that one more review is exact.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rating {
    pub stars: u32,
    pub count: u32,
}

impl Rating {
    /// Tenths of a star, rounded.
    pub fn tenths(self) -> u16 {
        (self.stars * 10 + self.count / 2).checked_div(self.count).unwrap_or(0) as u16
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    Active,
    Hidden,
    /// For good. The row and its names stay, for the orders that refer to it.
    Deleted,
}

impl Status {
    pub const ALL: &'static [Status] = &[Status::Active, Status::Hidden, Status::Deleted];

    pub const fn name(self) -> &'static str {
        match self {
            Status::Active => "active",
            Status::Hidden => "hidden",
            Status::Deleted => "deleted",
        }
    }
}

/// How a caller names a product.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProductRef {
    Id(ProductId),
    Slug(Slug),
}

impl ProductRef {
    /// `None` when the text can name no product at all.
    pub fn parse(text: &str) -> Option<Self> {
        text.parse().map(ProductRef::Id).or_else(|_| Slug::parse(text).map(ProductRef::Slug)).ok()
    }
}

/// A product and the stock of its SKUs.
#[derive(Clone, Debug, PartialEq)]
pub struct StockedProduct {
    pub product: Product,
    pub stock: BTreeMap<Sku, Levels>,
}

impl StockedProduct {
    /// Of a SKU at its locations.
    pub fn levels(&self, sku: &Sku) -> Levels {
        self.stock.get(sku).cloned().unwrap_or_default()
    }

    pub fn available(&self, sku: &Sku) -> u32 {
        self.stock.get(sku).map_or(0, Levels::available)
    }

    /// Of all its SKUs.
    pub fn sold(&self) -> u32 {
        self.stock.values().map(Levels::sold).fold(0, u32::saturating_add)
    }

    /// Whether at least one variant can be had in the least quantity one may order.
    pub fn in_stock(&self) -> bool {
        self.product.variants.iter().any(|variant| self.available(&variant.sku) >= variant.quantity.min)
    }
}
