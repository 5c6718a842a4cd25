//! What of a product goes into the search index.

use super::category::Category;
use super::product::{Status, StockedProduct};
use super::view::ListedProduct;
use crate::ports::SearchDoc;
use crate::tenant::Tenant;

/// The tag that puts a product in the shop's window.
const FEATURED: &str = "featured";

/// `None` for a product that customers must not find.
pub fn search_doc(tenant: &Tenant, stocked: &StockedProduct, category: &Category) -> Option<SearchDoc> {
    let product = &stocked.product;
    if product.status != Status::Active {
        return None;
    }
    let options = product.variants.iter().flat_map(|variant| variant.options.values());
    let mut details: Vec<_> = product.attributes.values().chain(options).cloned().collect();
    details.sort();
    details.dedup();
    Some(SearchDoc {
        tenant: tenant.clone(),
        id: product.id,
        version: product.version,
        slug: product.slug.clone(),
        name: product.name.clone(),
        brand: product.brand.clone(),
        category: category.slug.clone(),
        category_name: category.name.clone(),
        description: product.description.clone(),
        details,
        tags: product.tags.clone(),
        price: product.price(),
        in_stock: stocked.in_stock(),
        featured: product.tags.iter().any(|tag| tag == FEATURED),
        rating: product.rating.tenths(),
        popularity: popularity(stocked.sold(), product.rating.count),
        created_at: product.created_at,
        shown: serde_json::to_string(&ListedProduct::of(stocked, category)).unwrap_or_default(),
    })
}

/// By how many were sold; of two that sold alike, by how many rated them.
fn popularity(sold: u32, rated: u32) -> u64 {
    u64::from(sold) << 32 | u64::from(rated)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_sold_better_is_more_popular_however_many_rated_the_other() {
        assert!(popularity(1, 0) > popularity(0, u32::MAX));
        assert!(popularity(3, 9) > popularity(3, 8));
        assert!(popularity(u32::MAX, 0) > popularity(u32::MAX - 1, u32::MAX));
    }
}
