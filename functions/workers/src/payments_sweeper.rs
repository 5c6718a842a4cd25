//! Looks through the payments of which something is still to be found out or done: attempts whose end nobody told,
//! refunds that are owed, and declines a provider may have thought better of. So a lost message costs seconds; in AWS a
//! minute, where no schedule is shorter.

use std::time::Duration;

use bharatmart_core::orders::till::drive_on;
use bharatmart_core::payments::Open;
use bharatmart_core::ports::Fault;
use bharatmart_runtime::{Job, WorkCtx, Worker};

pub static WORKER: Worker = Worker {
    name: "payments-sweeper",
    service: "workers",
    summary: "Drive on payments that stopped",
    job: Job::Schedule { every: Duration::from_secs(10), handler: |ctx| Box::pin(sweep(ctx)) },
    needs: crate::reservations_release::NEEDS,
    memory_mb: 128,
    timeout_s: 50,
};

/// A tenant that cannot be looked after keeps no other from it.
async fn sweep(ctx: &WorkCtx) -> Result<(), Fault> {
    let mut outcome = Ok(());
    let Some(provider) = ctx.provider()? else { return outcome };
    let held = ctx.held();
    for tenant in ctx.catalog()?.tenants().await? {
        for open in Open::ALL {
            outcome = outcome.and(drive_on(&ctx.bench(&held), &tenant, *open, &provider).await);
        }
    }
    outcome
}
