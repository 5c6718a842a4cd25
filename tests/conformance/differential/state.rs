//! The whole state of a store as its readers see it, so that two stores can be compared.

use std::collections::BTreeMap;
use std::time::Duration;

use bharatmart_core::catalog::{Category, ProductRef, StockedProduct};
use bharatmart_core::changes::ClaimKind;
use bharatmart_core::inventory::Levels;
use bharatmart_core::ports::{Counted, Fault, Store};
use bharatmart_core::record::{Document, KINDS, Kind, Listing};
use bharatmart_core::{CategoryId, Event, EventId, ProductId, Sku, Tenant, Timestamp, UserId};

use super::cast::Cast;

/// Of a window that would be begun; it is only looked at.
const LOOKING: Duration = Duration::from_secs(30);

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
    newest: Vec<ProductId>,
    of_category: Vec<Vec<ProductId>>,
    of_categories: Vec<ProductId>,
    categories: Vec<Category>,
    stock: BTreeMap<(ProductId, Sku), Levels>,
    applied: BTreeMap<&'static str, Vec<EventId>>,
    owners: BTreeMap<(ClaimKind, String), String>,
    counts: Vec<Counted>,
    records: BTreeMap<String, Document>,
    listed: BTreeMap<String, Vec<Document>>,
}

/// Every reading method is called for everyone in the cast, there or not.
pub async fn see(store: &dyn Store, cast: &Cast, now: Timestamp) -> Result<Seen, Fault> {
    let mut tenants = store.tenants().await?;
    tenants.sort();
    let mut of_tenant = BTreeMap::new();
    for tenant in &cast.tenants {
        of_tenant.insert(tenant.clone(), see_tenant(store, cast, tenant, now).await?);
    }
    Ok(Seen {
        tenants,
        of_tenant,
        unsent: store.unsent(now, 10_000).await?,
        unsent_before: store.unsent(now.before(Duration::from_secs(60)), 10_000).await?,
        oldest_unsent: store.unsent(now, 7).await?,
        newest_events: store.newest_events(300).await?,
    })
}

async fn see_tenant(store: &dyn Store, cast: &Cast, tenant: &Tenant, now: Timestamp) -> Result<OfTenant, Fault> {
    let mut seen = OfTenant {
        by_id: BTreeMap::new(),
        by_slug: BTreeMap::new(),
        all_at_once: store.products(tenant, &cast.products).await?,
        newest: walk(store, tenant, None).await?,
        of_category: Vec::new(),
        of_categories: walk(store, tenant, Some(&cast.categories)).await?,
        categories: store.categories(tenant).await?,
        stock: BTreeMap::new(),
        applied: BTreeMap::new(),
        owners: BTreeMap::new(),
        counts: Vec::new(),
        records: BTreeMap::new(),
        listed: BTreeMap::new(),
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
        seen.of_category.push(walk(store, tenant, Some(&[*category])).await?);
    }
    for consumer in cast.consumers {
        let mut applied = store.applied(tenant, consumer, &cast.heard).await?;
        applied.sort();
        seen.applied.insert(consumer, applied);
    }
    for kind in ClaimKind::ALL.iter().copied() {
        for name in cast.names(kind) {
            if let Some(owner) = store.owner(tenant, kind, &name).await? {
                seen.owners.insert((kind, name), owner);
            }
        }
    }
    for counter in &cast.counters {
        seen.counts.push(store.count(tenant, counter, 0, LOOKING, now).await?);
    }
    for (kind, key) in &cast.people.records {
        if let Some(fields) = store.record(tenant, kind, key).await? {
            seen.records.insert(format!("{}/{}/{}", kind.name, key.within, key.id), fields);
        }
    }
    let users: Vec<_> = cast.people.lasting().iter().map(UserId::to_string).collect();
    for kind in KINDS.iter().copied() {
        let mut listings = Vec::new();
        listings.extend(kind.listed.then_some(Listing::All));
        listings.extend(kind.within.iter().flat_map(|_| users.iter().map(|user| Listing::Within(user))));
        listings.extend(kind.listed_by.iter().flat_map(|_| users.iter().map(|user| Listing::By(user))));
        for listing in listings {
            let listed = walk_records(store, tenant, kind, &listing).await?;
            seen.listed.insert(format!("{} {listing:?}", kind.name), listed);
        }
    }
    Ok(seen)
}

async fn walk_records(
    store: &dyn Store,
    tenant: &Tenant,
    kind: &'static Kind,
    listing: &Listing<'_>,
) -> Result<Vec<Document>, Fault> {
    const PAGE: usize = 5;
    let mut walked: Vec<Document> = Vec::new();
    loop {
        let before = walked.last().and_then(|last| last[kind.id].as_str()).map(str::to_owned);
        let page = store.records(tenant, kind, listing.clone(), before.as_deref(), PAGE).await?;
        let last = page.len() < PAGE;
        walked.extend(page);
        if last {
            return Ok(walked);
        }
    }
}

async fn walk(store: &dyn Store, tenant: &Tenant, of: Option<&[CategoryId]>) -> Result<Vec<ProductId>, Fault> {
    let mut walked: Vec<ProductId> = Vec::new();
    loop {
        let page = store.newest_products(tenant, of, walked.last().copied(), 5).await?;
        let last = page.len() < 5;
        walked.extend(page);
        if last {
            return Ok(walked);
        }
    }
}
