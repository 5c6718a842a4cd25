//! Sends the events that a crash between commit and sending left behind.

use std::time::Duration;

use bharatmart_core::outbox::OLDER_THAN;
use bharatmart_core::ports::Fault;
use bharatmart_core::queues;
use bharatmart_runtime::{Job, Need, WorkCtx, Worker, outbox};

pub static WORKER: Worker = Worker {
    name: "outbox-sweeper",
    service: "workers",
    summary: "Send events that were committed and not sent",
    job: Job::Schedule { every: Duration::from_secs(10), handler: |ctx| Box::pin(sweep(ctx)) },
    needs: &[
        Need::READS_OUTBOX,
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

async fn sweep(ctx: &WorkCtx) -> Result<(), Fault> {
    let sent = outbox::sweep(&ctx.app, OLDER_THAN).await?;
    if sent > 0 {
        tracing::warn!(sent, "sent events that were left behind");
    }
    Ok(())
}
