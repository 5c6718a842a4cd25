//! The whole state of a store as its readers see it, so that two stores can be compared.

use std::collections::BTreeMap;

use bharatmart_core::catalog::{Category, ProductRef, StockedProduct};
use bharatmart_core::inventory::Stock;
use bharatmart_core::ports::{Fault, Store};
use bharatmart_core::{Event, EventId, ProductId, Sku, Tenant, Timestamp};

use super::cast::Cast;

#[derive(Debug, PartialEq)]
pub struct Seen {
    tenants: Vec<Tenant>,
    of_tenant: BTreeMap<Tenant, OfTenant>,
    unsent: Vec<Event>,
    unsent_before: Vec<Event>,
    oldest_unsent: Vec<Event>,
    newest_events: Vec<Event>,
}

#[derive(Debug, PartialEq)]
struct OfTenant {
    by_id: BTreeMap<ProductId, StockedProduct>,
    by_slug: BTreeMap<String, StockedProduct>,
    all_at_once: Vec<StockedProduct>,
    newest: Vec<StockedProduct>,
    of_category: Vec<Vec<StockedProduct>>,
    categories: Vec<Category>,
    stock: BTreeMap<(ProductId, Sku), Stock>,
    applied: BTreeMap<&'static str, Vec<EventId>>,
}

/// Every reading method is called for everyone in the cast, there or not.
pub async fn see(store: &dyn Store, cast: &Cast, now: Timestamp) -> Result<Seen, Fault> {
    let mut tenants = store.tenants().await?;
    tenants.sort();
    let mut of_tenant = BTreeMap::new();
    for tenant in &cast.tenants {
        of_tenant.insert(tenant.clone(), see_tenant(store, cast, tenant).await?);
    }
    Ok(Seen {
        tenants,
        of_tenant,
        unsent: store.unsent(now, 10_000).await?,
        unsent_before: store.unsent(now.before(std::time::Duration::from_secs(60)), 10_000).await?,
        oldest_unsent: store.unsent(now, 7).await?,
        newest_events: store.newest_events(300).await?,
    })
}

async fn see_tenant(store: &dyn Store, cast: &Cast, tenant: &Tenant) -> Result<OfTenant, Fault> {
    let mut seen = OfTenant {
        by_id: BTreeMap::new(),
        by_slug: BTreeMap::new(),
        all_at_once: store.products(tenant, &cast.products).await?,
        newest: walk(store, tenant, None).await?,
        of_category: Vec::new(),
        categories: store.categories(tenant).await?,
        stock: BTreeMap::new(),
        applied: BTreeMap::new(),
    };
    seen.all_at_once.sort_by_key(|stocked| stocked.product.id);
    for id in &cast.products {
        if let Some(stocked) = store.product(tenant, &ProductRef::Id(*id)).await? {
            seen.by_id.insert(*id, stocked);
        }
        for sku in &cast.skus {
            if let Some(stock) = store.stock(tenant, *id, sku).await? {
                seen.stock.insert((*id, sku.clone()), stock);
            }
        }
    }
    for slug in &cast.slugs {
        if let Some(stocked) = store.product(tenant, &ProductRef::Slug(slug.clone())).await? {
            seen.by_slug.insert(slug.to_string(), stocked);
        }
    }
    for category in &cast.categories {
        seen.of_category.push(walk(store, tenant, Some(*category)).await?);
    }
    for consumer in cast.consumers {
        let mut applied = store.applied(tenant, consumer, &cast.heard).await?;
        applied.sort();
        seen.applied.insert(consumer, applied);
    }
    Ok(seen)
}

async fn walk(
    store: &dyn Store,
    tenant: &Tenant,
    category: Option<bharatmart_core::CategoryId>,
) -> Result<Vec<StockedProduct>, Fault> {
    let mut walked: Vec<StockedProduct> = Vec::new();
    loop {
        let before = walked.last().map(|stocked| stocked.product.id);
        let page = store.newest_products(tenant, category, before, 5).await?;
        let last = page.len() < 5;
        walked.extend(page);
        if last {
            return Ok(walked);
        }
    }
}
