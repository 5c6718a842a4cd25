//! The small records that keep work from being done twice: idempotency keys, leases, outbox and inbox.

use std::time::Duration;

use async_trait::async_trait;
use bharatmart_core::ports::{
    Fault, Fence, IdempotencyKey, IdempotencyKeys, KeyClaim, Lease, LeaseName, Leases, Outbox,
};
use bharatmart_core::{Event, EventId, Tenant, Timestamp};

use super::catalog::rows_at_most;
use super::engine::{Cost, Engine, Query};
use super::plan::figure;
use super::rows::{self, Columns, Reader, broken};
use super::{PORT, SqlStore, statements as sql};

/// A key may be freed between the attempt to take it and the look at who has it; more often than this is no accident.
const ATTEMPTS: usize = 8;

#[async_trait]
impl<E: Engine> IdempotencyKeys for SqlStore<E> {
    async fn claim_key(
        &self,
        tenant: &Tenant,
        key: &IdempotencyKey,
        request: &str,
        lease: Duration,
        now: Timestamp,
    ) -> Result<KeyClaim, Fault> {
        let key = |sql| Query::new(sql).with(tenant).with(key.0.as_str());
        for _ in 0..ATTEMPTS {
            let claim = key(sql::CLAIM_KEY).with(now).with(request).with(now.after(lease));
            let rows = self.engine.write(vec![claim, key(sql::READ_KEY)]).await?;
            if let Some(mine) = rows.first().and_then(|rows| rows.first()) {
                return Reader::new(mine).fence().map(KeyClaim::Mine);
            }
            let present = rows.get(1).and_then(|rows| rows.first());
            if let Some(claim) = present.map(|row| anothers(row, request, now)).transpose()?.flatten() {
                return Ok(claim);
            }
        }
        Err(Fault::busy(PORT, "the key changes hands all the time"))
    }

    async fn free_key(&self, tenant: &Tenant, key: &IdempotencyKey, fence: Fence) -> Result<(), Fault> {
        let query = Query::new(sql::FREE_KEY).with(tenant).with(key.0.as_str()).with(figure(fence.0)?);
        self.engine.write(vec![query]).await.map(drop)
    }
}

/// `None` when the key can be had by now.
fn anothers<R: Columns>(row: &R, request: &str, now: Timestamp) -> Result<Option<KeyClaim>, Fault> {
    let mut read = Reader::new(row);
    let (for_request, state, until) = (read.text()?, read.text()?, read.time()?);
    if state == "free" || until <= now {
        return Ok(None);
    }
    if for_request != request {
        return Ok(Some(KeyClaim::AnotherRequest));
    }
    match state {
        "running" => Ok(Some(KeyClaim::Running { until })),
        "answered" => rows::answer(&mut read).map(|answer| Some(KeyClaim::Answered(answer))),
        other => Err(broken(format_args!("a key that is {other}"))),
    }
}

#[async_trait]
impl<E: Engine> Leases for SqlStore<E> {
    async fn take_lease(
        &self,
        name: LeaseName,
        owner: &str,
        ttl: Duration,
        now: Timestamp,
    ) -> Result<Option<Lease>, Fault> {
        let until = now.after(ttl);
        let query = Query::new(sql::TAKE_LEASE).with(name.0).with(owner).with(until).with(now);
        let rows = self.engine.write(vec![query]).await?;
        let fence = rows.iter().flatten().next().map(|row| Reader::new(row).fence()).transpose()?;
        Ok(fence.map(|fence| Lease { fence, until }))
    }

    async fn release_lease(&self, name: LeaseName, fence: Fence) -> Result<(), Fault> {
        let query = Query::new(sql::RELEASE_LEASE).with(name.0).with(figure(fence.0)?);
        self.engine.write(vec![query]).await.map(drop)
    }
}

#[async_trait]
impl<E: Engine> Outbox for SqlStore<E> {
    async fn unsent(&self, before: Timestamp, limit: usize) -> Result<Vec<Event>, Fault> {
        self.all(Query::new(sql::UNSENT).with(before).with(rows_at_most(limit)), rows::event).await
    }

    async fn mark_sent(&self, events: &[Event]) -> Result<(), Fault> {
        if events.is_empty() {
            return Ok(());
        }
        // In one order, so that two who mark the same events wait for each other instead of locking each other out.
        let mut ids: Vec<_> = events.iter().map(|event| (&event.tenant, event.id)).collect();
        ids.sort_unstable();
        let mark = |(tenant, id): (&Tenant, EventId)| Query::new(sql::MARK_SENT).with(tenant).with(id.to_string());
        self.engine.write(ids.into_iter().map(mark).collect()).await.map(drop)
    }

    async fn applied(
        &self,
        tenant: &Tenant,
        consumer: &'static str,
        events: &[EventId],
    ) -> Result<Vec<EventId>, Fault> {
        if events.is_empty() {
            return Ok(Vec::new());
        }
        let look = |id: &EventId| Query::new(sql::APPLIED).with(tenant).with(consumer).with(id.to_string());
        let rows = self.engine.read(events.iter().map(look).collect(), Cost::Keyed).await?;
        rows.iter().flatten().map(|row| Reader::new(row).id()).collect()
    }

    async fn newest_events(&self, limit: usize) -> Result<Vec<Event>, Fault> {
        self.all(Query::new(sql::NEWEST_EVENTS).with(rows_at_most(limit)), rows::event).await
    }
}
