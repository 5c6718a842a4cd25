//! Does what the shop does by itself about an order: tells its customer what happened to it. What is told is asked for in
//! the commit that notes the event, so that it is told once.

use std::time::Duration;

use bharatmart_core::changes::Applied;
use bharatmart_core::orders::{ORDER, order_of};
use bharatmart_core::ports::{CommitError, Fault};
use bharatmart_core::{Event, Refusal, queues};
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

/// So long an event is remembered as told; no queue gives one out again later.
const REMEMBERED: Duration = Duration::from_secs(15 * 24 * 3600);

async fn keep_all(ctx: &WorkCtx, batch: Vec<Delivery>) -> Vec<(Delivery, Verdict)> {
    let verdicts = join_all(batch.iter().map(|delivery| tell(ctx, &delivery.event))).await;
    let verdict = |outcome: Result<(), Fault>| outcome.map_or_else(|fault| Verdict::from(&fault), |()| Verdict::Done);
    batch.into_iter().zip(verdicts.into_iter().map(verdict)).collect()
}

async fn tell(ctx: &WorkCtx, event: &Event) -> Result<(), Fault> {
    let id = order_of(event).map_err(|error| Fault::broken(WORKER.name, error))?;
    let held = ctx.held();
    let till = ctx.till(&held, &event.tenant);
    let Some(order) = till.order(id).await? else { return Ok(()) };
    let Some(notice) = order.notice(event) else { return Ok(()) };
    let now = ctx.clock().now();
    let mut changes = till.hand.changes().event(notice.event(&event.tenant, ctx.clock(), ctx.ids()));
    changes.applied.push(Applied { consumer: WORKER.name, event: event.id, expires_at: now.after(REMEMBERED) });
    match ctx.commit(changes).await {
        Ok(()) | Err(CommitError::Refused(Refusal::AlreadyApplied(_))) => Ok(()),
        Err(CommitError::Refused(refusal)) => Err(Fault::broken(WORKER.name, refusal)),
        Err(CommitError::Fault(fault)) => Err(fault),
    }
}
