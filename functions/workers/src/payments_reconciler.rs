//! Goes through the payments of two days, once a day, and compares provider, payments, books and orders. What was settled
//! by it, and what a person must look into, is told in the log and counted.

use std::time::Duration;

use bharatmart_core::inventory::RESERVATION;
use bharatmart_core::orders::ORDER;
use bharatmart_core::orders::till::Difference;
use bharatmart_core::payments::{LEDGER_ENTRY, MOCK_CHARGE, PAYMENT, Payment};
use bharatmart_core::ports::{CommitError, Fault, PaymentProvider};
use bharatmart_core::record::Listing;
use bharatmart_core::{PaymentId, Tenant, queues};
use bharatmart_runtime::{Job, Need, WorkCtx, Worker, telemetry};
use futures_util::StreamExt;
use futures_util::stream;

pub static WORKER: Worker = Worker {
    name: "payments-reconciler",
    service: "workers",
    summary: "Compare the provider, payments, books and orders of a day",
    job: Job::Schedule { every: DAY, handler: |ctx| Box::pin(reconcile(ctx)) },
    needs: &[
        Need::READS_CATALOG,
        Need::reads(&PAYMENT),
        Need::reads(&ORDER),
        Need::reads(&LEDGER_ENTRY),
        Need::reads(&RESERVATION),
        Need::reads(&MOCK_CHARGE),
        Need::COMMITS,
        Need::TAKES_MONEY,
        Need::sends(&queues::STOCK),
        Need::sends(&queues::ORDERS),
        Need::sends(&queues::PAYMENTS),
        Need::sends(&queues::ANALYTICS),
        Need::sends(&queues::MOCK_PROVIDER),
    ],
    memory_mb: 128,
    timeout_s: 900,
};

const DAY: Duration = Duration::from_secs(24 * 3600);
/// What is younger is the sweeper's still.
const YOUNGEST: Duration = Duration::from_secs(3600);
/// Whenever in its day a payment was made, it is looked at once when a day has passed.
const OLDEST: Duration = Duration::from_secs(49 * 3600);
const PAGE: usize = 100;
const AT_ONCE: usize = 8;

/// A tenant or payment that cannot be looked at keeps no other from it.
async fn reconcile(ctx: &WorkCtx) -> Result<(), Fault> {
    let mut outcome = Ok(());
    for tenant in ctx.catalog()?.tenants().await? {
        outcome = outcome.and(reconcile_all(ctx, &tenant).await);
    }
    outcome
}

async fn reconcile_all(ctx: &WorkCtx, tenant: &Tenant) -> Result<(), Fault> {
    let now = ctx.clock().now();
    let first = PaymentId::first_of(now.before(OLDEST));
    let mut before = PaymentId::first_of(now.before(YOUNGEST));
    let mut outcome = Ok(());
    loop {
        let page: Vec<Payment> = ctx.list(tenant, Listing::All, Some(&before.to_string()), PAGE).await?;
        let (read, last) = (page.len(), page.last().map(|payment| payment.id));
        let of_these_days = page.into_iter().filter(|payment| payment.id >= first);
        let looking = stream::iter(of_these_days).map(|payment| async move { look(ctx, tenant, &payment).await });
        let outcomes: Vec<Result<(), Fault>> = looking.buffered(AT_ONCE).collect().await;
        outcome = outcomes.into_iter().fold(outcome, |all, one| all.and(one));
        match last.filter(|last| read == PAGE && *last >= first) {
            Some(last) if ctx.time_left().is_zero() => {
                tracing::error!(%tenant, %last, "the time was up before every payment was looked at");
                return outcome;
            }
            Some(last) => before = last,
            None => return outcome,
        }
    }
}

async fn look(ctx: &WorkCtx, tenant: &Tenant, payment: &Payment) -> Result<(), Fault> {
    if ctx.time_left().is_zero() {
        return Ok(());
    }
    let (provider, held) = (ctx.provider()?, ctx.held());
    let provider = provider.as_ref().map(|provider| provider as &dyn PaymentProvider);
    let differences = ctx.till(&held, tenant).reconcile(payment.id, provider).await.map_err(|error| match error {
        CommitError::Fault(fault) => fault,
        CommitError::Refused(refusal) => Fault::broken(WORKER.name, refusal),
    })?;
    for difference in differences {
        let kind = difference.name();
        telemetry::record_difference(kind);
        match difference {
            Difference::Unheard => {
                tracing::warn!(%tenant, payment = %payment.id, order = %payment.order_id, kind, "settled what nobody had heard");
            }
            _ => {
                tracing::error!(%tenant, payment = %payment.id, order = %payment.order_id, kind, "the money does not add up");
            }
        }
    }
    Ok(())
}
