//! Counts what happened by day. A batch is one commit a day of a shop, which holds the marks of its events: whatever comes
//! twice is counted once.

use bharatmart_core::figures::{DAY, Day, by_day, count};
use bharatmart_core::ports::{CommitError, Fault};
use bharatmart_core::{Event, EventId, Refusal, Tenant, queues};
use bharatmart_runtime::{Backoff, Delivery, Job, Need, Verdict, WorkCtx, Worker};

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
    let mut tenants: Vec<Tenant> = batch.iter().map(|delivery| delivery.event.tenant.clone()).collect();
    tenants.sort();
    tenants.dedup();
    let mut failed: Vec<(EventId, String)> = Vec::new();
    for tenant in tenants {
        let of_tenant = batch.iter().map(|delivery| &delivery.event).filter(|event| event.tenant == tenant);
        for (day, events) in by_day(of_tenant) {
            if let Err(fault) = count_day(ctx, &tenant, &day, events.clone()).await {
                failed.extend(events.iter().map(|event| (event.id, fault.to_string())));
            }
        }
    }
    let verdict = |delivery: &Delivery| {
        let reason = failed.iter().find(|(event, _)| *event == delivery.event.id);
        reason.map_or(Verdict::Done, |(_, reason)| Verdict::Later(reason.clone()))
    };
    batch
        .into_iter()
        .map(|delivery| {
            let verdict = verdict(&delivery);
            (delivery, verdict)
        })
        .collect()
}

/// Another counter at the same day is let through first; an event that it has counted is left out.
async fn count_day(ctx: &WorkCtx, tenant: &Tenant, day: &str, mut events: Vec<&Event>) -> Result<(), Fault> {
    let mut pauses = Backoff::default();
    while !events.is_empty() {
        let before: Option<Day> = ctx.find(tenant, &Day::key(day)).await?;
        let changes = count(tenant, WORKER.name, day, before.as_ref(), &events, ctx.clock().now());
        match ctx.commit(changes).await {
            Ok(()) => return Ok(()),
            Err(CommitError::Refused(Refusal::AlreadyApplied(counted))) => events.retain(|event| event.id != counted),
            Err(CommitError::Refused(refusal @ (Refusal::VersionChanged(_) | Refusal::Exists(_)))) => {
                if !pauses.pause().await {
                    return Err(Fault::busy(WORKER.name, refusal));
                }
            }
            Err(CommitError::Refused(refusal)) => return Err(Fault::broken(WORKER.name, refusal)),
            Err(CommitError::Fault(fault)) => return Err(fault),
        }
    }
    Ok(())
}
