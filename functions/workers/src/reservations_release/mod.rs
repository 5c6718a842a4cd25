//! Gives back stock that was held for somebody who did not pay in time. The shops of a deployment take turns, that one
//! with a long backlog keeps no other waiting for its stock. What is due, and how it is given back, core says.

use std::collections::VecDeque;
use std::time::Duration;

use bharatmart_core::inventory::{RESERVATION, Reservation};
use bharatmart_core::orders::ORDER;
use bharatmart_core::orders::till::{due, release};
use bharatmart_core::payments::{MOCK_CHARGE, PAYMENT};
use bharatmart_core::ports::{Fault, PaymentProvider};
use bharatmart_core::{Tenant, queues};
use bharatmart_runtime::{Job, Need, WorkCtx, Worker};

pub static WORKER: Worker = Worker {
    name: "reservations-release",
    service: "workers",
    summary: "Give back stock whose reservation has expired",
    job: Job::Schedule { every: Duration::from_secs(60), handler: |ctx| Box::pin(release_due(ctx)) },
    needs: NEEDS,
    memory_mb: 128,
    timeout_s: 50,
};

/// What driving on orders and payments takes.
pub(crate) const NEEDS: &[Need] = &[
    Need::READS_CATALOG,
    Need::reads(&RESERVATION),
    Need::reads(&ORDER),
    Need::reads(&PAYMENT),
    Need::reads(&MOCK_CHARGE),
    Need::COMMITS,
    Need::TAKES_MONEY,
    Need::sends(&queues::STOCK),
    Need::sends(&queues::ORDERS),
    Need::sends(&queues::PAYMENTS),
    Need::sends(&queues::ANALYTICS),
    Need::sends(&queues::MOCK_PROVIDER),
];

/// Of a tenant in one turn.
const TURN: usize = 100;

/// A tenant whose rows cannot be read, or a reservation that cannot be released, keeps no other from it.
async fn release_due(ctx: &WorkCtx) -> Result<(), Fault> {
    let mut outcome = Ok(());
    let mut waiting = VecDeque::new();
    let tenants = ctx.catalog()?.tenants().await?;
    let held = ctx.held();
    let bench = ctx.bench(&held);
    // Half of the time is for releasing them.
    let enough = ctx.time_left() / 2;
    for (nth, tenant) in tenants.iter().enumerate() {
        let share = ctx.time_left().saturating_sub(enough) / (tenants.len() - nth) as u32;
        match due(&bench, tenant, ctx.time_left().saturating_sub(share)).await {
            Ok(due) if due.is_empty() => {}
            Ok(due) => waiting.push_back((tenant, due)),
            Err(fault) => outcome = outcome.and(Err(fault)),
        }
    }
    while let Some((tenant, mut due)) = waiting.pop_front() {
        if ctx.time_left().is_zero() {
            break;
        }
        let later = due.split_off(TURN.min(due.len()));
        outcome = outcome.and(release_all(ctx, tenant, due).await);
        if !later.is_empty() {
            waiting.push_back((tenant, later));
        }
    }
    outcome
}

async fn release_all(ctx: &WorkCtx, tenant: &Tenant, due: VecDeque<Reservation>) -> Result<(), Fault> {
    let (provider, held) = (ctx.provider()?, ctx.held());
    let provider = provider.as_ref().map(|provider| provider as &dyn PaymentProvider);
    let (released, outcome) = release(&ctx.bench(&held), tenant, due, provider).await;
    if released > 0 {
        tracing::info!(%tenant, released, "gave back stock nobody paid for");
    }
    outcome
}

#[cfg(test)]
mod tests;
