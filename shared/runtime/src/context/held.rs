//! The store as core's use cases are given it: each call is held to what the function declared, and a commit sends its
//! events with the trace they come from.

use std::time::Duration;

use async_trait::async_trait;
use bharatmart_core::catalog::{Category, ProductRef, StockedProduct};
use bharatmart_core::changes::ClaimKind;
use bharatmart_core::inventory::Levels;
use bharatmart_core::once::Once;
use bharatmart_core::ports::{Answered, CatalogReads, CommitError, Commits, Counted, Counters, Fault, Records, Store};
use bharatmart_core::record::{Document, Kind, Listing, RecordKey};
use bharatmart_core::{CategoryId, Changes, ProductId, Sku, Tenant, Timestamp};

use super::{Ctx, WorkCtx, declared, sends};
use crate::app::App;
use crate::need::{Grant, Need};
use crate::reply::Reply;
use crate::telemetry::TraceContext;

pub struct Held<'a> {
    app: &'a App,
    needs: &'static [Need],
    function: &'static str,
    trace: TraceContext,
    /// Of a request that brought a key.
    once: Option<&'a Once>,
}

impl Ctx {
    pub fn held(&self) -> Held<'_> {
        let Ctx { app, route, trace, once, .. } = self;
        Held { app, needs: route.needs, function: route.name, trace: *trace, once: once.as_ref() }
    }

    /// What a commit leaves behind for this request's key, if one came along.
    pub fn answered(&self, reply: &Reply) -> Option<Answered> {
        Some(self.once.as_ref()?.answered(reply.to_answer(), self.clock().now()))
    }
}

impl WorkCtx {
    pub fn held(&self) -> Held<'_> {
        let WorkCtx { app, worker, trace } = self;
        Held { app, needs: worker.needs, function: worker.name, trace: *trace, once: None }
    }
}

impl Held<'_> {
    fn store(&self, grant: Grant) -> Result<&dyn Store, Fault> {
        declared(self.needs, grant, self.function)?;
        self.app.store()
    }
}

#[async_trait]
impl CatalogReads for Held<'_> {
    async fn product(&self, tenant: &Tenant, product: &ProductRef) -> Result<Option<StockedProduct>, Fault> {
        self.store(Grant::ReadsCatalog)?.product(tenant, product).await
    }

    async fn products(&self, tenant: &Tenant, ids: &[ProductId]) -> Result<Vec<StockedProduct>, Fault> {
        self.store(Grant::ReadsCatalog)?.products(tenant, ids).await
    }

    async fn newest_products(
        &self,
        tenant: &Tenant,
        of: Option<&[CategoryId]>,
        before: Option<ProductId>,
        limit: usize,
    ) -> Result<Vec<ProductId>, Fault> {
        self.store(Grant::ReadsCatalog)?.newest_products(tenant, of, before, limit).await
    }

    async fn categories(&self, tenant: &Tenant) -> Result<Vec<Category>, Fault> {
        self.store(Grant::ReadsCatalog)?.categories(tenant).await
    }

    async fn stock(&self, tenant: &Tenant, product: ProductId, sku: &Sku) -> Result<Option<Levels>, Fault> {
        self.store(Grant::ReadsCatalog)?.stock(tenant, product, sku).await
    }

    async fn tenants(&self) -> Result<Vec<Tenant>, Fault> {
        self.store(Grant::ReadsCatalog)?.tenants().await
    }
}

#[async_trait]
impl Records for Held<'_> {
    async fn record(&self, tenant: &Tenant, kind: &'static Kind, key: &RecordKey) -> Result<Option<Document>, Fault> {
        self.store(Grant::Reads(kind))?.record(tenant, kind, key).await
    }

    async fn records(
        &self,
        tenant: &Tenant,
        kind: &'static Kind,
        listing: Listing<'_>,
        before: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Document>, Fault> {
        self.store(Grant::Reads(kind))?.records(tenant, kind, listing, before, limit).await
    }

    async fn counted(&self, tenant: &Tenant, counter: &str) -> Result<u64, Fault> {
        self.store(Grant::ReadsCounters)?.counted(tenant, counter).await
    }

    async fn owner(&self, tenant: &Tenant, claim: ClaimKind, name: &str) -> Result<Option<String>, Fault> {
        self.store(Grant::ReadsClaims)?.owner(tenant, claim, name).await
    }
}

#[async_trait]
impl Counters for Held<'_> {
    async fn count(
        &self,
        tenant: &Tenant,
        counter: &str,
        by: u32,
        window: Duration,
        now: Timestamp,
    ) -> Result<Counted, Fault> {
        self.store(Grant::Counts)?.count(tenant, counter, by, window, now).await
    }

    async fn reset(&self, tenant: &Tenant, counter: &str) -> Result<(), Fault> {
        self.store(Grant::Counts)?.reset(tenant, counter).await
    }
}

#[async_trait]
impl Commits for Held<'_> {
    async fn commit(&self, mut changes: Changes) -> Result<(), CommitError> {
        self.store(Grant::Commits)?;
        sends(self.needs, self.function, &mut changes.events, &self.trace)?;
        let answers = changes.answer.is_some();
        let outcome = self.app.commit(changes).await;
        if let Some(once) = self.once.filter(|_| answers) {
            once.hear(&outcome);
        }
        outcome
    }
}
