//! Keeping the books: what a movement that is told of enters in a SKU's log, and what follows when the SKU crosses into
//! another class. Each SKU of a movement is one commit. An entry's id is of its event and location, so that an event
//! delivered twice is entered once; a level is written under its version, so that of two keepers the later one has seen
//! what the earlier one wrote.

#[cfg(test)]
mod tests;

use serde_json::json;

use super::{Availability, MovedLine, Reason, StockEntry, StockLevel, StockMoved};
use crate::catalog::{Product, StockedProduct};
use crate::changes::{Changes, Expect, Refusal};
use crate::event::{Event, EventKind};
use crate::identity::Notice;
use crate::ids::ProductId;
use crate::ports::{Clock, Ids};
use crate::text::Sku;

/// What one event tells of one SKU.
#[derive(Clone, Debug, PartialEq)]
pub struct SkuMoved {
    pub product: ProductId,
    pub sku: Sku,
    lines: Vec<MovedLine>,
}

impl StockMoved {
    pub fn by_sku(&self) -> Vec<SkuMoved> {
        let mut found: Vec<SkuMoved> = Vec::new();
        for line in &self.lines {
            match found.iter_mut().find(|moved| moved.product == line.product_id && moved.sku == line.sku) {
                Some(moved) => moved.lines.push(line.clone()),
                None => {
                    let (sku, lines) = (line.sku.clone(), vec![line.clone()]);
                    found.push(SkuMoved { product: line.product_id, sku, lines })
                }
            }
        }
        found
    }
}

/// What became of a commit of the books.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// It is entered, now or before.
    Done,
    /// Another keeper wrote the level: look again.
    Again,
}

impl Kept {
    /// `None` for a refusal that entering cannot meet.
    pub fn read(refusal: &Refusal) -> Option<Self> {
        let is_entry = |key: &str| key.starts_with("stock_entry/");
        match refusal {
            Refusal::Exists(key) if is_entry(key) => Some(Kept::Done),
            Refusal::Exists(_) | Refusal::VersionChanged(_) => Some(Kept::Again),
            _ => None,
        }
    }
}

/// Enters what moved. `level` MUST have been read before `stocked`: whoever wrote a level meanwhile is noticed by its
/// version, whoever moved stock meanwhile tells of it in an event of his own.
pub fn enter(
    event: &Event,
    told: &StockMoved,
    moved: &SkuMoved,
    level: Option<&StockLevel>,
    stocked: &StockedProduct,
    clock: &dyn Clock,
    ids: &dyn Ids,
) -> Changes {
    let mut changes = Changes::new(&event.tenant);
    for entry in entries(event, told, moved) {
        changes = changes.put(&entry, Expect::New);
    }
    let available = stocked.available(&moved.sku);
    let class = Availability::of(available);
    let next = StockLevel {
        sku: moved.sku.clone(),
        version: level.map_or(1, |level| level.version + 1),
        product_id: moved.product,
        class,
        available,
        updated_at: clock.now(),
    };
    changes = changes.put(&next, level.map_or(Expect::New, |level| Expect::Version(level.version)));
    let before = level.map_or_else(|| moved.before(told.reason, available), |level| level.available);
    let had = Availability::of(before);
    if shows_otherwise(stocked, &moved.sku, before) {
        changes = changes.event(product_changed(event, &stocked.product, clock, ids));
    }
    if had == Availability::InStock && class != had {
        changes = changes.event(low_stock(event, &next, clock, ids));
        let name = stocked.product.name.clone();
        let notice = Notice::LowStock { sku: moved.sku.clone(), product: name, available };
        changes = changes.event(notice.event(&event.tenant, clock, ids));
    }
    changes
}

fn entries(event: &Event, told: &StockMoved, moved: &SkuMoved) -> Vec<StockEntry> {
    let mut entries: Vec<StockEntry> = Vec::new();
    for line in &moved.lines {
        if let Some(entry) = entries.iter_mut().find(|entry| entry.location == line.location) {
            entry.available += line.available;
            entry.reserved += line.reserved;
            continue;
        }
        entries.push(StockEntry {
            sku: line.sku.clone(),
            id: format!("{}.{}", event.id, line.location),
            version: 1,
            product_id: line.product_id,
            location: line.location.clone(),
            reason: told.reason,
            who: told.who.clone(),
            reference: told.reference.clone(),
            note: told.note.clone(),
            available: line.available,
            reserved: line.reserved,
            at: event.time,
        });
    }
    entries
}

impl SkuMoved {
    /// What was available before any level was written: what the SKU began with, or had before this movement.
    fn before(&self, reason: Reason, now: u32) -> u32 {
        let delta: i64 = self.lines.iter().map(|line| line.available).sum();
        let before = if reason == Reason::Opening { delta } else { i64::from(now) - delta };
        u32::try_from(before.max(0)).unwrap_or(u32::MAX)
    }
}

/// Whether a list shows something else than it did: another class, or that it can be had at all.
fn shows_otherwise(stocked: &StockedProduct, sku: &Sku, before: u32) -> bool {
    let available = stocked.available(sku);
    let least = stocked.product.variant(sku).map_or(1, |variant| variant.quantity.min);
    Availability::of(before) != Availability::of(available) || (before >= least) != (available >= least)
}

fn product_changed(cause: &Event, product: &Product, clock: &dyn Clock, ids: &dyn Ids) -> Event {
    let data = json!({ "product_id": product.id, "version": product.version });
    Event::new(EventKind::ProductChanged, &cause.tenant, product.id.to_string(), data, clock, ids)
}

fn low_stock(cause: &Event, level: &StockLevel, clock: &dyn Clock, ids: &dyn Ids) -> Event {
    let data = json!({
        "product_id": level.product_id,
        "sku": level.sku,
        "available": level.available,
        "class": level.class,
        "threshold": Availability::LOW,
    });
    let subject = level.product_id.to_string();
    Event::new(EventKind::InventoryLowStock, &cause.tenant, subject, data, clock, ids)
}
