//! Looks through the payments of which something is still to be found out or done: attempts whose end nobody told,
//! refunds that are owed, and declines a provider may have thought better of. So a lost message costs seconds; in AWS a
//! minute, where no schedule is shorter.

use std::collections::VecDeque;
use std::time::Duration;

use bharatmart_core::orders::till::DOUBT;
use bharatmart_core::payments::{Open, Payment};
use bharatmart_core::ports::{CommitError, Fault};
use bharatmart_core::record::Listing;
use bharatmart_core::{PaymentId, Tenant, Timestamp};
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
/// Of a kind, in one run. What is left is the next run's.
const MOST: usize = 2_000;
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
    let due = due(ctx, tenant, open).await?;
    let driving = stream::iter(due).map(|payment| async move { drive(ctx, tenant, &payment).await });
    let outcomes: Vec<Result<(), Fault>> = driving.buffered(AT_ONCE).collect().await;
    outcomes.into_iter().fold(Ok(()), Result::and)
}

/// The oldest that are due, the oldest first: what is listed is newest first. Whether a decline stays one is not asked
/// before its time, so what is younger is not even read.
async fn due(ctx: &WorkCtx, tenant: &Tenant, open: Open) -> Result<VecDeque<Payment>, Fault> {
    // Half of the time is for driving them on.
    let (now, enough) = (ctx.clock().now(), ctx.time_left() / 2);
    let mut before = (open == Open::Doubt).then(|| PaymentId::first_of(now.before(DOUBT)).to_string());
    let mut due = VecDeque::new();
    loop {
        let page: Vec<Payment> = ctx.list(tenant, Listing::By(open.name()), before.as_deref(), PAGE).await?;
        let (read, last) = (page.len(), page.last().map(|payment| payment.id.to_string()));
        for payment in page.into_iter().filter(|payment| is_due(payment, now)) {
            due.push_front(payment);
        }
        due.truncate(MOST);
        match last {
            Some(last) if read == PAGE && ctx.time_left() > enough => before = Some(last),
            _ => return Ok(due),
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
