//! Keeping the books: what a movement that is told of enters in a SKU's log, and what follows when the SKU crosses into
//! another class. What several events tell of a SKU may be entered in one commit. An entry's id is of its event and
//! location, so that an event delivered twice is entered once; a level is written under its version, so that of two
//! keepers the later one has seen what the earlier one wrote.

mod keep;
#[cfg(test)]
mod tests;

pub use keep::{Entered, keep};

use super::{Availability, Reason, StockEntry, StockLevel, StockLow, StockMoved};
use crate::catalog::{Product, ProductTold, StockedProduct};
use crate::changes::{Changes, Expect, Refusal};
use crate::event::{Event, EventKind};
use crate::ids::ProductId;
use crate::notice::Notice;
use crate::ports::{Clock, Ids};
use crate::tenant::Tenant;
use crate::text::Sku;

/// What one event tells of one SKU: an entry a location.
#[derive(Clone, Debug, PartialEq)]
pub struct SkuMoved {
    pub product: ProductId,
    pub sku: Sku,
    reason: Reason,
    entries: Vec<StockEntry>,
}

impl SkuMoved {
    /// Of each SKU the event tells of.
    pub fn read(event: &Event) -> Result<Vec<SkuMoved>, serde_json::Error> {
        let StockMoved { reason, who, reference, note, lines } = StockMoved::read(event)?;
        let mut found: Vec<SkuMoved> = Vec::new();
        for line in lines {
            let place = found.iter().position(|moved| moved.product == line.product_id && moved.sku == line.sku);
            let place = place.unwrap_or_else(|| {
                let (product, sku) = (line.product_id, line.sku.clone());
                found.push(SkuMoved { product, sku, reason, entries: Vec::new() });
                found.len() - 1
            });
            let entries = &mut found[place].entries;
            if let Some(entry) = entries.iter_mut().find(|entry| entry.location == line.location) {
                entry.available += line.available;
                entry.reserved += line.reserved;
                continue;
            }
            entries.push(StockEntry {
                sku: line.sku,
                id: format!("{}.{}", event.id, line.location),
                version: 1,
                product_id: line.product_id,
                location: line.location,
                reason,
                who: who.clone(),
                reference: reference.clone(),
                note: note.clone(),
                available: line.available,
                reserved: line.reserved,
                at: event.time,
            });
        }
        Ok(found)
    }

    pub fn entries(&self) -> usize {
        self.entries.len()
    }

    fn available(&self) -> i64 {
        self.entries.iter().map(|entry| entry.available).sum()
    }
}

/// What became of a commit of the books.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    Now,
    /// One of its events was entered before.
    Before,
    /// Another keeper wrote the level: look again.
    Again,
    /// There is no product to keep books of.
    Nowhere,
}

impl Kept {
    /// `None` for a refusal that entering cannot meet.
    pub fn read(refusal: &Refusal) -> Option<Self> {
        let is_entry = |key: &str| key.starts_with("stock_entry/");
        match refusal {
            Refusal::Exists(key) if is_entry(key) => Some(Kept::Before),
            Refusal::Exists(_) | Refusal::VersionChanged(_) => Some(Kept::Again),
            _ => None,
        }
    }
}

/// Enters what moved of a SKU that is no longer sold: the log goes on, and how it stands is nobody's concern.
pub fn enter_gone(tenant: &Tenant, moved: &[SkuMoved]) -> Changes {
    let entries = moved.iter().flat_map(|moved| &moved.entries);
    entries.fold(Changes::new(tenant), |changes, entry| changes.put(entry, Expect::New))
}

/// Enters what moved of one SKU. `level` MUST have been read before `stocked`: whoever wrote a level meanwhile is noticed
/// by its version, whoever moved stock meanwhile tells of it in an event of his own.
pub fn enter(
    tenant: &Tenant,
    moved: &[SkuMoved],
    level: Option<&StockLevel>,
    stocked: &StockedProduct,
    clock: &dyn Clock,
    ids: &dyn Ids,
) -> Changes {
    let mut changes = enter_gone(tenant, moved);
    let Some(SkuMoved { product, sku, .. }) = moved.first() else { return changes };
    let available = stocked.available(sku);
    let class = Availability::of(available);
    let before = level.map_or_else(|| before(moved, available), |level| level.available);
    let (sold, told) = (stocked.levels(sku).sold(), level.map_or(0, |level| level.sold));
    let changed = shows_otherwise(stocked, sku, before) || sells_otherwise(told, sold);
    let next = StockLevel {
        sku: sku.clone(),
        version: level.map_or(1, |level| level.version + 1),
        product_id: *product,
        class,
        available,
        sold: if changed { sold } else { told },
        updated_at: clock.now(),
    };
    changes = changes.put(&next, level.map_or(Expect::New, |level| Expect::Version(level.version)));
    if changed {
        changes = changes.event(product_changed(tenant, &stocked.product, clock, ids));
    }
    let had = Availability::of(before);
    if had == Availability::InStock && class != had {
        changes = changes.event(low_stock(tenant, &next, clock, ids));
        let notice = Notice::LowStock { sku: sku.clone(), product: stocked.product.name.clone(), available };
        changes = changes.event(notice.event(tenant, clock, ids));
    }
    changes
}

/// What was available before any level was written: what the SKU began with, or had before these movements.
fn before(moved: &[SkuMoved], now: u32) -> u32 {
    let opening =
        moved.iter().filter(|moved| moved.reason == Reason::Opening).map(SkuMoved::available).reduce(|a, b| a + b);
    let before = opening.unwrap_or_else(|| i64::from(now) - moved.iter().map(SkuMoved::available).sum::<i64>());
    u32::try_from(before.max(0)).unwrap_or(u32::MAX)
}

/// Whether a list shows something else than it did: another class, or that it can be had at all.
fn shows_otherwise(stocked: &StockedProduct, sku: &Sku, before: u32) -> bool {
    let available = stocked.available(sku);
    let least = stocked.product.variant(sku).map_or(1, |variant| variant.quantity.min);
    Availability::of(before) != Availability::of(available) || (before >= least) != (available >= least)
}

/// Whether a list by sales should hear of it: an eighth more or less than it knows of, so that a thousand sales are told
/// of some forty times.
fn sells_otherwise(told: u32, sold: u32) -> bool {
    sold.abs_diff(told) > told / 8
}

pub(super) fn product_changed(tenant: &Tenant, product: &Product, clock: &dyn Clock, ids: &dyn Ids) -> Event {
    let data = ProductTold::of(product);
    Event::new(EventKind::ProductChanged, tenant, product.id.to_string(), &data, clock, ids)
}

fn low_stock(tenant: &Tenant, level: &StockLevel, clock: &dyn Clock, ids: &dyn Ids) -> Event {
    let subject = level.product_id.to_string();
    Event::new(EventKind::InventoryLowStock, tenant, subject, &StockLow::of(level), clock, ids)
}
