//! Keeps the books of the warehouse: enters each movement in its SKU's log, and how the SKU stands since; tells when a SKU
//! runs low, and has lists shown anew. What is entered, and when what is told, core says.
//!
//! What a batch tells of a SKU is one commit, for of one that sells fast there are many events. The entries are the mark
//! that it was made: a message that comes again, after a crash between two SKUs or to another keeper at the same moment,
//! finds those entries, and the rest is entered an event at a time.

use std::slice;

use bharatmart_core::catalog::ProductRef;
use bharatmart_core::inventory::{Kept, STOCK_LEVEL, SkuMoved, StockLevel, enter, enter_gone};
use bharatmart_core::ports::{CommitError, Fault};
use bharatmart_core::{RecordKey, Tenant, queues};
use bharatmart_runtime::{Backoff, Delivery, Job, Need, Verdict, WorkCtx, Worker};
use futures_util::StreamExt;
use futures_util::stream;

pub static WORKER: Worker = Worker {
    name: "stock-keeper",
    service: "workers",
    summary: "Enter movements of stock in the books",
    job: Job::Queue { queue: &queues::STOCK, batch: 10, handler: |ctx, batch| Box::pin(keep_all(ctx, batch)) },
    needs: &[
        Need::READS_CATALOG,
        Need::reads(&STOCK_LEVEL),
        Need::COMMITS,
        Need::sends(&queues::SEARCH),
        Need::sends(&queues::NOTIFICATIONS),
        Need::receives(&queues::STOCK),
    ],
    memory_mb: 128,
    timeout_s: 20,
};

/// SKUs entered at once; they share nothing.
const AT_ONCE: usize = 8;
/// So that a commit stays within what a store takes.
const MOST_ENTRIES: usize = 80;

/// What a batch tells of a SKU.
struct Page {
    tenant: Tenant,
    moved: Vec<SkuMoved>,
    /// The places in the batch of the events that tell it.
    told_by: Vec<usize>,
}

async fn keep_all(ctx: &WorkCtx, batch: Vec<Delivery>) -> Vec<(Delivery, Verdict)> {
    let mut verdicts: Vec<Verdict> = batch.iter().map(|_| Verdict::Done).collect();
    let mut pages: Vec<Page> = Vec::new();
    for (place, (delivery, verdict)) in batch.iter().zip(&mut verdicts).enumerate() {
        match SkuMoved::read(&delivery.event) {
            Ok(moved) => moved.into_iter().for_each(|moved| put(&mut pages, &delivery.event.tenant, place, moved)),
            Err(error) => *verdict = Verdict::Failed(error.to_string()),
        }
    }
    let keeping = stream::iter(pages).map(|page| async move { (keep(ctx, &page).await, page) });
    let outcomes: Vec<_> = keeping.buffer_unordered(AT_ONCE).collect().await;
    for (outcome, page) in outcomes {
        if let Err(fault) = outcome {
            page.told_by.into_iter().for_each(|place| verdicts[place] = Verdict::from(&fault));
        }
    }
    batch.into_iter().zip(verdicts).collect()
}

fn put(pages: &mut Vec<Page>, tenant: &Tenant, place: usize, moved: SkuMoved) {
    let same = |of: &SkuMoved| of.sku == moved.sku && of.product == moved.product;
    let is_of = |page: &&mut Page| page.tenant == *tenant && page.moved.first().is_some_and(same);
    match pages.iter_mut().find(is_of) {
        Some(page) => {
            page.moved.push(moved);
            page.told_by.push(place);
        }
        None => pages.push(Page { tenant: tenant.clone(), moved: vec![moved], told_by: vec![place] }),
    }
}

async fn keep(ctx: &WorkCtx, page: &Page) -> Result<(), Fault> {
    let entries: usize = page.moved.iter().map(SkuMoved::entries).sum();
    if entries <= MOST_ENTRIES && enter_all(ctx, &page.tenant, &page.moved).await? == Kept::Now {
        return Ok(());
    }
    for moved in &page.moved {
        enter_all(ctx, &page.tenant, slice::from_ref(moved)).await?;
    }
    Ok(())
}

async fn enter_all(ctx: &WorkCtx, tenant: &Tenant, moved: &[SkuMoved]) -> Result<Kept, Fault> {
    let Some(SkuMoved { product, sku, .. }) = moved.first() else { return Ok(Kept::Now) };
    let mut pauses = Backoff::default();
    loop {
        // Before the stock: see `enter`.
        let level: Option<StockLevel> = ctx.find(tenant, &RecordKey::alone(sku)).await?;
        let found = ctx.catalog()?.product(tenant, &ProductRef::Id(*product)).await?;
        let Some(stocked) = found else {
            tracing::warn!(%tenant, %sku, "there is no product to keep books of");
            return Ok(Kept::Now);
        };
        let changes = match stocked.stock.contains_key(sku) {
            true => enter(tenant, moved, level.as_ref(), &stocked, ctx.clock(), ctx.ids()),
            false => enter_gone(tenant, moved),
        };
        let refusal = match ctx.commit(changes).await {
            Ok(()) => return Ok(Kept::Now),
            Err(CommitError::Refused(refusal)) => refusal,
            Err(CommitError::Fault(fault)) => return Err(fault),
        };
        match Kept::read(&refusal) {
            Some(Kept::Again) if pauses.pause().await => {}
            Some(Kept::Again) => return Err(Fault::busy(WORKER.name, refusal)),
            Some(kept) => return Ok(kept),
            None => return Err(Fault::broken(WORKER.name, refusal)),
        }
    }
}
