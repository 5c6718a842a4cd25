//! Products with their stock, categories, tenants.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use bharatmart_core::catalog::{Category, Product, ProductRef, StockedProduct};
use bharatmart_core::changes::ClaimKind;
use bharatmart_core::inventory::{Levels, Location, Stock};
use bharatmart_core::ports::{CatalogReads, Fault};
use bharatmart_core::{CategoryId, ProductId, Sku, Tenant};
use futures_util::future::try_join_all;
use futures_util::stream::{self, StreamExt, TryStreamExt};

use super::item::{Item, document, number, text};
use super::keys::{self, PRODUCT, SHARDS, STOCK};
use super::query::Query;
use super::shape::{BY_GROUP, BY_KIND, SK};
use super::{DynamoStore, broken};

/// So many products are fetched at once.
const AT_ONCE: usize = 16;

impl DynamoStore {
    async fn load(&self, tenant: &Tenant, id: ProductId) -> Result<Option<StockedProduct>, Fault> {
        stocked(&self.query(Query::table(keys::product(tenant, id).pk)).await?)
    }

    /// A Query each: a BatchGet would have to learn the SKUs first, and so take two round trips.
    async fn load_all(
        &self,
        tenant: &Tenant,
        ids: impl IntoIterator<Item = ProductId>,
    ) -> Result<Vec<StockedProduct>, Fault> {
        let loads: Vec<_> = ids.into_iter().map(|id| self.load(tenant, id)).collect();
        let loaded: Vec<_> = stream::iter(loads).buffered(AT_ONCE).try_collect().await?;
        Ok(loaded.into_iter().flatten().collect())
    }
}

#[async_trait]
impl CatalogReads for DynamoStore {
    async fn product(&self, tenant: &Tenant, product: &ProductRef) -> Result<Option<StockedProduct>, Fault> {
        let id = match product {
            ProductRef::Id(id) => *id,
            ProductRef::Slug(slug) => {
                match self.get(keys::claim(tenant, ClaimKind::ProductSlug, slug.as_str())).await? {
                    Some(claim) => text(&claim, "held_by")?.parse().map_err(broken)?,
                    None => return Ok(None),
                }
            }
        };
        self.load(tenant, id).await
    }

    async fn products(&self, tenant: &Tenant, ids: &[ProductId]) -> Result<Vec<StockedProduct>, Fault> {
        let ids: BTreeSet<_> = ids.iter().copied().collect();
        self.load_all(tenant, ids).await
    }

    async fn newest_products(
        &self,
        tenant: &Tenant,
        category: Option<CategoryId>,
        before: Option<ProductId>,
        limit: usize,
    ) -> Result<Vec<StockedProduct>, Fault> {
        let (index, partitions) = match category {
            Some(category) => (&BY_GROUP, vec![keys::products_of(tenant, category)]),
            None => (&BY_KIND, (0..SHARDS).map(|shard| keys::products(tenant, shard)).collect()),
        };
        let newest = partitions.into_iter().map(|partition| {
            let below = before.map(|before| before.to_string());
            self.query(Query { index: Some(index), partition, below, beginning: None, descending: true, limit })
        });
        let rows = try_join_all(newest).await?;
        let ids = rows.iter().flatten().map(|row| text(row, index.sort_key)?.parse().map_err(broken));
        let mut ids: Vec<ProductId> = ids.collect::<Result<_, _>>()?;
        ids.sort_unstable_by(|a, b| b.cmp(a));
        self.load_all(tenant, ids.into_iter().take(limit)).await
    }

    async fn categories(&self, tenant: &Tenant) -> Result<Vec<Category>, Fault> {
        let rows = self.query(Query::table(keys::categories(tenant))).await?;
        let mut categories: Vec<Category> =
            rows.iter().map(|row| document(row, "category")).collect::<Result<_, _>>()?;
        categories.sort_by(|a, b| (a.position, &a.slug).cmp(&(b.position, &b.slug)));
        Ok(categories)
    }

    async fn stock(&self, tenant: &Tenant, product: ProductId, sku: &Sku) -> Result<Option<Levels>, Fault> {
        let beginning = Some(keys::stock_of(sku));
        let rows = self.query(Query { beginning, ..Query::table(keys::product(tenant, product).pk) }).await?;
        Ok(stock(&rows)?.remove(sku))
    }

    async fn tenants(&self) -> Result<Vec<Tenant>, Fault> {
        let rows = self.query(Query::table(keys::register())).await?;
        rows.iter().map(|row| Tenant::parse(text(row, SK)?).map_err(broken)).collect()
    }
}

/// The rows of a product's partition; stock without a product is nobody's.
fn stocked(rows: &[Item]) -> Result<Option<StockedProduct>, Fault> {
    let Some(row) = rows.iter().find(|row| text(row, SK).is_ok_and(|sk| sk == PRODUCT)) else { return Ok(None) };
    Ok(Some(StockedProduct { product: document::<Product>(row, "product")?, stock: stock(rows)? }))
}

fn stock(rows: &[Item]) -> Result<BTreeMap<Sku, Levels>, Fault> {
    let mut stock: BTreeMap<Sku, Levels> = BTreeMap::new();
    for row in rows {
        if let Some((sku, location)) = text(row, SK)?.strip_prefix(STOCK).and_then(|place| place.split_once('#')) {
            let levels = stock.entry(Sku::parse(sku).map_err(broken)?).or_default();
            levels.0.insert(Location::parse(location).map_err(broken)?, figures(row)?);
        }
    }
    Ok(stock)
}

fn figures(row: &Item) -> Result<Stock, Fault> {
    // Nothing was sold of it since that is counted.
    let sold = if row.contains_key("sold") { number(row, "sold")? } else { 0 };
    Ok(Stock { available: number(row, "available")?, reserved: number(row, "reserved")?, sold })
}
