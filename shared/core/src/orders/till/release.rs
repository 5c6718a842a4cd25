//! Giving back stock that was held for somebody who did not pay in time.
//!
//! A reservation is there as long as its stock is held, and goes in the commit that gives the stock back: so of two runs
//! at once, or a run and a payment, one gets it. What is listed is newest first, and a run has an end: so it looks through
//! all that is due and keeps the oldest, that those who wait longest are never passed over by a backlog. What is held for
//! an order is given back by cancelling the order, and not while nobody knows whether it was paid.

use std::collections::VecDeque;
use std::time::Duration;

use super::Expired;
use crate::bench::{Bench, at_once};
use crate::changes::Refusal;
use crate::identity::Actor;
use crate::ids::{OrderId, ReservationId};
use crate::inventory::{HELD_FOR, Reservation, Warehouse};
use crate::ports::{CommitError, Fault, PaymentProvider};
use crate::record::Listing;
use crate::tenant::Tenant;
use crate::time::Timestamp;

const PAGE: usize = 100;
/// Of a tenant in one run. What is left is the next run's.
const MOST: usize = 2_000;
const NOTE: &str = "not paid in time";

/// The oldest that are due, the oldest first. Looked for until `enough` time is left.
pub async fn due(bench: &Bench<'_>, tenant: &Tenant, enough: Duration) -> Result<VecDeque<Reservation>, Fault> {
    let now = bench.now();
    let mut before = ReservationId::first_of(now.before(HELD_FOR)).to_string();
    let mut oldest = Oldest { most: MOST, due: VecDeque::with_capacity(PAGE) };
    loop {
        let page: Vec<Reservation> = bench.list(tenant, Listing::All, Some(&before), PAGE).await?;
        let (read, last) = (page.len(), page.last().map(|held| held.id.to_string()));
        oldest.add(page, now);
        match last {
            Some(last) if read == PAGE && bench.patience.left() > enough => before = last,
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

/// How many it was this run that gave back. One that cannot be released keeps no other from it. `provider` is `None`
/// where this deployment takes no money before delivery.
pub async fn release(
    bench: &Bench<'_>,
    tenant: &Tenant,
    due: impl IntoIterator<Item = Reservation>,
    provider: Option<&dyn PaymentProvider>,
) -> (usize, Result<(), Fault>) {
    let releasing = due.into_iter().map(|held| async move { release_one(bench, tenant, &held, provider).await });
    let outcomes = at_once(releasing.collect()).await;
    let released = outcomes.iter().filter(|outcome| matches!(outcome, Ok(true))).count();
    (released, outcomes.into_iter().try_for_each(|outcome| outcome.map(drop)))
}

async fn release_one(
    bench: &Bench<'_>,
    tenant: &Tenant,
    held: &Reservation,
    provider: Option<&dyn PaymentProvider>,
) -> Result<bool, Fault> {
    if bench.patience.left().is_zero() {
        return Ok(false);
    }
    if let Ok(order) = held.reference.parse() {
        return expire(bench, tenant, order, provider).await;
    }
    let warehouse = Warehouse { tenant, who: Actor::Shop, clock: bench.clock, ids: bench.ids };
    match bench.store.commit(warehouse.release_hold(held, NOTE)).await {
        Ok(()) => Ok(true),
        Err(CommitError::Refused(Refusal::VersionChanged(_))) => Ok(false),
        Err(CommitError::Refused(refusal)) => {
            Err(Fault::broken(bench.worker, format!("{} holds what is not reserved: {refusal}", held.id)))
        }
        Err(CommitError::Fault(fault)) => Err(fault),
    }
}

async fn expire(
    bench: &Bench<'_>,
    tenant: &Tenant,
    order: OrderId,
    provider: Option<&dyn PaymentProvider>,
) -> Result<bool, Fault> {
    match bench.till(tenant).expire(order, provider).await {
        Ok(expired) => Ok(expired == Expired::Cancelled),
        Err(CommitError::Fault(fault)) => Err(fault),
        Err(CommitError::Refused(refusal)) => Err(Fault::broken(bench.worker, refusal)),
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
