//! What a caller sends to change a product, and how it becomes a change the shop can trust. What can only be judged
//! beside the product itself is left to `change`.

use std::collections::BTreeSet;

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Deserialize;

use super::input::{ATTRIBUTES, OPTIONS, pairs, stock, tags, unit};
use super::product::{GstRate, Hsn, Status};
use crate::check::{Check, FieldError, Invalid, given};
use crate::money::{Money, Paise};
use crate::text::{Sku, Slug, bounded};

/// So many variants a product may have.
pub const MAX_VARIANTS: usize = 500;
/// Each goes with its stock, of which there may be several rows.
const MAX_REMOVED: usize = 10;

/// What is absent stays as it is.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ProductChangeInput {
    #[schemars(length(min = 1, max = 200))]
    pub name: Option<String>,
    #[schemars(length(max = 5000))]
    pub description: Option<String>,
    #[schemars(length(min = 1, max = 100))]
    pub brand: Option<String>,
    /// What one is: `1 kg`; null takes it away.
    #[serde(default, deserialize_with = "given")]
    #[schemars(with = "Option<String>", length(max = 40))]
    pub unit: Option<Option<String>>,
    /// The category's slug.
    pub category: Option<String>,
    /// Per cent: 0, 3, 5, 12, 18, 28 or 40.
    pub gst_rate: Option<i64>,
    /// 4, 6 or 8 digits.
    pub hsn: Option<String>,
    pub tags: Option<Vec<String>>,
    pub attributes: Option<IndexMap<String, String>>,
    /// active or hidden.
    pub status: Option<String>,
    /// By SKU: of one the product has, what is given changes; another is added, at most thirty at once.
    #[serde(default)]
    #[schemars(length(max = 500))]
    pub variants: Vec<VariantChangeInput>,
    /// The SKUs of variants to take away; there must be nothing left of them.
    #[serde(default)]
    #[schemars(length(max = 10))]
    pub remove_variants: Vec<String>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct VariantChangeInput {
    #[schemars(length(min = 1, max = 64))]
    pub sku: String,
    pub options: Option<IndexMap<String, String>>,
    /// A new variant must have one.
    pub price: Option<Money>,
    /// Null takes it away.
    #[serde(default, deserialize_with = "given")]
    #[schemars(with = "Option<Money>")]
    pub compare_at: Option<Option<Money>>,
    /// The first stock of a new variant, which must have it. Of others stock is adjusted, not set.
    #[schemars(range(min = 0, max = 10000000))]
    pub stock: Option<i64>,
    pub min_quantity: Option<i64>,
    pub max_quantity: Option<i64>,
    pub step: Option<i64>,
}

/// A change in which every value is what it should be.
#[derive(Clone, Debug, Default)]
pub struct ProductChange {
    pub(super) name: Option<String>,
    pub(super) description: Option<String>,
    pub(super) brand: Option<String>,
    pub(super) unit: Option<Option<String>>,
    pub category: Option<Slug>,
    pub(super) gst_rate: Option<GstRate>,
    pub(super) hsn: Option<Hsn>,
    pub(super) tags: Option<Vec<String>>,
    pub(super) attributes: Option<IndexMap<String, String>>,
    pub(super) status: Option<Status>,
    pub(super) variants: Vec<VariantChange>,
    pub(super) removed: Vec<Sku>,
}

#[derive(Clone, Debug)]
pub(super) struct VariantChange {
    /// Its place in what was sent.
    pub at: usize,
    pub sku: Sku,
    pub options: Option<IndexMap<String, String>>,
    pub price: Option<Paise>,
    pub compare_at: Option<Option<Paise>>,
    pub stock: Option<u32>,
    pub min: Option<i64>,
    pub max: Option<i64>,
    pub step: Option<i64>,
}

