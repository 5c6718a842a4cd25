//! How a product is shown: the words of the API, the same on its own page, in a list and in the index.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::category::Category;
use super::product::{GstRate, Image, Rating, Status, StockedProduct, Variant};
use crate::inventory::Availability;
use crate::money::Money;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ShownProduct<V> {
    pub id: String,
    pub slug: String,
    pub name: String,
    pub description: String,
    pub brand: String,
    /// What one is: `1 kg`.
    #[serde(default)]
    pub unit: Option<String>,
    pub category: CategoryRef,
    pub price: Money,
    pub compare_at: Option<Money>,
    /// Per cent.
    pub gst_rate: GstRate,
    pub hsn: String,
    pub images: Vec<Image>,
    pub tags: Vec<String>,
    pub attributes: IndexMap<String, String>,
    pub rating: RatingView,
    pub variants: Vec<V>,
    pub status: Status,
    pub version: u64,
    pub created_at: String,
    pub updated_at: String,
}

pub type ProductView = ShownProduct<VariantView>;
pub type ListedProduct = ShownProduct<ListedVariant>;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CategoryRef {
    pub id: String,
    pub slug: String,
    pub name: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RatingView {
    /// Stars, to a tenth.
    pub average: f64,
    pub count: u32,
}

/// A variant with the exact figure of what is available.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct VariantView {
    pub sku: String,
    pub options: IndexMap<String, String>,
    pub price: Money,
    pub compare_at: Option<Money>,
    pub available: u32,
    pub min_quantity: u32,
    pub max_quantity: u32,
    pub step: u32,
}

/// A variant in a list: whether it can be had, not how many there are.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ListedVariant {
    pub sku: String,
    pub options: IndexMap<String, String>,
    pub price: Money,
    pub compare_at: Option<Money>,
    pub availability: Availability,
    pub min_quantity: u32,
    pub max_quantity: u32,
    pub step: u32,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CategoryView {
    pub id: String,
    pub slug: String,
    pub name: String,
    pub parent_id: Option<String>,
    pub position: u32,
    /// How many products there are to be had in it and all below it; null while the search index is away.
    pub count: Option<u64>,
    pub version: u64,
}

/// A category with what it lies in, from the top, and what lies in it.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct CategoryPage {
    #[serde(flatten)]
    pub category: CategoryView,
    pub path: Vec<CategoryRef>,
    pub children: Vec<CategoryView>,
}

impl CategoryView {
    pub fn of(category: &Category, count: Option<u64>) -> Self {
        CategoryView {
            id: category.id.to_string(),
            slug: category.slug.to_string(),
            name: category.name.clone(),
            parent_id: category.parent.map(|id| id.to_string()),
            position: category.position,
            count,
            version: category.version,
        }
    }
}

impl From<&Category> for CategoryRef {
    fn from(category: &Category) -> Self {
        CategoryRef { id: category.id.to_string(), slug: category.slug.to_string(), name: category.name.clone() }
    }
}

impl From<Rating> for RatingView {
    fn from(rating: Rating) -> Self {
        RatingView { average: f64::from(rating.tenths()) / 10.0, count: rating.count }
    }
}

impl ProductView {
    pub fn of(stocked: &StockedProduct, category: &Category) -> Self {
        shown(stocked, category, |variant, available| VariantView {
            sku: variant.sku.to_string(),
            options: variant.options.clone(),
            price: variant.price.into(),
            compare_at: variant.compare_at.map(Money::from),
            available,
            min_quantity: variant.quantity.min,
            max_quantity: variant.quantity.max,
            step: variant.quantity.step,
        })
    }
}

impl ListedProduct {
    pub fn of(stocked: &StockedProduct, category: &Category) -> Self {
        shown(stocked, category, |variant, available| ListedVariant {
            sku: variant.sku.to_string(),
            options: variant.options.clone(),
            price: variant.price.into(),
            compare_at: variant.compare_at.map(Money::from),
            availability: Availability::of(available),
            min_quantity: variant.quantity.min,
            max_quantity: variant.quantity.max,
            step: variant.quantity.step,
        })
    }
}

fn shown<V>(stocked: &StockedProduct, category: &Category, variant: impl Fn(&Variant, u32) -> V) -> ShownProduct<V> {
    let product = &stocked.product;
    ShownProduct {
        id: product.id.to_string(),
        slug: product.slug.to_string(),
        name: product.name.clone(),
        description: product.description.clone(),
        brand: product.brand.clone(),
        unit: product.unit.clone(),
        category: category.into(),
        price: product.price().into(),
        compare_at: product.compare_at().map(Money::from),
        gst_rate: product.gst_rate,
        hsn: product.hsn.as_str().to_owned(),
        images: product.images.clone(),
        tags: product.tags.clone(),
        attributes: product.attributes.clone(),
        rating: product.rating.into(),
        variants: product.variants.iter().map(|v| variant(v, stocked.available(&v.sku))).collect(),
        status: product.status,
        version: product.version,
        created_at: product.created_at.to_string(),
        updated_at: product.updated_at.to_string(),
    }
}
