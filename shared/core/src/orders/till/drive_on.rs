//! Looking after payments: finding out what became of an attempt whose end nobody told, and giving back what is owed. All
//! of it may be done any number of times; what stands on the payment says what is left to do.

use std::collections::VecDeque;
use std::time::Duration;

use super::DOUBT;
use crate::bench::{Bench, at_once};
use crate::event::{Event, EventKind};
use crate::ids::PaymentId;
use crate::payments::{Open, Payment, PaymentState};
use crate::ports::{CommitError, Fault, PaymentProvider};
use crate::record::Listing;
use crate::tenant::Tenant;
use crate::time::Timestamp;

const PAGE: usize = 100;
/// Of a kind, in one run. What is left is the next run's.
const MOST: usize = 2_000;
/// What is younger is being looked after by its own request or message.
const OLDER_THAN: Duration = Duration::from_secs(20);

/// What an event of a payment asks for.
pub async fn look_after(bench: &Bench<'_>, event: &Event, provider: &dyn PaymentProvider) -> Result<(), CommitError> {
    let PaymentState { payment_id: id, .. } = event.told().map_err(|error| Fault::broken(bench.worker, error))?;
    let till = bench.till(&event.tenant);
    match event.kind {
        EventKind::RefundDue => till.give_back(id, provider).await,
        // What nobody knows yet the sweeper asks again.
        _ => till.check(id, provider).await.map(drop),
    }
}

/// All payments of a tenant that are open so, for a while already, the oldest first. One that cannot be looked after keeps
/// no other from it.
pub async fn drive_on(
    bench: &Bench<'_>,
    tenant: &Tenant,
    open: Open,
    provider: &dyn PaymentProvider,
) -> Result<(), Fault> {
    let due = due(bench, tenant, open).await?;
    let driving = due.iter().map(|payment| drive(bench, tenant, payment, provider)).collect();
    at_once(driving).await.into_iter().fold(Ok(()), Result::and)
}

/// The oldest that are due: what is listed is newest first. Whether a decline stays one is not asked before its time, so
/// what is younger is not even read.
async fn due(bench: &Bench<'_>, tenant: &Tenant, open: Open) -> Result<VecDeque<Payment>, Fault> {
    // Half of the time is for driving them on.
    let (now, enough) = (bench.now(), bench.patience.left() / 2);
    let mut before = (open == Open::Doubt).then(|| PaymentId::first_of(now.before(DOUBT)).to_string());
    let mut due = VecDeque::new();
    loop {
        let page: Vec<Payment> = bench.list(tenant, Listing::By(open.name()), before.as_deref(), PAGE).await?;
        let (read, last) = (page.len(), page.last().map(|payment| payment.id.to_string()));
        for payment in page.into_iter().filter(|payment| is_due(payment, now)) {
            due.push_front(payment);
        }
        due.truncate(MOST);
        match last {
            Some(last) if read == PAGE && bench.patience.left() > enough => before = Some(last),
            _ => return Ok(due),
        }
    }
}

fn is_due(payment: &Payment, now: Timestamp) -> bool {
    payment.updated_at.after(OLDER_THAN) <= now
}

async fn drive(
    bench: &Bench<'_>,
    tenant: &Tenant,
    payment: &Payment,
    provider: &dyn PaymentProvider,
) -> Result<(), Fault> {
    if bench.patience.left().is_zero() {
        return Ok(());
    }
    let till = bench.till(tenant);
    let driven = match payment.open {
        Some(Open::Refund) => till.give_back(payment.id, provider).await,
        _ => till.check(payment.id, provider).await.map(drop),
    };
    driven.map_err(|error| match error {
        CommitError::Fault(fault) => fault,
        CommitError::Refused(refusal) => Fault::broken(bench.worker, refusal),
    })
}
