//! What a caller sends to make a product, and how it becomes one the shop can trust.

use std::collections::BTreeSet;

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Deserialize;

use super::product::{GstRate, Hsn, QuantityRule, Variant};
use crate::check::{Check, FieldError, Invalid};
use crate::money::{Money, Paise};
use crate::text::{Sku, Slug, bounded};

/// So that a product with its claims, stock and event is one commit.
pub const MAX_NEW_VARIANTS: usize = 30;
const MAX_STOCK: i64 = 10_000_000;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ProductInput {
    #[schemars(length(min = 1, max = 200))]
    pub name: String,
    #[schemars(length(max = 5000))]
    pub description: String,
    #[schemars(length(min = 1, max = 100))]
    pub brand: String,
    /// What one is: `1 kg`, `500 ml`.
    #[schemars(length(max = 40))]
    pub unit: Option<String>,
    /// The category's slug.
    pub category: String,
    /// Per cent: 0, 3, 5, 12, 18, 28 or 40.
    pub gst_rate: i64,
    /// 4, 6 or 8 digits.
    pub hsn: String,
    #[serde(default)]
    pub tags: Vec<String>,
    #[serde(default)]
    pub attributes: IndexMap<String, String>,
    #[schemars(length(min = 1, max = 30))]
    pub variants: Vec<VariantInput>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct VariantInput {
    #[schemars(length(min = 1, max = 64))]
    pub sku: String,
    #[serde(default)]
    pub options: IndexMap<String, String>,
    pub price: Money,
    pub compare_at: Option<Money>,
    #[schemars(range(min = 0, max = 10000000))]
    pub stock: i64,
    pub min_quantity: Option<i64>,
    pub max_quantity: Option<i64>,
    pub step: Option<i64>,
}

/// A product-to-be in which every value is what it should be.
#[derive(Clone, Debug)]
pub struct NewProduct {
    pub name: String,
    pub description: String,
    pub brand: String,
    pub unit: Option<String>,
    pub category: Slug,
    pub gst_rate: GstRate,
    pub hsn: Hsn,
    pub tags: Vec<String>,
    pub attributes: IndexMap<String, String>,
    pub variants: Vec<NewVariant>,
}

#[derive(Clone, Debug)]
pub struct NewVariant {
    pub variant: Variant,
    pub stock: u32,
}

impl NewProduct {
    /// Everything that is wrong, named at once.
    pub fn parse(input: ProductInput) -> Result<Self, Vec<FieldError>> {
        let mut check = Check::new();
        let name = check.field("name", bounded(&input.name, 1, 200));
        let description = check.field("description", bounded(&input.description, 0, 5000));
        let brand = check.field("brand", bounded(&input.brand, 1, 100));
        let unit = input.unit.as_deref().and_then(|text| check.field("unit", unit(text)));
        let category = check.field("category", Slug::parse(&input.category));
        let gst_rate = check.field("gst_rate", GstRate::parse(input.gst_rate));
        let hsn = check.field("hsn", Hsn::parse(&input.hsn));
        let tags = tags(&mut check, &input.tags);
        let attributes = pairs(&mut check, "attributes", &input.attributes, &ATTRIBUTES);
        let variants = variants(&mut check, input.variants);
        match (name, description, brand, category, gst_rate, hsn) {
            (Some(name), Some(description), Some(brand), Some(category), Some(gst_rate), Some(hsn))
                if check.is_clean() =>
            {
                Ok(NewProduct { name, description, brand, unit, category, gst_rate, hsn, tags, attributes, variants })
            }
            _ => Err(check.into_errors()),
        }
    }
}

pub(super) fn unit(text: &str) -> Result<String, Invalid> {
    bounded(text, 1, 40)
}

pub(super) fn tags(check: &mut Check, tags: &[String]) -> Vec<String> {
    if tags.len() > 20 {
        check.add("tags", Invalid::new("too_many", "must be at most 20"));
    }
    let mut seen = BTreeSet::new();
    let read = |(i, tag): (usize, &String)| check.field(format!("tags[{i}]"), bounded(&tag.to_lowercase(), 1, 40));
    tags.iter().enumerate().filter_map(read).filter(|tag| seen.insert(tag.clone())).collect()
}

/// So that the largest product there can be fits one item of DynamoDB (400 kB), whatever script it is written in.
pub(super) struct Bounds {
    count: usize,
    name: usize,
    value: usize,
}

pub(super) const ATTRIBUTES: Bounds = Bounds { count: 50, name: 60, value: 400 };
pub(super) const OPTIONS: Bounds = Bounds { count: 8, name: 40, value: 80 };

pub(super) fn pairs(
    check: &mut Check,
    field: &str,
    pairs: &IndexMap<String, String>,
    bounds: &Bounds,
) -> IndexMap<String, String> {
    if pairs.len() > bounds.count {
        check.add(field, Invalid::new("too_many", format!("must be at most {}", bounds.count)));
    }
    pairs
        .iter()
        .filter_map(|(name, value)| {
            let value = check.field(format!("{field}.{name}"), bounded(value, 1, bounds.value));
            let name = check.field(field, bounded(name, 1, bounds.name));
            name.zip(value)
        })
        .collect()
}

fn variants(check: &mut Check, inputs: Vec<VariantInput>) -> Vec<NewVariant> {
    if inputs.is_empty() || inputs.len() > MAX_NEW_VARIANTS {
        let message = format!("must be 1 to {MAX_NEW_VARIANTS}");
        check.add("variants", Invalid::new("invalid_length", message));
        return Vec::new();
    }
    let mut seen = BTreeSet::new();
    let mut read = Vec::with_capacity(inputs.len());
    for (i, input) in inputs.into_iter().enumerate() {
        let at = |field: &str| format!("variants[{i}].{field}");
        let sku = check.field(at("sku"), Sku::parse(&input.sku));
        if sku.as_ref().is_some_and(|sku| !seen.insert(sku.clone())) {
            check.add(at("sku"), Invalid::new("duplicate_sku", "must differ from the other variants'"));
        }
        let options = pairs(check, &at("options"), &input.options, &OPTIONS);
        let price = check.field(at("price.amount"), Paise::parse(input.price.amount));
        let compare_at =
            input.compare_at.and_then(|money| check.field(at("compare_at.amount"), Paise::parse(money.amount)));
        if price.zip(compare_at).is_some_and(|(price, compare_at)| compare_at < price) {
            check.add(at("compare_at.amount"), Invalid::new("below_price", "must not be below the price"));
        }
        let stock = check.field(at("stock"), stock(input.stock));
        let rule = QuantityRule::parse(input.min_quantity, input.max_quantity, input.step);
        let quantity = check.field(at("min_quantity"), rule);
        if let (Some(sku), Some(price), Some(stock), Some(quantity)) = (sku, price, stock, quantity) {
            read.push(NewVariant { variant: Variant { sku, options, price, compare_at, quantity }, stock });
        }
    }
    read
}

/// Where something stands among its like.
pub(super) fn position(given: i64) -> Result<u32, Invalid> {
    const LAST: u32 = 1_000_000;
    let in_range = u32::try_from(given).ok().filter(|position| *position <= LAST);
    in_range.ok_or_else(|| Invalid::new("out_of_range", format!("must be 0 to {LAST}")))
}

pub(super) fn stock(stock: i64) -> Result<u32, Invalid> {
    u32::try_from(stock)
        .ok()
        .filter(|_| stock <= MAX_STOCK)
        .ok_or_else(|| Invalid::new("out_of_range", format!("must be 0 to {MAX_STOCK}")))
}