impl ProductChange {
    /// Everything that is wrong, named at once.
    pub fn parse(input: ProductChangeInput) -> Result<Self, Vec<FieldError>> {
        let mut check = Check::new();
        let change = ProductChange {
            name: input.name.and_then(|text| check.field("name", bounded(&text, 1, 200))),
            description: input.description.and_then(|text| check.field("description", bounded(&text, 0, 5000))),
            brand: input.brand.and_then(|text| check.field("brand", bounded(&text, 1, 100))),
            unit: input.unit.map(|text| text.and_then(|text| check.field("unit", unit(&text)))),
            category: input.category.and_then(|text| check.field("category", Slug::parse(&text))),
            gst_rate: input.gst_rate.and_then(|rate| check.field("gst_rate", GstRate::parse(rate))),
            hsn: input.hsn.and_then(|text| check.field("hsn", Hsn::parse(&text))),
            tags: input.tags.map(|given| tags(&mut check, &given)),
            attributes: input.attributes.map(|given| pairs(&mut check, "attributes", &given, &ATTRIBUTES)),
            status: input.status.and_then(|text| check.field("status", status(&text))),
            variants: variants(&mut check, input.variants),
            removed: removed(&mut check, &input.remove_variants),
        };
        for (at, sku) in change.removed.iter().enumerate() {
            if change.variants.iter().any(|variant| variant.sku == *sku) {
                let both = Invalid::new("duplicate_sku", "is to be changed and taken away at once");
                check.add(format!("remove_variants[{at}]"), both);
            }
        }
        if check.is_clean() { Ok(change) } else { Err(check.into_errors()) }
    }

    /// Where in what was sent a SKU stands.
    pub fn place_of(&self, sku: &Sku) -> usize {
        self.variants.iter().find(|variant| variant.sku == *sku).map_or(0, |variant| variant.at)
    }
}

fn status(text: &str) -> Result<Status, Invalid> {
    match text {
        "active" => Ok(Status::Active),
        "hidden" => Ok(Status::Hidden),
        _ => Err(Invalid::new("unknown_status", "must be active or hidden")),
    }
}

fn variants(check: &mut Check, inputs: Vec<VariantChangeInput>) -> Vec<VariantChange> {
    if inputs.len() > MAX_VARIANTS {
        check.add("variants", Invalid::new("too_many", format!("must be at most {MAX_VARIANTS}")));
        return Vec::new();
    }
    let mut seen = BTreeSet::new();
    let read = |(i, input): (usize, VariantChangeInput)| {
        let at = |field: &str| format!("variants[{i}].{field}");
        let options = input.options.map(|given| pairs(check, &at("options"), &given, &OPTIONS));
        let mut money = |field: &str, money: Money| check.field(at(field), Paise::parse(money.amount));
        let price = input.price.and_then(|given| money("price.amount", given));
        let compare_at = input.compare_at.map(|given| given.and_then(|given| money("compare_at.amount", given)));
        let stock = input.stock.and_then(|given| check.field(at("stock"), stock(given)));
        let sku = check.field(at("sku"), Sku::parse(&input.sku))?;
        if !seen.insert(sku.clone()) {
            check.add(at("sku"), Invalid::new("duplicate_sku", "must differ from the other variants'"));
        }
        let (min, max, step) = (input.min_quantity, input.max_quantity, input.step);
        Some(VariantChange { at: i, sku, options, price, compare_at, stock, min, max, step })
    };
    inputs.into_iter().enumerate().filter_map(read).collect()
}

fn removed(check: &mut Check, skus: &[String]) -> Vec<Sku> {
    if skus.len() > MAX_REMOVED {
        check.add("remove_variants", Invalid::new("too_many", format!("must be at most {MAX_REMOVED}")));
        return Vec::new();
    }
    let mut seen = BTreeSet::new();
    let read = |(at, sku): (usize, &String)| check.field(format!("remove_variants[{at}]"), Sku::parse(sku));
    skus.iter().enumerate().filter_map(read).filter(|sku| seen.insert(sku.clone())).collect()
}
