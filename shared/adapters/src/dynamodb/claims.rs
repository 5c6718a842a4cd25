//! Idempotency keys and leases: one conditional update takes one, and its condition is the whole of the decision. The
//! record stays when it is given back, so that its fence goes on growing; one the table's time to live has removed
//! begins again at the time of day, which is past every fence it had.

use std::time::Duration;

use async_trait::async_trait;
use bharatmart_core::ports::{Fault, Fence, IdempotencyKey, IdempotencyKeys, KeyClaim, Lease, LeaseName, Leases};
use bharatmart_core::{Tenant, Timestamp};

use super::DynamoStore;
use super::item::{Item, document, millis, moment, n, number, s, seconds, text, values};
use super::keys;
use super::update::Updated;

/// A key that was claimed and then left is tidied after so long.
const LEFT: Duration = Duration::from_secs(24 * 60 * 60);

#[async_trait]
impl IdempotencyKeys for DynamoStore {
    async fn claim_key(
        &self,
        tenant: &Tenant,
        key: &IdempotencyKey,
        request: &str,
        lease: Duration,
        now: Timestamp,
    ) -> Result<KeyClaim, Fault> {
        // Tells our own claim apart when its answer was lost and it is tried again.
        let claimant = format!("{:032x}", rand::random::<u128>());
        let until = now.after(lease);
        let claimed = self
            .update_if(
                keys::idempotency(tenant, key),
                "attribute_not_exists(pk) OR phase = :free OR (phase IN (:running, :answered) AND ends <= :now)",
                "SET fence = if_not_exists(fence, :now) + :one, phase = :running, asked = :asked, ends = :ends, \
                 held_by = :claimant, expires_at = :expires_at REMOVE answer",
                values([
                    (":now", millis(now)),
                    (":one", n(1)),
                    (":free", s("free")),
                    (":running", s("running")),
                    (":answered", s("answered")),
                    (":asked", s(request)),
                    (":ends", millis(until)),
                    (":claimant", s(&claimant)),
                    (":expires_at", seconds(until.after(LEFT))),
                ]),
            )
            .await?;
        let present = match claimed {
            Updated::Yes(record) => return Ok(KeyClaim::Mine(fence(&record)?)),
            Updated::No(record) => record,
        };
        if text(&present, "held_by")? == claimant {
            return Ok(KeyClaim::Mine(fence(&present)?));
        }
        if text(&present, "asked")? != request {
            return Ok(KeyClaim::AnotherRequest);
        }
        match text(&present, "phase")? {
            "answered" => Ok(KeyClaim::Answered(document(&present, "answer")?)),
            _ => Ok(KeyClaim::Running { until: moment(&present, "ends")? }),
        }
    }

    async fn free_key(&self, tenant: &Tenant, key: &IdempotencyKey, fence: Fence) -> Result<(), Fault> {
        self.update_if(
            keys::idempotency(tenant, key),
            "fence = :fence AND phase = :running",
            "SET phase = :free",
            values([(":fence", n(fence.0)), (":running", s("running")), (":free", s("free"))]),
        )
        .await
        .map(|_| ())
    }
}

#[async_trait]
impl Leases for DynamoStore {
    async fn take_lease(
        &self,
        name: LeaseName,
        owner: &str,
        ttl: Duration,
        now: Timestamp,
    ) -> Result<Option<Lease>, Fault> {
        let until = now.after(ttl);
        let prolonged = self
            .update_if(
                keys::lease(name),
                "held_by = :owner AND ends > :now",
                "SET ends = :ends",
                values([(":owner", s(owner)), (":now", millis(now)), (":ends", millis(until))]),
            )
            .await?;
        let present = match prolonged {
            Updated::Yes(record) => return lease(&record).map(Some),
            Updated::No(record) => record,
        };
        if present.contains_key("held_by") && moment(&present, "ends")? > now {
            return Ok(None);
        }
        let taken = self
            .update_if(
                keys::lease(name),
                "attribute_not_exists(held_by) OR ends <= :now",
                "SET fence = if_not_exists(fence, :now) + :one, held_by = :owner, ends = :ends",
                values([(":now", millis(now)), (":one", n(1)), (":owner", s(owner)), (":ends", millis(until))]),
            )
            .await?;
        match taken {
            Updated::Yes(record) => lease(&record).map(Some),
            // Ours: the answer to an earlier attempt was lost.
            Updated::No(record) if text(&record, "held_by").is_ok_and(|holder| holder == owner) => {
                lease(&record).map(Some)
            }
            Updated::No(_) => Ok(None),
        }
    }

    async fn release_lease(&self, name: LeaseName, fence: Fence) -> Result<(), Fault> {
        let fence = values([(":fence", n(fence.0))]);
        self.update_if(keys::lease(name), "fence = :fence", "REMOVE held_by", fence).await.map(|_| ())
    }
}

fn fence(record: &Item) -> Result<Fence, Fault> {
    number(record, "fence").map(Fence)
}

fn lease(record: &Item) -> Result<Lease, Fault> {
    Ok(Lease { fence: fence(record)?, until: moment(record, "ends")? })
}
