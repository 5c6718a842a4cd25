//! Does what the shop does by itself about an order: tells its customer what happened to it.

use bharatmart_core::orders::ORDER;
use bharatmart_core::orders::till::tell;
use bharatmart_core::ports::Fault;
use bharatmart_core::queues;
use bharatmart_runtime::{Delivery, Job, Need, Verdict, WorkCtx, Worker};
use futures_util::future::join_all;

pub static WORKER: Worker = Worker {
    name: "order-keeper",
    service: "workers",
    summary: "Tell customers of their orders",
    job: Job::Queue { queue: &queues::ORDERS, batch: 10, handler: |ctx, batch| Box::pin(keep_all(ctx, batch)) },
    needs: &[Need::reads(&ORDER), Need::COMMITS, Need::sends(&queues::NOTIFICATIONS), Need::receives(&queues::ORDERS)],
    memory_mb: 128,
    timeout_s: 20,
};

async fn keep_all(ctx: &WorkCtx, batch: Vec<Delivery>) -> Vec<(Delivery, Verdict)> {
    let held = ctx.held();
    let bench = ctx.bench(&held);
    let verdicts = join_all(batch.iter().map(|delivery| tell(&bench, &delivery.event))).await;
    let verdict = |outcome: Result<(), Fault>| outcome.map_or_else(|fault| Verdict::from(&fault), |()| Verdict::Done);
    batch.into_iter().zip(verdicts.into_iter().map(verdict)).collect()
}
