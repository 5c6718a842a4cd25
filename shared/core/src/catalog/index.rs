//! What of a product goes into the search index.

use super::category::Category;
use super::product::{Status, StockedProduct};
use super::view::ListedProduct;
use crate::ports::SearchDoc;
use crate::tenant::Tenant;

/// `None` for a product that customers must not find.
pub fn search_doc(tenant: &Tenant, stocked: &StockedProduct, category: &Category) -> Option<SearchDoc> {
    let product = &stocked.product;
    if product.status != Status::Active {
        return None;
    }
    Some(SearchDoc {
        tenant: tenant.clone(),
        id: product.id,
        version: product.version,
        name: product.name.clone(),
        brand: product.brand.clone(),
        category: category.slug.clone(),
        category_name: category.name.clone(),
        description: product.description.clone(),
        tags: product.tags.clone(),
        price: product.price(),
        in_stock: stocked.in_stock(),
        rating: product.rating.tenths(),
        created_at: product.created_at,
        shown: serde_json::to_string(&ListedProduct::of(stocked, category)).unwrap_or_default(),
    })
}
