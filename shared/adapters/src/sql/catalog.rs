//! Reading the catalogue and its stock.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use bharatmart_core::catalog::{Category, ProductRef, StockedProduct};
use bharatmart_core::inventory::Levels;
use bharatmart_core::ports::{CatalogReads, Fault};
use bharatmart_core::{CategoryId, ProductId, Sku, Tenant};

use super::SqlStore;
use super::engine::{Cost, Engine, Query};
use super::rows::{self, Reader, Shelf};
use super::statements as sql;

/// Sorts after every product's id.
const AFTER_ALL: &str = "prd_~";

/// So many products are read as quickly as one; more are as much as a range.
const A_CARTFUL: usize = 50;

impl<E: Engine> SqlStore<E> {
    /// Products by `first` and their stock by `second`, in one round trip.
    async fn shelf(&self, products: Vec<Query>, stock: Vec<Query>, cost: Cost) -> Result<Shelf, Fault> {
        let with_products = products.len();
        let rows = self.engine.read(products.into_iter().chain(stock).collect(), cost).await?;
        let mut shelf = Shelf::default();
        for (query, rows) in rows.iter().enumerate() {
            for row in rows {
                if query < with_products { shelf.add_product(row)? } else { shelf.add_stock(row)? }
            }
        }
        Ok(shelf)
    }

    pub(super) async fn one<T>(
        &self,
        query: Query,
        read: impl Fn(&E::Row) -> Result<T, Fault> + Send,
    ) -> Result<Option<T>, Fault> {
        let rows = self.engine.read(vec![query], Cost::Keyed).await?;
        rows.iter().flatten().next().map(read).transpose()
    }

    pub(super) async fn all<T>(
        &self,
        query: Query,
        read: impl Fn(&E::Row) -> Result<T, Fault> + Send,
    ) -> Result<Vec<T>, Fault> {
        let rows = self.engine.read(vec![query], Cost::Range).await?;
        rows.iter().flatten().map(read).collect()
    }
}

#[async_trait]
impl<E: Engine> CatalogReads for SqlStore<E> {
    async fn product(&self, tenant: &Tenant, product: &ProductRef) -> Result<Option<StockedProduct>, Fault> {
        let (product_sql, stock_sql, key) = match product {
            ProductRef::Id(id) => (sql::PRODUCT_BY_ID, sql::STOCK_BY_ID, id.to_string()),
            ProductRef::Slug(slug) => (sql::PRODUCT_BY_SLUG, sql::STOCK_BY_SLUG, slug.to_string()),
        };
        let query = |sql| Query::new(sql).with(tenant).with(key.as_str());
        let shelf = self.shelf(vec![query(product_sql)], vec![query(stock_sql)], Cost::Keyed).await?;
        Ok(shelf.into_products().next())
    }

    /// Each by its key, all in one round trip: what one statement for many costs depends on what the database believed of
    /// its tables when it planned it.
    async fn products(&self, tenant: &Tenant, ids: &[ProductId]) -> Result<Vec<StockedProduct>, Fault> {
        let ids: BTreeSet<_> = ids.iter().collect();
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let each = |sql| ids.iter().map(|id| Query::new(sql).with(tenant).with(id.to_string())).collect();
        let cost = if ids.len() > A_CARTFUL { Cost::Range } else { Cost::Keyed };
        let shelf = self.shelf(each(sql::PRODUCT_BY_ID), each(sql::STOCK_BY_ID), cost).await?;
        Ok(shelf.into_products().collect())
    }

    async fn newest_products(
        &self,
        tenant: &Tenant,
        of: Option<&[CategoryId]>,
        before: Option<ProductId>,
        limit: usize,
    ) -> Result<Vec<ProductId>, Fault> {
        let before = before.map_or(AFTER_ALL.to_owned(), |id| id.to_string());
        let newest = |sql| Query::new(sql).with(tenant).with(before.as_str());
        // Each category is a walk down its own part of the index, and all of them one round trip.
        let queries: Vec<_> = match of {
            None => vec![newest(sql::NEWEST_PRODUCTS)],
            Some(of) => of.iter().map(|category| newest(sql::NEWEST_OF_CATEGORY).with(category.to_string())).collect(),
        };
        let queries = queries.into_iter().map(|query| query.with(rows_at_most(limit))).collect();
        let rows = self.engine.read(queries, Cost::Range).await?;
        let mut ids = rows.iter().flatten().map(|row| Reader::new(row).id()).collect::<Result<Vec<ProductId>, _>>()?;
        ids.sort_unstable_by(|a, b| b.cmp(a));
        ids.truncate(limit);
        Ok(ids)
    }

    async fn categories(&self, tenant: &Tenant) -> Result<Vec<Category>, Fault> {
        let mut categories = self.all(Query::new(sql::CATEGORIES).with(tenant), rows::category).await?;
        categories.sort_by(|a, b| (a.position, &a.slug).cmp(&(b.position, &b.slug)));
        Ok(categories)
    }

    async fn stock(&self, tenant: &Tenant, product: ProductId, sku: &Sku) -> Result<Option<Levels>, Fault> {
        let query = Query::new(sql::STOCK_OF_SKU).with(tenant).with(product.to_string()).with(sku.as_str());
        let rows = self.engine.read(vec![query], Cost::Keyed).await?;
        let at = rows.iter().flatten().map(|row| rows::stock(&mut Reader::new(row)));
        let levels: BTreeMap<_, _> = at.collect::<Result<_, _>>()?;
        Ok((!levels.is_empty()).then_some(Levels(levels)))
    }

    async fn tenants(&self) -> Result<Vec<Tenant>, Fault> {
        self.all(Query::new(sql::TENANTS), rows::tenant).await
    }
}

pub(super) fn rows_at_most(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}
