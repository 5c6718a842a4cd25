//! Counting within a window: one update adds to the window that runs, or begins the next. An answer that was lost is
//! asked for again, and may then have counted twice: a limit errs to the safe side by it.

use std::time::Duration;

use async_trait::async_trait;
use bharatmart_core::ports::{Counted, Counters, Fault};
use bharatmart_core::{Tenant, Timestamp};

use super::item::{Item, millis, moment, n, number, seconds, values};
use super::keys;
use super::update::Updated;
use super::{DynamoStore, PORT, fault};
use crate::aws::call;
use crate::clash::Backoff;

#[async_trait]
impl Counters for DynamoStore {
    async fn count(
        &self,
        tenant: &Tenant,
        counter: &str,
        by: u32,
        window: Duration,
        now: Timestamp,
    ) -> Result<Counted, Fault> {
        if by == 0 {
            return match self.get(keys::window(tenant, counter)).await? {
                Some(item) if moment(&item, "ends")? > now => counted(&item, now),
                _ => Ok(Counted { value: 0, resets_in: window }),
            };
        }
        let mut backoff = Backoff::default();
        loop {
            if let Some(item) = self.add(tenant, counter, by, now).await? {
                return counted(&item, now);
            }
            if let Some(item) = self.begin(tenant, counter, by, now.after(window), now).await? {
                return counted(&item, now);
            }
            // Another began the window in between, and a reset or another's clock may have ended it again.
            if !backoff.pause().await {
                return Err(Fault::busy(PORT, "the window of a counter changes all the time"));
            }
        }
    }

    async fn reset(&self, tenant: &Tenant, counter: &str) -> Result<(), Fault> {
        let key = keys::window(tenant, counter).item();
        let delete = || self.client.delete_item().table_name(&self.table).set_key(Some(key.clone())).send();
        call(&self.dependency, delete).await.map(|_| ()).map_err(fault)
    }
}

impl DynamoStore {
    /// `None` when no window runs.
    async fn add(&self, tenant: &Tenant, counter: &str, by: u32, now: Timestamp) -> Result<Option<Item>, Fault> {
        let values = values([(":now", millis(now)), (":by", n(by))]);
        let added = self.update_if(keys::window(tenant, counter), "ends > :now", "ADD tally :by", values).await?;
        Ok(done(added))
    }

    /// `None` when one runs: of many who find it ended, one begins the next.
    async fn begin(
        &self,
        tenant: &Tenant,
        counter: &str,
        by: u32,
        ends: Timestamp,
        now: Timestamp,
    ) -> Result<Option<Item>, Fault> {
        let begun = self
            .update_if(
                keys::window(tenant, counter),
                "attribute_not_exists(ends) OR ends <= :now",
                "SET tally = :by, ends = :ends, expires_at = :expires_at",
                values([
                    (":now", millis(now)),
                    (":by", n(by)),
                    (":ends", millis(ends)),
                    (":expires_at", seconds(ends)),
                ]),
            )
            .await?;
        Ok(done(begun))
    }
}

fn done(updated: Updated) -> Option<Item> {
    match updated {
        Updated::Yes(item) => Some(item),
        Updated::No(_) => None,
    }
}

fn counted(item: &Item, now: Timestamp) -> Result<Counted, Fault> {
    Ok(Counted { value: number(item, "tally")?, resets_in: moment(item, "ends")?.since(now) })
}
