//! Counts what happened by day. How a batch is counted, core says.

use bharatmart_core::figures::{DAY, keep};
use bharatmart_core::{Event, queues};
use bharatmart_runtime::{Delivery, Job, Need, Verdict, WorkCtx, Worker};

pub static WORKER: Worker = Worker {
    name: "analytics-counter",
    service: "workers",
    summary: "Count orders and payments by day",
    job: Job::Queue { queue: &queues::ANALYTICS, batch: 10, handler: |ctx, batch| Box::pin(count_all(ctx, batch)) },
    needs: &[Need::reads(&DAY), Need::COMMITS, Need::receives(&queues::ANALYTICS)],
    memory_mb: 128,
    timeout_s: 20,
};

async fn count_all(ctx: &WorkCtx, batch: Vec<Delivery>) -> Vec<(Delivery, Verdict)> {
    let events: Vec<&Event> = batch.iter().map(|delivery| &delivery.event).collect();
    let failed = keep(&ctx.bench(&ctx.held()), &events).await;
    let verdict = |delivery: Delivery| {
        let reason = failed.iter().find(|(event, _)| *event == delivery.event.id);
        let verdict = reason.map_or(Verdict::Done, |(_, reason)| Verdict::Later(reason.clone()));
        (delivery, verdict)
    };
    batch.into_iter().map(verdict).collect()
}
