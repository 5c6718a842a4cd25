//! Sends the events that a crash between commit and sending left behind, and takes away what has ended.

use std::time::Duration;

use bharatmart_core::outbox::OLDER_THAN;
use bharatmart_core::ports::Fault;
use bharatmart_core::queues;
use bharatmart_runtime::{Job, Need, WorkCtx, Worker, outbox};

pub static WORKER: Worker = Worker {
    name: "outbox-sweeper",
    service: "workers",
    summary: "Send events that were left behind, take away what has ended",
    job: Job::Schedule { every: Duration::from_secs(10), handler: |ctx| Box::pin(sweep(ctx)) },
    needs: &[
        Need::READS_OUTBOX,
        Need::FORGETS,
        Need::sends(&queues::SEARCH),
        Need::sends(&queues::NOTIFICATIONS),
        Need::sends(&queues::STOCK),
        Need::sends(&queues::ORDERS),
        Need::sends(&queues::PAYMENTS),
        Need::sends(&queues::ANALYTICS),
        Need::sends(&queues::MOCK_PROVIDER),
    ],
    memory_mb: 128,
    timeout_s: 50,
};

/// What stalled has been ended by then, and finishes nothing under its key.
const GRACE: Duration = Duration::from_secs(3600);
/// Of each kind of row, in one step: no step is long in anybody's way.
const STEP: usize = 500;
const MOST_STEPS: usize = 20;

async fn sweep(ctx: &WorkCtx) -> Result<(), Fault> {
    let (sent, forgotten) = (send(ctx).await, forget(ctx).await);
    sent.and(forgotten)
}

async fn send(ctx: &WorkCtx) -> Result<(), Fault> {
    let sent = outbox::sweep(&ctx.app, OLDER_THAN).await?;
    if sent > 0 {
        tracing::warn!(sent, "sent events that were left behind");
    }
    Ok(())
}

async fn forget(ctx: &WorkCtx) -> Result<(), Fault> {
    let before = ctx.clock().now().before(GRACE);
    for _ in 0..MOST_STEPS {
        if ctx.time_left().is_zero() || ctx.forgets()?.forget(before, STEP).await? == 0 {
            break;
        }
    }
    Ok(())
}
