//! Keeps the books of the warehouse: enters each movement in its SKU's log, and how the SKU stands since; tells when a SKU
//! runs low, and has lists shown anew. What is entered, and when what is told, core says.

use bharatmart_core::inventory::STOCK_LEVEL;
use bharatmart_core::inventory::books::keep;
use bharatmart_core::ports::Fault;
use bharatmart_core::{Event, queues};
use bharatmart_runtime::{Delivery, Job, Need, Verdict, WorkCtx, Worker};

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

async fn keep_all(ctx: &WorkCtx, batch: Vec<Delivery>) -> Vec<(Delivery, Verdict)> {
    let events: Vec<&Event> = batch.iter().map(|delivery| &delivery.event).collect();
    let entered = keep(&ctx.bench(&ctx.held()), &events).await;
    for sku in entered.strangers {
        tracing::warn!(%sku, "there is no product to keep books of");
    }
    let verdict = |outcome: &Result<(), Fault>| outcome.as_ref().map_or_else(Verdict::from, |()| Verdict::Done);
    let verdicts: Vec<Verdict> = entered.outcomes.iter().map(verdict).collect();
    batch.into_iter().zip(verdicts).collect()
}
