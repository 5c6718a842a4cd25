//! The store in memory, for simulations and as the model the engines are compared with. One lock makes every call
//! atomic; ordered maps make every answer repeatable. Nothing is durable.

use std::collections::BTreeSet;
use std::ops::Bound;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use bharatmart_core::catalog::{Category, Product, ProductRef, StockedProduct};
use bharatmart_core::changes::ClaimKind;
use bharatmart_core::inventory::Levels;
use bharatmart_core::ports::{
    CatalogReads, CommitError, Commits, Fault, Fence, Forgets, IdempotencyKey, IdempotencyKeys, KeyClaim, Lease,
    LeaseName, Leases, Outbox, Probe,
};
use bharatmart_core::{CategoryId, Changes, Event, EventId, ProductId, Sku, Tenant, Timestamp};
use uuid::Uuid;

use super::state::{Held, Key, KeyState, State};

#[derive(Default)]
pub struct MemoryStore(Mutex<State>);

impl MemoryStore {
    pub fn new() -> Self {
        Self::default()
    }

    /// No call leaves the rows half changed, so one that panicked does not spoil them for the next.
    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn with_stock(&self, tenant: &Tenant, product: &Product) -> StockedProduct {
        let stock = self.stock.get(&(tenant.clone(), product.id)).cloned().unwrap_or_default();
        StockedProduct { product: product.clone(), stock }
    }

    fn find(&self, tenant: &Tenant, id: ProductId) -> Option<StockedProduct> {
        self.products.get(&(tenant.clone(), id)).map(|product| self.with_stock(tenant, product))
    }
}

#[async_trait]
impl Commits for MemoryStore {
    async fn commit(&self, changes: Changes) -> Result<(), CommitError> {
        self.state().commit(changes)
    }
}

#[async_trait]
impl CatalogReads for MemoryStore {
    async fn product(&self, tenant: &Tenant, product: &ProductRef) -> Result<Option<StockedProduct>, Fault> {
        let state = self.state();
        let id = match product {
            ProductRef::Id(id) => Some(*id),
            ProductRef::Slug(slug) => {
                let claim = (tenant.clone(), ClaimKind::ProductSlug, slug.to_string());
                state.claims.get(&claim).and_then(|owner| owner.parse().ok())
            }
        };
        Ok(id.and_then(|id| state.find(tenant, id)))
    }

    async fn products(&self, tenant: &Tenant, ids: &[ProductId]) -> Result<Vec<StockedProduct>, Fault> {
        let state = self.state();
        let ids: BTreeSet<_> = ids.iter().copied().collect();
        Ok(ids.into_iter().filter_map(|id| state.find(tenant, id)).collect())
    }

    async fn newest_products(
        &self,
        tenant: &Tenant,
        of: Option<&[CategoryId]>,
        before: Option<ProductId>,
        limit: usize,
    ) -> Result<Vec<ProductId>, Fault> {
        let state = self.state();
        let first = (tenant.clone(), ProductId::from_uuid(Uuid::nil()));
        let end = match before {
            Some(before) => Bound::Excluded((tenant.clone(), before)),
            None => Bound::Included((tenant.clone(), ProductId::from_uuid(Uuid::max()))),
        };
        let products = state.products.range((Bound::Included(first), end)).rev();
        Ok(products
            .map(|(_, product)| product)
            .filter(|product| of.is_none_or(|of| of.contains(&product.category)))
            .take(limit)
            .map(|product| product.id)
            .collect())
    }

    async fn categories(&self, tenant: &Tenant) -> Result<Vec<Category>, Fault> {
        let state = self.state();
        let categories = state.categories.iter().filter(|((t, _), _)| t == tenant);
        let mut categories: Vec<_> = categories.map(|(_, category)| category.clone()).collect();
        categories.sort_by(|a, b| (a.position, &a.slug).cmp(&(b.position, &b.slug)));
        Ok(categories)
    }

    async fn stock(&self, tenant: &Tenant, product: ProductId, sku: &Sku) -> Result<Option<Levels>, Fault> {
        Ok(self.state().levels(tenant, product, sku).cloned())
    }

    async fn tenants(&self) -> Result<Vec<Tenant>, Fault> {
        let state = self.state();
        let with_category = state.categories.keys().map(|(tenant, _)| tenant);
        let tenants: BTreeSet<_> = state.products.keys().map(|(tenant, _)| tenant).chain(with_category).collect();
        Ok(tenants.into_iter().cloned().collect())
    }
}

