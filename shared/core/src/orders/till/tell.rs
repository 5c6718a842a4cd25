//! Telling a customer what happened to their order. What is told is asked for in the commit that notes the event, so that
//! it is told once.

use std::time::Duration;

use crate::bench::Bench;
use crate::changes::{Applied, Refusal};
use crate::event::Event;
use crate::orders::order_of;
use crate::ports::{CommitError, Fault};

/// So long an event is remembered as told; no queue gives one out again later.
const REMEMBERED: Duration = Duration::from_secs(15 * 24 * 3600);

pub async fn tell(bench: &Bench<'_>, event: &Event) -> Result<(), Fault> {
    let id = order_of(event).map_err(|error| Fault::broken(bench.worker, error))?;
    let till = bench.till(&event.tenant);
    let Some(order) = till.order(id).await? else { return Ok(()) };
    let Some(notice) = order.notice(event) else { return Ok(()) };
    let mut changes = till.hand.changes().event(notice.event(&event.tenant, bench.clock, bench.ids));
    let expires_at = bench.now().after(REMEMBERED);
    changes.applied.push(Applied { consumer: bench.worker, event: event.id, expires_at });
    match bench.store.commit(changes).await {
        Ok(()) | Err(CommitError::Refused(Refusal::AlreadyApplied(_))) => Ok(()),
        Err(CommitError::Refused(refusal)) => Err(Fault::broken(bench.worker, refusal)),
        Err(CommitError::Fault(fault)) => Err(fault),
    }
}
