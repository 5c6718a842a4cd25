//! Reading records, what commits have counted, and who holds a name.

use async_trait::async_trait;
use bharatmart_core::Tenant;
use bharatmart_core::changes::ClaimKind;
use bharatmart_core::ports::{Fault, Records};
use bharatmart_core::record::{Document, Kind, Listing, RecordKey};

use super::catalog::rows_at_most;
use super::engine::{Engine, Query};
use super::rows::{Reader, broken};
use super::{SqlStore, document, statements as sql, table_statements};

/// Sorts after every id.
const AFTER_ALL: &str = "\u{10FFFF}";

#[async_trait]
impl<E: Engine> Records for SqlStore<E> {
    async fn record(&self, tenant: &Tenant, kind: &'static Kind, key: &RecordKey) -> Result<Option<Document>, Fault> {
        let table = table_statements::of(kind)?;
        let query = key_of(Query::new(table.find).with(tenant), kind, key);
        self.one(query, |row| document::read(table, row)).await
    }

    async fn records(
        &self,
        tenant: &Tenant,
        kind: &'static Kind,
        listing: Listing<'_>,
        before: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Document>, Fault> {
        let table = table_statements::of(kind)?;
        let (list, value) = match listing {
            Listing::Within(value) => (table.list_within, Some(value)),
            Listing::By(value) => (table.list_by, Some(value)),
            Listing::All => (table.list_all, None),
        };
        let list = list.ok_or_else(|| broken(format_args!("a {} is not listed {listing:?}", kind.name)))?;
        let query = value.into_iter().fold(Query::new(list).with(tenant), Query::with);
        let query = query.with(before.unwrap_or(AFTER_ALL)).with(rows_at_most(limit));
        self.all(query, |row| document::read(table, row)).await
    }

    async fn counted(&self, tenant: &Tenant, counter: &str) -> Result<u64, Fault> {
        let query = Query::new(sql::COUNTED).with(tenant).with(counter);
        Ok(self.one(query, |row| Reader::new(row).int()).await?.unwrap_or(0))
    }

    async fn owner(&self, tenant: &Tenant, claim: ClaimKind, name: &str) -> Result<Option<String>, Fault> {
        let query = Query::new(sql::OWNER).with(tenant).with(claim.name()).with(name);
        self.one(query, |row| Reader::new(row).owned()).await
    }
}

/// Binds a record's key, which comes after the tenant.
pub(super) fn key_of(query: Query, kind: &Kind, key: &RecordKey) -> Query {
    let within = kind.within.map(|_| key.within.as_str());
    within.into_iter().chain([key.id.as_str()]).fold(query, Query::with)
}
