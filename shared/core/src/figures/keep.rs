//! Counting a batch of events. It is one commit a day of a shop, which holds the marks of its events: whatever comes twice
//! is counted once.

use super::{Day, by_day, count};
use crate::bench::Bench;
use crate::changes::Refusal;
use crate::event::Event;
use crate::ids::EventId;
use crate::ports::{CommitError, Fault};
use crate::tenant::Tenant;

/// Answers which events are to come again, and why.
pub async fn keep(bench: &Bench<'_>, events: &[&Event]) -> Vec<(EventId, String)> {
    let mut tenants: Vec<&Tenant> = events.iter().map(|event| &event.tenant).collect();
    tenants.sort();
    tenants.dedup();
    let mut failed: Vec<(EventId, String)> = Vec::new();
    for tenant in tenants {
        let of_tenant = events.iter().copied().filter(|event| event.tenant == *tenant);
        for (day, events) in by_day(of_tenant) {
            if let Err(fault) = count_day(bench, tenant, &day, events.clone()).await {
                failed.extend(events.iter().map(|event| (event.id, fault.to_string())));
            }
        }
    }
    failed
}

/// Another counter at the same day is let through first; an event that it has counted is left out.
async fn count_day(bench: &Bench<'_>, tenant: &Tenant, day: &str, mut events: Vec<&Event>) -> Result<(), Fault> {
    let mut clashes = 0;
    while !events.is_empty() {
        let before: Option<Day> = bench.find(tenant, &Day::key(day)).await?;
        let changes = count(tenant, bench.worker, day, before.as_ref(), &events, bench.now());
        match bench.store.commit(changes).await {
            Ok(()) => return Ok(()),
            Err(CommitError::Refused(Refusal::AlreadyApplied(counted))) => events.retain(|event| event.id != counted),
            Err(error) => bench.give_way(error, &mut clashes).await?,
        }
    }
    Ok(())
}
