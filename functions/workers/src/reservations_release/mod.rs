//! Gives back stock that was held for somebody who did not pay in time.
//!
//! A reservation is there as long as its stock is held, and goes in the commit that gives the stock back: so of two runs
//! at once, or a run and a payment, one gets it. What is listed is newest first, and a run has an end: so it looks through
//! all that is due and keeps the oldest, that those who wait longest are never passed over by a backlog. The shops of a
//! deployment take turns, that one with a long backlog keeps no other waiting for its stock. What is held for an order is
//! given back by cancelling the order, and not while nobody knows whether it was paid.

use std::collections::VecDeque;
use std::time::Duration;

use bharatmart_core::identity::Actor;
use bharatmart_core::inventory::{HELD_FOR, RESERVATION, Reservation, Warehouse};
use bharatmart_core::orders::ORDER;
use bharatmart_core::orders::till::Expired;
use bharatmart_core::payments::{MOCK_CHARGE, PAYMENT};
use bharatmart_core::ports::{CommitError, Fault, PaymentProvider};
use bharatmart_core::record::Listing;
use bharatmart_core::{OrderId, Refusal, ReservationId, Tenant, Timestamp, queues};
use bharatmart_runtime::{Job, Need, WorkCtx, Worker};
use futures_util::StreamExt;
use futures_util::stream;

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

const PAGE: usize = 100;
/// Of a tenant in one run. What is left is the next run's.
const MOST: usize = 2_000;
/// Of a tenant in one turn.
const TURN: usize = 100;
const AT_ONCE: usize = 8;
const NOTE: &str = "not paid in time";

/// A tenant whose rows cannot be read, or a reservation that cannot be released, keeps no other from it.
async fn release_due(ctx: &WorkCtx) -> Result<(), Fault> {
    let mut outcome = Ok(());
    let mut waiting = VecDeque::new();
    let tenants = ctx.catalog()?.tenants().await?;
    // Half of the time is for releasing them.
    let enough = ctx.time_left() / 2;
    for (nth, tenant) in tenants.iter().enumerate() {
        let share = ctx.time_left().saturating_sub(enough) / (tenants.len() - nth) as u32;
        match due(ctx, tenant, ctx.time_left().saturating_sub(share)).await {
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

/// The oldest that are due, the oldest first. Looked for until `enough` time is left.
async fn due(ctx: &WorkCtx, tenant: &Tenant, enough: Duration) -> Result<VecDeque<Reservation>, Fault> {
    let now = ctx.clock().now();
    let mut before = ReservationId::first_of(now.before(HELD_FOR)).to_string();
    let mut oldest = Oldest { most: MOST, due: VecDeque::with_capacity(PAGE) };
    loop {
        let page: Vec<Reservation> = ctx.list(tenant, Listing::All, Some(&before), PAGE).await?;
        let (read, last) = (page.len(), page.last().map(|held| held.id.to_string()));
        oldest.add(page, now);
        match last {
            Some(last) if read == PAGE && ctx.time_left() > enough => before = last,
            _ => return Ok(oldest.due),
        }
    }
}

/// Of what comes newest first, so many of the last that are due; the oldest of all in front.
struct Oldest {
    most: usize,
    due: VecDeque<Reservation>,
}

impl Oldest {
    fn add(&mut self, page: Vec<Reservation>, now: Timestamp) {
        for held in page.into_iter().filter(|held| held.held_until <= now) {
            self.due.push_front(held);
            self.due.truncate(self.most);
        }
    }
}

async fn release_all(ctx: &WorkCtx, tenant: &Tenant, due: VecDeque<Reservation>) -> Result<(), Fault> {
    let releasing = stream::iter(due).map(|held| async move { release(ctx, tenant, &held).await });
    let outcomes: Vec<Result<bool, Fault>> = releasing.buffered(AT_ONCE).collect().await;
    let released = outcomes.iter().filter(|outcome| matches!(outcome, Ok(true))).count();
    if released > 0 {
        tracing::info!(%tenant, released, "gave back stock nobody paid for");
    }
    outcomes.into_iter().try_for_each(|outcome| outcome.map(drop))
}

/// Whether it was this run that did it.
async fn release(ctx: &WorkCtx, tenant: &Tenant, held: &Reservation) -> Result<bool, Fault> {
    if ctx.time_left().is_zero() {
        return Ok(false);
    }
    if let Ok(order) = held.reference.parse() {
        return expire(ctx, tenant, order).await;
    }
    let warehouse = Warehouse { tenant, who: Actor::Shop, clock: ctx.clock(), ids: ctx.ids() };
    match ctx.commit(warehouse.release_hold(held, NOTE)).await {
        Ok(()) => Ok(true),
        Err(CommitError::Refused(Refusal::VersionChanged(_))) => Ok(false),
        Err(CommitError::Refused(refusal)) => {
            tracing::error!(reservation = %held.id, %refusal, "a reservation holds what is not reserved");
            Err(Fault::broken(WORKER.name, refusal))
        }
        Err(CommitError::Fault(fault)) => Err(fault),
    }
}

async fn expire(ctx: &WorkCtx, tenant: &Tenant, order: OrderId) -> Result<bool, Fault> {
    let (provider, stock) = (ctx.provider()?, ctx.held());
    let provider = provider.as_ref().map(|provider| provider as &dyn PaymentProvider);
    match ctx.till(&stock, tenant).expire(order, provider).await {
        Ok(expired) => Ok(expired == Expired::Cancelled),
        Err(CommitError::Fault(fault)) => Err(fault),
        Err(CommitError::Refused(refusal)) => Err(Fault::broken(WORKER.name, refusal)),
    }
}

#[cfg(test)]
mod tests;
