//! The rows of the store in memory, and what a commit does to them: first every precondition in order, then every
//! write. It knows nothing of locks, of time, or of reading.

use std::collections::BTreeMap;
use std::time::Duration;

use bharatmart_core::catalog::{Category, Product};
use bharatmart_core::changes::ClaimKind;
use bharatmart_core::inventory::{Levels, Location, Stock};
use bharatmart_core::ports::{Answer, Answered, CommitError, Counted, Fault, Fence, IdempotencyKey, LeaseName};
use bharatmart_core::record::{Document, Kind, RecordKey};
use bharatmart_core::{CategoryId, Changes, Event, EventId, Expect, ProductId, Refusal, Sku, Tenant, Timestamp, Write};

#[derive(Default)]
pub(super) struct State {
    pub(super) products: BTreeMap<(Tenant, ProductId), Product>,
    pub(super) categories: BTreeMap<(Tenant, CategoryId), Category>,
    pub(super) stock: BTreeMap<(Tenant, ProductId), BTreeMap<Sku, Levels>>,
    pub(super) claims: BTreeMap<(Tenant, ClaimKind, String), String>,
    counters: BTreeMap<(Tenant, String), u64>,
    /// By the name of their kind.
    records: BTreeMap<(Tenant, &'static str), BTreeMap<RecordKey, Document>>,
    windows: BTreeMap<(Tenant, String), Window>,
    pub(super) events: BTreeMap<(Timestamp, EventId), Noted>,
    pub(super) applied: BTreeMap<(Tenant, &'static str, EventId), Timestamp>,
    pub(super) keys: BTreeMap<(Tenant, IdempotencyKey), Key>,
    pub(super) leases: BTreeMap<LeaseName, Held>,
}

/// A count, and when it begins anew.
struct Window {
    value: u64,
    ends_at: Timestamp,
}

/// An event of the outbox.
pub(super) struct Noted {
    pub(super) event: Event,
    pub(super) sent: bool,
}

/// Kept after it is freed or has run out, so that its fence goes on growing.
pub(super) struct Key {
    pub(super) fence: Fence,
    pub(super) request: String,
    pub(super) at: KeyState,
}

pub(super) enum KeyState {
    Free,
    Running { until: Timestamp },
    Answered { answer: Answer, expires_at: Timestamp },
}

/// A lease, kept after its release for the same reason.
pub(super) struct Held {
    pub(super) fence: Fence,
    /// `None` once it was given back.
    pub(super) owner: Option<String>,
    pub(super) until: Timestamp,
}

impl State {
    pub(super) fn commit(&mut self, changes: Changes) -> Result<(), CommitError> {
        changes.check()?;
        self.allow(&changes)?;
        let tenant = changes.tenant;
        for mark in changes.applied {
            self.applied.insert((tenant.clone(), mark.consumer, mark.event), mark.expires_at);
        }
        if let Some(answered) = changes.answer {
            self.answer(&tenant, answered);
        }
        for write in changes.writes {
            self.write(&tenant, write);
        }
        for event in changes.events {
            self.events.insert((event.time, event.id), Noted { event, sent: false });
        }
        Ok(())
    }

    /// No two writes of a commit share a key, so each precondition may look at the rows as they were before it.
    fn allow(&self, changes: &Changes) -> Result<(), CommitError> {
        let tenant = &changes.tenant;
        for mark in &changes.applied {
            if self.applied.contains_key(&(tenant.clone(), mark.consumer, mark.event)) {
                return Err(Refusal::AlreadyApplied(mark.event).into());
            }
        }
        if let Some(answered) = &changes.answer {
            let key = self.keys.get(&(tenant.clone(), answered.key.clone()));
            if !key.is_some_and(|key| key.fence == answered.fence && matches!(key.at, KeyState::Running { .. })) {
                return Err(Refusal::FenceLost(answered.key.0.clone()).into());
            }
        }
        if let Some((name, fence)) = changes.lease {
            let held = self.leases.get(&name);
            if !held.is_some_and(|held| held.fence == fence && held.owner.is_some()) {
                return Err(Refusal::FenceLost(name.0.to_owned()).into());
            }
        }
        changes.writes.iter().try_for_each(|write| self.allow_write(tenant, write))?;
        match changes.events.iter().find(|event| self.events.contains_key(&(event.time, event.id))) {
            Some(event) => Err(Fault::broken("store", format!("event {} was committed before", event.id)).into()),
            None => Ok(()),
        }
    }

    fn allow_write(&self, tenant: &Tenant, write: &Write) -> Result<(), CommitError> {
        let allowed = match write {
            Write::Product { product, expect } => {
                let present = self.products.get(&(tenant.clone(), product.id)).map(|product| product.version);
                expected(*expect, present, write)
            }
            Write::Category { category, expect } => {
                let present = self.categories.get(&(tenant.clone(), category.id)).map(|category| category.version);
                expected(*expect, present, write)
            }
            Write::HoldCategory { id, version } => {
                let present = self.categories.get(&(tenant.clone(), *id)).map(|category| category.version);
                expected(Expect::Version(*version), present, write)
            }
            Write::Record { row, expect } => {
                let key = row.key().unwrap_or_else(|| RecordKey::alone(""));
                expected(*expect, self.version(tenant, row.kind, &key), write)
            }
            Write::Remove { kind, key, version } => {
                expected(Expect::Version(*version), self.version(tenant, kind, key), write)
            }
            Write::NewStock { product, sku, location, .. } => match self.stocked(tenant, *product, sku, location) {
                Some(_) => Err(Refusal::Exists(write.key())),
                None => Ok(()),
            },
            Write::DropStock { product, sku, location } => match self.stocked(tenant, *product, sku, location) {
                Some(Stock { available: 0, reserved: 0, .. }) => Ok(()),
                _ => Err(Refusal::VersionChanged(write.key())),
            },
            Write::MoveStock { product, sku, location, available, reserved, .. } => {
                let stock = self.stocked(tenant, *product, sku, location);
                match stock.and_then(|stock| moved(stock, *available, *reserved)) {
                    Some(_) => Ok(()),
                    None => Err(Refusal::InsufficientStock(sku.clone())),
                }
            }
            Write::Claim { kind, name, .. } => match self.owner(tenant, *kind, name) {
                Some(_) => Err(Refusal::NameTaken { kind: *kind, name: name.clone() }),
                None => Ok(()),
            },
            Write::Unclaim { kind, name, owner } => match self.owner(tenant, *kind, name) {
                Some(present) if present == owner => Ok(()),
                _ => Err(Refusal::NotOwner { kind: *kind, name: name.clone() }),
            },
            Write::Count { counter, by, at_most } => {
                match self.counted(tenant, counter).checked_add_signed(i64::from(*by)) {
                    Some(value) if value <= u64::from(*at_most) => Ok(()),
                    _ => Err(Refusal::LimitReached(counter.clone())),
                }
            }
        };
        allowed.map_err(CommitError::from)
    }

    fn write(&mut self, tenant: &Tenant, write: Write) {
        match write {
            Write::Product { product, .. } => {
                self.products.insert((tenant.clone(), product.id), *product);
            }
            Write::Category { category, .. } => {
                self.categories.insert((tenant.clone(), category.id), category);
            }
            Write::HoldCategory { .. } => {}
            Write::Record { row, .. } => {
                if let Some(key) = row.key() {
                    self.records.entry((tenant.clone(), row.kind.name)).or_default().insert(key, row.fields);
                }
            }
            Write::Remove { kind, key, .. } => {
                if let Some(of_kind) = self.records.get_mut(&(tenant.clone(), kind.name)) {
                    of_kind.remove(&key);
                }
            }
            Write::NewStock { product, sku, location, available } => {
                let levels = self.stock.entry((tenant.clone(), product)).or_default().entry(sku).or_default();
                levels.0.insert(location, Stock::first(available));
            }
            Write::DropStock { product, sku, location } => {
                let skus = self.stock.entry((tenant.clone(), product)).or_default();
                if let Some(levels) = skus.get_mut(&sku) {
                    levels.0.remove(&location);
                }
                skus.retain(|_, levels| !levels.0.is_empty());
            }
            Write::MoveStock { product, sku, location, available, reserved, sold } => {
                let of_sku = self.stock.get_mut(&(tenant.clone(), product)).and_then(|skus| skus.get_mut(&sku));
                if let Some(stock) = of_sku.and_then(|levels| levels.0.get_mut(&location)) {
                    let sold = stock.sold.saturating_add(sold);
                    *stock = Stock { sold, ..moved(*stock, available, reserved).unwrap_or(*stock) };
                }
            }
            Write::Claim { kind, name, owner } => {
                self.claims.insert((tenant.clone(), kind, name), owner);
            }
            Write::Unclaim { kind, name, .. } => {
                self.claims.remove(&(tenant.clone(), kind, name));
            }
            Write::Count { counter, by, .. } => {
                let value = self.counters.entry((tenant.clone(), counter)).or_default();
                *value = value.saturating_add_signed(i64::from(by));
            }
        }
    }

    fn answer(&mut self, tenant: &Tenant, answered: Answered) {
        if let Some(key) = self.keys.get_mut(&(tenant.clone(), answered.key)) {
            key.at = KeyState::Answered { answer: answered.answer, expires_at: answered.expires_at };
        }
    }

    pub(super) fn levels(&self, tenant: &Tenant, product: ProductId, sku: &Sku) -> Option<&Levels> {
        self.stock.get(&(tenant.clone(), product))?.get(sku)
    }

    fn stocked(&self, tenant: &Tenant, product: ProductId, sku: &Sku, location: &Location) -> Option<Stock> {
        self.levels(tenant, product, sku)?.0.get(location).copied()
    }

    /// By key, ascending.
    pub(super) fn records(
        &self,
        tenant: &Tenant,
        kind: &Kind,
    ) -> impl DoubleEndedIterator<Item = (&RecordKey, &Document)> {
        self.records.get(&(tenant.clone(), kind.name)).into_iter().flatten()
    }

    pub(super) fn record(&self, tenant: &Tenant, kind: &Kind, key: &RecordKey) -> Option<&Document> {
        self.records.get(&(tenant.clone(), kind.name))?.get(key)
    }

    fn version(&self, tenant: &Tenant, kind: &Kind, key: &RecordKey) -> Option<u64> {
        self.record(tenant, kind, key)?.get("version")?.as_u64()
    }

    pub(super) fn owner(&self, tenant: &Tenant, kind: ClaimKind, name: &str) -> Option<&String> {
        self.claims.get(&(tenant.clone(), kind, name.to_owned()))
    }

    pub(super) fn counted(&self, tenant: &Tenant, counter: &str) -> u64 {
        self.counters.get(&(tenant.clone(), counter.to_owned())).copied().unwrap_or(0)
    }

    pub(super) fn count(
        &mut self,
        tenant: &Tenant,
        counter: &str,
        by: u32,
        length: Duration,
        now: Timestamp,
    ) -> Counted {
        let key = (tenant.clone(), counter.to_owned());
        let live = self.windows.get(&key).filter(|window| window.ends_at > now);
        let (value, ends_at) = live.map_or((0, now.after(length)), |window| (window.value, window.ends_at));
        let value = value + u64::from(by);
        if by > 0 {
            self.windows.insert(key, Window { value, ends_at });
        }
        Counted { value, resets_in: ends_at.since(now) }
    }

    pub(super) fn reset(&mut self, tenant: &Tenant, counter: &str) {
        self.windows.remove(&(tenant.clone(), counter.to_owned()));
    }
}

fn expected(expect: Expect, present: Option<u64>, write: &Write) -> Result<(), Refusal> {
    match (expect, present) {
        (Expect::New, None) => Ok(()),
        (Expect::New, Some(_)) => Err(Refusal::Exists(write.key())),
        (Expect::Version(version), Some(present)) if present == version => Ok(()),
        (Expect::Version(_), _) => Err(Refusal::VersionChanged(write.key())),
    }
}

/// `None` when a figure would fall below zero.
fn moved(stock: Stock, available: i64, reserved: i64) -> Option<Stock> {
    let figure = |present: u32, by: i64| i64::from(present).checked_add(by).and_then(|sum| u32::try_from(sum).ok());
    let (available, reserved) = (figure(stock.available, available)?, figure(stock.reserved, reserved)?);
    Some(Stock { available, reserved, ..stock })
}
