//! Keeps the books of the warehouse: enters each movement in its SKU's log, and how the SKU stands since; tells when a SKU
//! runs low, and has lists shown anew. What is entered, and when what is told, core says.
//!
//! Each SKU of an event is one commit, and its entries are the mark that it was made: a message that comes again, after
//! a crash between two SKUs or to another keeper at the same moment, finds those entries and goes on with the rest.

use bharatmart_core::catalog::ProductRef;
use bharatmart_core::inventory::{Kept, STOCK_LEVEL, SkuMoved, StockLevel, StockMoved, enter};
use bharatmart_core::ports::{CommitError, Fault};
use bharatmart_core::{Event, RecordKey, queues};
use bharatmart_runtime::{Delivery, Job, Need, Verdict, WorkCtx, Worker};
use futures_util::StreamExt;
use futures_util::stream::{self, TryStreamExt};

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

/// SKUs of an event entered at once; they share nothing.
const AT_ONCE: usize = 8;

/// One event after another: of a SKU that sells fast there are many in a batch, and they would be in each other's way.
async fn keep_all(ctx: &WorkCtx, batch: Vec<Delivery>) -> Vec<(Delivery, Verdict)> {
    let mut verdicts = Vec::with_capacity(batch.len());
    for delivery in batch {
        let verdict = match keep(ctx, &delivery.event).await {
            Ok(()) => Verdict::Done,
            Err(fault) => Verdict::from(&fault),
        };
        verdicts.push((delivery, verdict));
    }
    verdicts
}

async fn keep(ctx: &WorkCtx, event: &Event) -> Result<(), Fault> {
    let told = &StockMoved::read(event).map_err(|error| Fault::broken(WORKER.name, error))?;
    let moved = stream::iter(told.by_sku()).map(|moved| async move { keep_sku(ctx, event, told, &moved).await });
    moved.buffer_unordered(AT_ONCE).try_collect().await
}

async fn keep_sku(ctx: &WorkCtx, event: &Event, told: &StockMoved, moved: &SkuMoved) -> Result<(), Fault> {
    loop {
        // Before the stock: see `enter`.
        let level: Option<StockLevel> = ctx.find(&event.tenant, &RecordKey::alone(&moved.sku)).await?;
        let product = ctx.catalog()?.product(&event.tenant, &ProductRef::Id(moved.product)).await?;
        let Some(stocked) = product.filter(|stocked| stocked.stock.contains_key(&moved.sku)) else {
            tracing::warn!(event = %event.id, sku = %moved.sku, "there is no stock to keep books of");
            return Ok(());
        };
        let changes = enter(event, told, moved, level.as_ref(), &stocked, ctx.clock(), ctx.ids());
        let refusal = match ctx.commit(changes).await {
            Ok(()) => return Ok(()),
            Err(CommitError::Refused(refusal)) => refusal,
            Err(CommitError::Fault(fault)) => return Err(fault),
        };
        match Kept::read(&refusal) {
            Some(Kept::Done) => return Ok(()),
            Some(Kept::Again) if !ctx.time_left().is_zero() => {}
            Some(Kept::Again) => return Err(Fault::busy(WORKER.name, refusal)),
            None => return Err(Fault::broken(WORKER.name, refusal)),
        }
    }
}
