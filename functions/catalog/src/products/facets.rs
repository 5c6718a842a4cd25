//! Facets as a page shows them: how many rows another choice would bring.

use bharatmart_core::Money;
use bharatmart_core::ports::Facets;
use bharatmart_runtime::Ctx;
use schemars::JsonSchema;
use serde::Serialize;

/// Each counted under all filters but its own.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Facets")]
pub(super) struct FacetsView {
    categories: Vec<CategoryCount>,
    /// Those with most products first, at most fifty.
    brands: Vec<BrandCount>,
    prices: Vec<PriceCount>,
    ratings: Vec<RatingCount>,
    /// How many can be had.
    in_stock: u64,
}

#[derive(Serialize, JsonSchema)]
struct CategoryCount {
    slug: String,
    name: String,
    count: u64,
}

#[derive(Serialize, JsonSchema)]
struct BrandCount {
    name: String,
    count: u64,
}

#[derive(Serialize, JsonSchema)]
struct PriceCount {
    min: Money,
    /// Inclusive; null when there is no end.
    max: Option<Money>,
    count: u64,
}

#[derive(Serialize, JsonSchema)]
struct RatingCount {
    /// Stars.
    min: f64,
    count: u64,
}

pub(super) async fn json(ctx: &Ctx, facets: &Facets) -> String {
    let known = match ctx.categories().await {
        Ok(known) => known,
        Err(fault) => {
            tracing::warn!(error = %fault, "the categories' names are not known just now");
            Default::default()
        }
    };
    let category = |(slug, count): &(bharatmart_core::Slug, u64)| {
        let name = known.iter().find(|category| category.slug == *slug).map(|category| category.name.clone());
        CategoryCount { name: name.unwrap_or_else(|| slug.to_string()), slug: slug.to_string(), count: *count }
    };
    let view = FacetsView {
        categories: facets.categories.iter().map(category).collect(),
        brands: facets.brands.iter().map(|(name, count)| BrandCount { name: name.clone(), count: *count }).collect(),
        prices: facets
            .prices
            .iter()
            .map(|band| PriceCount { min: band.least.into(), max: band.most.map(Money::from), count: band.count })
            .collect(),
        ratings: facets
            .ratings
            .iter()
            .map(|(tenths, count)| RatingCount { min: f64::from(*tenths) / 10.0, count: *count })
            .collect(),
        in_stock: facets.in_stock,
    };
    serde_json::to_string(&view).unwrap_or_default()
}
