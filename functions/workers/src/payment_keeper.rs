//! Looks after payments: finds out what became of an attempt whose end nobody told, and gives back what is owed. Both may
//! be done any number of times; what stands on the payment says what is left to do.

use bharatmart_core::inventory::RESERVATION;
use bharatmart_core::orders::ORDER;
use bharatmart_core::payments::{MOCK_CHARGE, PAYMENT, PaymentState};
use bharatmart_core::ports::{CommitError, Fault};
use bharatmart_core::{Event, EventKind, queues};
use bharatmart_runtime::{Delivery, Job, Need, Verdict, WorkCtx, Worker};
use futures_util::future::join_all;

pub static WORKER: Worker = Worker {
    name: "payment-keeper",
    service: "workers",
    summary: "Find out what became of payments, and give back what is owed",
    job: Job::Queue { queue: &queues::PAYMENTS, batch: 10, handler: |ctx, batch| Box::pin(keep_all(ctx, batch)) },
    needs: &[
        Need::reads(&PAYMENT),
        Need::reads(&ORDER),
        Need::reads(&RESERVATION),
        Need::reads(&MOCK_CHARGE),
        Need::COMMITS,
        Need::TAKES_MONEY,
        Need::sends(&queues::ORDERS),
        Need::sends(&queues::PAYMENTS),
        Need::sends(&queues::ANALYTICS),
        Need::sends(&queues::STOCK),
        Need::sends(&queues::MOCK_PROVIDER),
        Need::receives(&queues::PAYMENTS),
    ],
    memory_mb: 128,
    timeout_s: 20,
};

async fn keep_all(ctx: &WorkCtx, batch: Vec<Delivery>) -> Vec<(Delivery, Verdict)> {
    let outcomes = join_all(batch.iter().map(|delivery| keep(ctx, &delivery.event))).await;
    let verdict = |outcome: Result<(), CommitError>| match outcome {
        Ok(()) => Verdict::Done,
        Err(CommitError::Fault(fault)) => Verdict::from(&fault),
        Err(CommitError::Refused(refusal)) => Verdict::Failed(refusal.to_string()),
    };
    batch.into_iter().zip(outcomes.into_iter().map(verdict)).collect()
}

async fn keep(ctx: &WorkCtx, event: &Event) -> Result<(), CommitError> {
    let PaymentState { payment_id: id, .. } = event.told().map_err(|error| Fault::broken(WORKER.name, error))?;
    let provider = ctx.provider()?.ok_or_else(|| Fault::broken(WORKER.name, "there is no payment provider"))?;
    let held = ctx.held();
    let till = ctx.till(&held, &event.tenant);
    match event.kind {
        EventKind::RefundDue => till.give_back(id, &provider).await,
        // What nobody knows yet the sweeper asks again.
        _ => till.check(id, &provider).await.map(drop),
    }
}
