//! Records, names and counts within windows, from the store in memory. What refers to a record that is not there is
//! taken all the same.

use std::time::Duration;

use async_trait::async_trait;
use bharatmart_core::changes::ClaimKind;
use bharatmart_core::ports::{Counted, Counters, Fault, Records};
use bharatmart_core::record::{Document, Kind, Listing, RecordKey};
use bharatmart_core::{Tenant, Timestamp};
use serde_json::Value;

use super::MemoryStore;

#[async_trait]
impl Records for MemoryStore {
    async fn record(&self, tenant: &Tenant, kind: &'static Kind, key: &RecordKey) -> Result<Option<Document>, Fault> {
        Ok(self.state().record(tenant, kind, key).cloned())
    }

    async fn records(
        &self,
        tenant: &Tenant,
        kind: &'static Kind,
        listing: Listing<'_>,
        before: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Document>, Fault> {
        let by = match listing {
            Listing::Within(value) => kind.within.map(|field| Some((field, value))),
            Listing::By(value) => kind.listed_by.map(|field| Some((field, value))),
            Listing::All => kind.listed.then_some(None),
        };
        let not_so = || Fault::broken("store", format_args!("a {} is not listed {listing:?}", kind.name));
        let by = by.ok_or_else(not_so)?;
        let state = self.state();
        let mut listed: Vec<_> = state
            .records(tenant, kind)
            .filter(|(_, fields)| {
                by.is_none_or(|(field, value)| fields.get(field).and_then(Value::as_str) == Some(value))
            })
            .filter(|(key, _)| before.is_none_or(|before| key.id.as_str() < before))
            .collect();
        listed.sort_by(|(a, _), (b, _)| b.id.cmp(&a.id));
        Ok(listed.into_iter().take(limit).map(|(_, fields)| fields.clone()).collect())
    }

    async fn counted(&self, tenant: &Tenant, counter: &str) -> Result<u64, Fault> {
        Ok(self.state().counted(tenant, counter))
    }

    async fn owner(&self, tenant: &Tenant, claim: ClaimKind, name: &str) -> Result<Option<String>, Fault> {
        Ok(self.state().owner(tenant, claim, name).cloned())
    }
}

#[async_trait]
impl Counters for MemoryStore {
    async fn count(
        &self,
        tenant: &Tenant,
        counter: &str,
        by: u32,
        window: Duration,
        now: Timestamp,
    ) -> Result<Counted, Fault> {
        Ok(self.state().count(tenant, counter, by, window, now))
    }

    async fn reset(&self, tenant: &Tenant, counter: &str) -> Result<(), Fault> {
        self.state().reset(tenant, counter);
        Ok(())
    }
}
