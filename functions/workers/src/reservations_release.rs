//! Gives back stock that was held for somebody who did not pay in time.
//!
//! A reservation is there as long as its stock is held, and goes in the commit that gives the stock back: so of two runs
//! at once, or a run and a payment, one gets it. What is listed is newest first, and a run has an end: so it looks through
//! all that is due and keeps the oldest, that those who wait longest are never passed over by a backlog.

use std::collections::VecDeque;
use std::time::Duration;

use bharatmart_core::identity::Actor;
use bharatmart_core::inventory::{HELD_FOR, RESERVATION, Reservation, Warehouse};
use bharatmart_core::ports::{CommitError, Fault};
use bharatmart_core::record::Listing;
use bharatmart_core::{Refusal, ReservationId, Tenant, Timestamp, queues};
use bharatmart_runtime::{Job, Need, WorkCtx, Worker};
use futures_util::StreamExt;
use futures_util::stream;

pub static WORKER: Worker = Worker {
    name: "reservations-release",
    service: "workers",
    summary: "Give back stock whose reservation has expired",
    job: Job::Schedule { every: Duration::from_secs(60), handler: |ctx| Box::pin(release_due(ctx)) },
    needs: &[Need::READS_CATALOG, Need::reads(&RESERVATION), Need::COMMITS, Need::sends(&queues::STOCK)],
    memory_mb: 128,
    timeout_s: 50,
};

const PAGE: usize = 100;
/// Of a tenant in one run. What is left is the next run's.
const MOST: usize = 2_000;
const AT_ONCE: usize = 8;
const NOTE: &str = "not paid in time";

/// A tenant whose rows cannot be read, or a reservation that cannot be released, keeps no other from it.
async fn release_due(ctx: &WorkCtx) -> Result<(), Fault> {
    let mut outcome = Ok(());
    for tenant in ctx.catalog()?.tenants().await? {
        let released = match due(ctx, &tenant).await {
            Ok(due) => release_all(ctx, &tenant, due).await,
            Err(fault) => Err(fault),
        };
        outcome = outcome.and(released);
    }
    outcome
}

/// The oldest that are due, the oldest first.
async fn due(ctx: &WorkCtx, tenant: &Tenant) -> Result<VecDeque<Reservation>, Fault> {
    let now = ctx.clock().now();
    // Half of the time is for releasing them.
    let enough = ctx.time_left() / 2;
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

#[cfg(test)]
mod tests {
    use super::*;

    fn held(made: i64, until: i64) -> Reservation {
        let created_at = Timestamp::from_millis(made);
        Reservation {
            id: ReservationId::first_of(created_at),
            version: 1,
            reference: "ord_1".to_owned(),
            pieces: Vec::new(),
            created_at,
            held_until: Timestamp::from_millis(until),
        }
    }

    #[test]
    fn of_a_backlog_the_oldest_that_are_due_come_first() {
        let mut oldest = Oldest { most: 3, due: VecDeque::new() };
        let now = Timestamp::from_millis(100);
        oldest.add(vec![held(60, 90), held(50, 90), held(40, 101)], now);
        oldest.add(vec![held(30, 90), held(20, 100), held(10, 500)], now);
        let made: Vec<_> = oldest.due.iter().map(|held| held.created_at.millis()).collect();
        assert_eq!(made, [20, 30, 50]);
    }
}
