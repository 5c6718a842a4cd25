//! The store, one table for each of its traits.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bharatmart_core::catalog::{Category, ProductRef, StockedProduct};
use bharatmart_core::changes::ClaimKind;
use bharatmart_core::inventory::Levels;
use bharatmart_core::ports::{
    CatalogReads, CommitError, Commits, Counted, Counters, Fault, Fence, Forgets, IdempotencyKey, IdempotencyKeys,
    KeyClaim, Lease, LeaseName, Leases, Outbox, Probe, Records, Store,
};
use bharatmart_core::record::{Document, Listing};
use bharatmart_core::{CategoryId, Changes, Event, EventId, Kind, ProductId, RecordKey, Sku, Tenant, Timestamp};

use crate::decorator::{Chaos, Faulty, faulty, through};
use crate::operation::Operation;

impl Chaos {
    pub fn store(&self, store: Arc<dyn Store>) -> Arc<dyn Store> {
        Arc::new(self.faulty(store))
    }
}

faulty! {
    CATALOG_READS = "store": CatalogReads for dyn Store;
    reads product(tenant: &Tenant, product: &ProductRef) -> Result<Option<StockedProduct>, Fault>;
    reads products(tenant: &Tenant, ids: &[ProductId]) -> Result<Vec<StockedProduct>, Fault>;
    reads newest_products(
        tenant: &Tenant,
        of: Option<&[CategoryId]>,
        before: Option<ProductId>,
        limit: usize,
    ) -> Result<Vec<ProductId>, Fault>;
    reads categories(tenant: &Tenant) -> Result<Vec<Category>, Fault>;
    reads stock(tenant: &Tenant, product: ProductId, sku: &Sku) -> Result<Option<Levels>, Fault>;
    reads tenants() -> Result<Vec<Tenant>, Fault>;
}

faulty! {
    RECORDS = "store": Records for dyn Store;
    reads record(tenant: &Tenant, kind: &'static Kind, key: &RecordKey) -> Result<Option<Document>, Fault>;
    reads records(
        tenant: &Tenant,
        kind: &'static Kind,
        listing: Listing<'_>,
        before: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Document>, Fault>;
    reads counted(tenant: &Tenant, counter: &str) -> Result<u64, Fault>;
    reads owner(tenant: &Tenant, claim: ClaimKind, name: &str) -> Result<Option<String>, Fault>;
}

faulty! {
    COUNTERS = "store": Counters for dyn Store;
    writes count(
        tenant: &Tenant,
        counter: &str,
        by: u32,
        window: Duration,
        now: Timestamp,
    ) -> Result<Counted, Fault>;
    writes reset(tenant: &Tenant, counter: &str) -> Result<(), Fault>;
}

faulty! {
    COMMITS = "store": Commits for dyn Store;
    writes commit(changes: Changes) -> Result<(), CommitError>;
}

faulty! {
    IDEMPOTENCY_KEYS = "store": IdempotencyKeys for dyn Store;
    writes claim_key(
        tenant: &Tenant,
        key: &IdempotencyKey,
        request: &str,
        lease: Duration,
        now: Timestamp,
    ) -> Result<KeyClaim, Fault>;
    writes free_key(tenant: &Tenant, key: &IdempotencyKey, fence: Fence) -> Result<(), Fault>;
}

faulty! {
    LEASES = "store": Leases for dyn Store;
    writes take_lease(
        name: LeaseName,
        owner: &str,
        ttl: Duration,
        now: Timestamp,
    ) -> Result<Option<Lease>, Fault>;
    writes release_lease(name: LeaseName, fence: Fence) -> Result<(), Fault>;
}

faulty! {
    OUTBOX = "store": Outbox for dyn Store;
    reads unsent(before: Timestamp, limit: usize) -> Result<Vec<Event>, Fault>;
    writes mark_sent(events: &[Event]) -> Result<(), Fault>;
    reads applied(
        tenant: &Tenant,
        consumer: &'static str,
        events: &[EventId],
    ) -> Result<Vec<EventId>, Fault>;
    reads newest_events(limit: usize) -> Result<Vec<Event>, Fault>;
}

faulty! {
    FORGETS = "store": Forgets for dyn Store;
    writes forget(before: Timestamp, limit: usize) -> Result<usize, Fault>;
}

faulty! {
    PROBE = "store": Probe for dyn Store;
    reads probe() -> Result<(), Fault>;
}