#[async_trait]
impl IdempotencyKeys for MemoryStore {
    async fn claim_key(
        &self,
        tenant: &Tenant,
        key: &IdempotencyKey,
        request: &str,
        lease: Duration,
        now: Timestamp,
    ) -> Result<KeyClaim, Fault> {
        let mut state = self.state();
        let id = (tenant.clone(), key.clone());
        let present = state.keys.get(&id);
        let live = present.filter(|key| match key.at {
            KeyState::Free { .. } => false,
            KeyState::Running { until } => until > now,
            KeyState::Answered { expires_at, .. } => expires_at > now,
        });
        match live {
            Some(key) if key.request != request => return Ok(KeyClaim::AnotherRequest),
            Some(Key { at: KeyState::Running { until }, .. }) => return Ok(KeyClaim::Running { until: *until }),
            Some(Key { at: KeyState::Answered { answer, .. }, .. }) => return Ok(KeyClaim::Answered(answer.clone())),
            _ => {}
        }
        // As if it began at the time of day: past every fence of one that was forgotten.
        let fence = Fence(present.map_or(now.millis().unsigned_abs(), |key| key.fence.0) + 1);
        let at = KeyState::Running { until: now.after(lease) };
        state.keys.insert(id, Key { fence, request: request.to_owned(), at });
        Ok(KeyClaim::Mine(fence))
    }

    async fn free_key(&self, tenant: &Tenant, key: &IdempotencyKey, fence: Fence) -> Result<(), Fault> {
        if let Some(key) = self.state().keys.get_mut(&(tenant.clone(), key.clone()))
            && key.fence == fence
            && let KeyState::Running { until } = key.at
        {
            key.at = KeyState::Free { until };
        }
        Ok(())
    }
}

#[async_trait]
impl Leases for MemoryStore {
    async fn take_lease(
        &self,
        name: LeaseName,
        owner: &str,
        ttl: Duration,
        now: Timestamp,
    ) -> Result<Option<Lease>, Fault> {
        let mut state = self.state();
        let last = state.leases.get(&name);
        let runs = last.filter(|held| held.owner.is_some() && held.until > now);
        let fence = match runs {
            Some(held) if held.owner.as_deref() != Some(owner) => return Ok(None),
            Some(held) => held.fence,
            None => Fence(last.map_or(0, |held| held.fence.0) + 1),
        };
        let until = now.after(ttl);
        state.leases.insert(name, Held { fence, owner: Some(owner.to_owned()), until });
        Ok(Some(Lease { fence, until }))
    }

    async fn release_lease(&self, name: LeaseName, fence: Fence) -> Result<(), Fault> {
        if let Some(held) = self.state().leases.get_mut(&name)
            && held.fence == fence
        {
            held.owner = None;
        }
        Ok(())
    }
}

#[async_trait]
impl Outbox for MemoryStore {
    async fn unsent(&self, before: Timestamp, limit: usize) -> Result<Vec<Event>, Fault> {
        let state = self.state();
        let unsent = state.events.values().filter(|noted| !noted.sent && noted.event.time < before);
        Ok(unsent.take(limit).map(|noted| noted.event.clone()).collect())
    }

    async fn mark_sent(&self, events: &[Event]) -> Result<(), Fault> {
        let mut state = self.state();
        for event in events {
            if let Some(noted) = state.events.get_mut(&(event.time, event.id)) {
                noted.sent = true;
            }
        }
        Ok(())
    }

    async fn applied(
        &self,
        tenant: &Tenant,
        consumer: &'static str,
        events: &[EventId],
    ) -> Result<Vec<EventId>, Fault> {
        let state = self.state();
        let marked = |event: &&EventId| state.applied.contains_key(&(tenant.clone(), consumer, **event));
        Ok(events.iter().filter(marked).copied().collect())
    }

    async fn newest_events(&self, limit: usize) -> Result<Vec<Event>, Fault> {
        Ok(self.state().events.values().rev().take(limit).map(|noted| noted.event.clone()).collect())
    }
}

#[async_trait]
impl Forgets for MemoryStore {
    async fn forget(&self, before: Timestamp, limit: usize) -> Result<usize, Fault> {
        Ok(self.state().forget(before, limit))
    }
}

#[async_trait]
impl Probe for MemoryStore {
    async fn probe(&self) -> Result<(), Fault> {
        Ok(())
    }
}
