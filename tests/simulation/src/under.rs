//! The store under the shop: in memory, with every commit noted for whoever checks, and spoilt where a mistake is
//! planted. What a fault keeps from the shop is noted here all the same: it happened.

use std::future::Future;
use std::pin::pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use async_trait::async_trait;
use bharatmart_adapters::memory::MemoryStore;
use bharatmart_core::catalog::{Category, ProductRef, StockedProduct};
use bharatmart_core::changes::ClaimKind;
use bharatmart_core::inventory::{Levels, RESERVATION};
use bharatmart_core::ports::{
    CatalogReads, CommitError, Commits, Counted, Fault, Fence, IdempotencyKey, IdempotencyKeys, KeyClaim, Lease,
    LeaseName, Outbox, Records,
};
use bharatmart_core::record::{Document, Kind, Listing, Record, Row};
use bharatmart_core::{CategoryId, Changes, Event, EventId, ProductId, RecordKey, Sku, Tenant, Timestamp};

use crate::plant::{Plant, clamp, released_again};
use crate::through::{reads_through, through};
use crate::world::World;

pub struct Under {
    world: Arc<World>,
    store: MemoryStore,
    plant: Option<Plant>,
    fences: AtomicU64,
    /// Commits that took effect and that nobody has looked at.
    done: Mutex<Vec<Changes>>,
}

impl Under {
    pub fn new(world: Arc<World>, plant: Option<Plant>) -> Arc<Self> {
        let (fences, done) = (AtomicU64::new(1_000_000), Mutex::default());
        Arc::new(Under { world, store: MemoryStore::new(), plant, fences, done })
    }

    /// What was committed since this was asked for last.
    pub fn take_done(&self) -> Vec<Changes> {
        std::mem::take(&mut *self.done.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub fn levels(&self, tenant: &Tenant, product: ProductId, sku: &Sku) -> Option<Levels> {
        now(self.store.stock(tenant, product, sku)).ok().flatten()
    }

    pub fn counted(&self, tenant: &Tenant, counter: &str) -> u64 {
        now(self.store.counted(tenant, counter)).unwrap_or_default()
    }

    /// `None` also for what cannot be read, which is as bad as gone.
    pub fn find<R: Record>(&self, tenant: &Tenant, key: &RecordKey) -> Option<R> {
        let found = now(self.store.record(tenant, R::KIND, key)).ok().flatten()?;
        Row::read(found).ok()
    }

    pub fn all<R: Record>(&self, tenant: &Tenant, listing: Listing<'_>) -> Vec<R> {
        let found = now(self.store.records(tenant, R::KIND, listing, None, usize::MAX)).unwrap_or_default();
        found.into_iter().filter_map(|fields| Row::read(fields).ok()).collect()
    }

    pub fn unsent(&self) -> Vec<Event> {
        now(self.store.unsent(Timestamp::from_millis(i64::MAX), usize::MAX)).unwrap_or_default()
    }

    /// Of all that were ever committed, newest first.
    pub fn events(&self) -> Vec<Event> {
        now(self.store.newest_events(usize::MAX)).unwrap_or_default()
    }

    /// As it is, whatever is planted.
    pub async fn apply(&self, changes: Changes) -> Result<(), CommitError> {
        let noted = changes.clone();
        self.store.commit(changes).await?;
        self.done.lock().unwrap_or_else(PoisonError::into_inner).push(noted);
        Ok(())
    }

    fn is_held(&self, tenant: &Tenant, key: &RecordKey) -> bool {
        now(self.store.record(tenant, &RESERVATION, key)).is_ok_and(|found| found.is_some())
    }
}

/// The store in memory never waits.
pub(crate) fn now<T>(answer: impl Future<Output = T>) -> T {
    match pin!(answer).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(answer) => answer,
        Poll::Pending => unreachable!("the store in memory never waits"),
    }
}

#[async_trait]
impl Commits for Under {
    async fn commit(&self, mut changes: Changes) -> Result<(), CommitError> {
        let tenant = changes.tenant.clone();
        match self.plant {
            Some(Plant::NoIdempotencyRecord) => changes.answer = None,
            Some(Plant::ReserveWithoutCondition) => {
                clamp(&mut changes, |product, sku| self.levels(&tenant, product, sku));
            }
            Some(Plant::ReleaseTwice) => {
                if let Some(again) = released_again(&changes, |key| self.is_held(&tenant, key)) {
                    let _spoilt = self.apply(again).await;
                }
            }
            Some(Plant::EventOutsideTheCommit) if !changes.events.is_empty() => {
                let events = std::mem::take(&mut changes.events);
                self.apply(changes).await?;
                self.world.sleep(Duration::ZERO).await;
                return self.apply(Changes { events, ..Changes::new(&tenant) }).await;
            }
            _ => {}
        }
        self.apply(changes).await
    }
}

#[async_trait]
impl IdempotencyKeys for Under {
    async fn claim_key(
        &self,
        tenant: &Tenant,
        key: &IdempotencyKey,
        request: &str,
        lease: Duration,
        now: Timestamp,
    ) -> Result<KeyClaim, Fault> {
        if self.plant == Some(Plant::NoIdempotencyRecord) {
            return Ok(KeyClaim::Mine(Fence(self.fences.fetch_add(1, Ordering::Relaxed))));
        }
        self.store.claim_key(tenant, key, request, lease, now).await
    }

    async fn free_key(&self, tenant: &Tenant, key: &IdempotencyKey, fence: Fence) -> Result<(), Fault> {
        self.store.free_key(tenant, key, fence).await
    }
}

reads_through! { Under => store }

through! { Leases for Under => store;
    fn take_lease(name: LeaseName, owner: &str, ttl: Duration, now: Timestamp) -> Result<Option<Lease>, Fault>;
    fn release_lease(name: LeaseName, fence: Fence) -> Result<(), Fault>;
}

through! { Outbox for Under => store;
    fn unsent(before: Timestamp, limit: usize) -> Result<Vec<Event>, Fault>;
    fn mark_sent(events: &[Event]) -> Result<(), Fault>;
    fn applied(tenant: &Tenant, consumer: &'static str, events: &[EventId]) -> Result<Vec<EventId>, Fault>;
    fn newest_events(limit: usize) -> Result<Vec<Event>, Fault>;
}

through! { Forgets for Under => store;
    fn forget(before: Timestamp, limit: usize) -> Result<usize, Fault>;
}

through! { Probe for Under => store;
    fn probe() -> Result<(), Fault>;
}
