//! Entering a batch of events in the books. What it tells of a SKU is one commit, for of one that sells fast there are many
//! events. The entries are the mark that it was made: a message that comes again, after a crash between two SKUs or to
//! another keeper at the same moment, finds those entries, and the rest is entered an event at a time.

use std::slice;

use super::{Kept, SkuMoved, enter, enter_gone};
use crate::bench::{Bench, at_once};
use crate::catalog::ProductRef;
use crate::event::Event;
use crate::inventory::StockLevel;
use crate::ports::{CommitError, Fault};
use crate::record::RecordKey;
use crate::tenant::Tenant;
use crate::text::Sku;

/// So that a commit stays within what a store takes.
const MOST_ENTRIES: usize = 80;

/// What became of a batch.
pub struct Entered {
    /// Of each event, in the order of the batch.
    pub outcomes: Vec<Result<(), Fault>>,
    /// SKUs of which there is no product to keep books of.
    pub strangers: Vec<Sku>,
}

/// What a batch tells of a SKU.
struct Page<'a> {
    tenant: &'a Tenant,
    moved: Vec<SkuMoved>,
    /// The places in the batch of the events that tell it.
    told_by: Vec<usize>,
}

pub async fn keep(bench: &Bench<'_>, batch: &[&Event]) -> Entered {
    let mut entered = Entered { outcomes: batch.iter().map(|_| Ok(())).collect(), strangers: Vec::new() };
    let mut pages: Vec<Page<'_>> = Vec::new();
    for (place, event) in batch.iter().enumerate() {
        match SkuMoved::read(event) {
            Ok(moved) => moved.into_iter().for_each(|moved| put(&mut pages, &event.tenant, place, moved)),
            Err(error) => entered.outcomes[place] = Err(Fault::broken(bench.worker, error)),
        }
    }
    let kept = at_once(pages.iter().map(|page| keep_page(bench, page)).collect()).await;
    for (kept, page) in kept.into_iter().zip(pages) {
        match kept {
            Ok(Kept::Nowhere) => entered.strangers.extend(page.moved.into_iter().next().map(|moved| moved.sku)),
            Ok(_) => {}
            Err(fault) => page.told_by.into_iter().for_each(|place| entered.outcomes[place] = Err(fault.clone())),
        }
    }
    entered
}

fn put<'a>(pages: &mut Vec<Page<'a>>, tenant: &'a Tenant, place: usize, moved: SkuMoved) {
    let same = |of: &SkuMoved| of.sku == moved.sku && of.product == moved.product;
    let is_of = |page: &&mut Page<'_>| page.tenant == tenant && page.moved.first().is_some_and(same);
    match pages.iter_mut().find(is_of) {
        Some(page) => {
            page.moved.push(moved);
            page.told_by.push(place);
        }
        None => pages.push(Page { tenant, moved: vec![moved], told_by: vec![place] }),
    }
}

async fn keep_page(bench: &Bench<'_>, page: &Page<'_>) -> Result<Kept, Fault> {
    let entries: usize = page.moved.iter().map(SkuMoved::entries).sum();
    let mut kept = Kept::Before;
    if entries <= MOST_ENTRIES {
        kept = enter_all(bench, page.tenant, &page.moved).await?;
    }
    if kept == Kept::Before {
        for moved in &page.moved {
            kept = enter_all(bench, page.tenant, slice::from_ref(moved)).await?;
        }
    }
    Ok(kept)
}

async fn enter_all(bench: &Bench<'_>, tenant: &Tenant, moved: &[SkuMoved]) -> Result<Kept, Fault> {
    let Some(SkuMoved { product, sku, .. }) = moved.first() else { return Ok(Kept::Now) };
    let mut clashes = 0;
    loop {
        // Before the stock: see `enter`.
        let level: Option<StockLevel> = bench.find(tenant, &RecordKey::alone(sku)).await?;
        let found = bench.store.product(tenant, &ProductRef::Id(*product)).await?;
        let Some(stocked) = found else { return Ok(Kept::Nowhere) };
        let changes = match stocked.stock.contains_key(sku) {
            true => enter(tenant, moved, level.as_ref(), &stocked, bench.clock, bench.ids),
            false => enter_gone(tenant, moved),
        };
        let refusal = match bench.store.commit(changes).await {
            Ok(()) => return Ok(Kept::Now),
            Err(CommitError::Refused(refusal)) => refusal,
            Err(CommitError::Fault(fault)) => return Err(fault),
        };
        match Kept::read(&refusal) {
            Some(Kept::Again) if bench.patience.pause(clashes).await => clashes += 1,
            Some(Kept::Again) => return Err(Fault::busy(bench.worker, refusal)),
            Some(kept) => return Ok(kept),
            None => return Err(Fault::broken(bench.worker, refusal)),
        }
    }
}
