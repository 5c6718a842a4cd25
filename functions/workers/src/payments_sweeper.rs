//! Looks through the payments of which something is still to be found out or done: attempts whose end nobody told,
//! refunds that are owed, and declines a provider may have thought better of. So a lost message costs seconds; in AWS a
//! minute, where no schedule is shorter.

use std::time::Duration;

use bharatmart_core::payments::{Open, Payment};
use bharatmart_core::ports::{CommitError, Fault};
use bharatmart_core::record::Listing;
use bharatmart_core::{Tenant, Timestamp};
use bharatmart_runtime::{Job, WorkCtx, Worker};
use futures_util::StreamExt;
use futures_util::stream;

pub static WORKER: Worker = Worker {
    name: "payments-sweeper",
    service: "workers",
    summary: "Drive on payments that stopped",
    job: Job::Schedule { every: Duration::from_secs(10), handler: |ctx| Box::pin(sweep(ctx)) },
    needs: crate::reservations_release::NEEDS,
    memory_mb: 128,
    timeout_s: 50,
};

const PAGE: usize = 100;
const AT_ONCE: usize = 8;
/// What is younger is being looked after by its own request or message.
const OLDER_THAN: Duration = Duration::from_secs(20);

/// A tenant or payment that cannot be looked after keeps no other from it.
async fn sweep(ctx: &WorkCtx) -> Result<(), Fault> {
    let mut outcome = Ok(());
    for tenant in ctx.catalog()?.tenants().await? {
        for open in Open::ALL {
            outcome = outcome.and(drive_on(ctx, &tenant, *open).await);
        }
    }
    outcome
}

async fn drive_on(ctx: &WorkCtx, tenant: &Tenant, open: Open) -> Result<(), Fault> {
    let mut before = None;
    let mut outcome = Ok(());
    loop {
        let page: Vec<Payment> = ctx.list(tenant, Listing::By(open.name()), before.as_deref(), PAGE).await?;
        let last = page.last().map(|payment| payment.id.to_string());
        let read = page.len();
        let now = ctx.clock().now();
        let due = stream::iter(page.into_iter().filter(|payment| is_due(payment, now)));
        let outcomes: Vec<Result<(), Fault>> =
            due.map(|payment| async move { drive(ctx, tenant, &payment).await }).buffered(AT_ONCE).collect().await;
        outcome = outcomes.into_iter().fold(outcome, |all, one| all.and(one));
        match last {
            Some(last) if read == PAGE && !ctx.time_left().is_zero() => before = Some(last),
            _ => return outcome,
        }
    }
}

fn is_due(payment: &Payment, now: Timestamp) -> bool {
    payment.updated_at.after(OLDER_THAN) <= now
}

async fn drive(ctx: &WorkCtx, tenant: &Tenant, payment: &Payment) -> Result<(), Fault> {
    if ctx.time_left().is_zero() {
        return Ok(());
    }
    let Some(provider) = ctx.provider()? else { return Ok(()) };
    let held = ctx.held();
    let till = ctx.till(&held, tenant);
    let driven = match payment.open {
        Some(Open::Refund) => till.give_back(payment.id, &provider).await,
        _ => till.check(payment.id, &provider).await.map(drop),
    };
    driven.map_err(|error| match error {
        CommitError::Fault(fault) => fault,
        CommitError::Refused(refusal) => Fault::broken(WORKER.name, refusal),
    })
}
