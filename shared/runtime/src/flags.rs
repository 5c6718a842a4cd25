//! The flags of each shop, remembered for a few seconds. While the store is away the last known ones hold.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use bharatmart_core::flags::{FLAG, Flag};
use bharatmart_core::ports::{Fault, Records};
use bharatmart_core::record::{Listing, Row};
use bharatmart_core::{Tenant, Timestamp};

use crate::remembered::{Policy, Remembered};

/// A request goes on with its defaults where no flag is known.
const POLICY: Policy = Policy { fresh: Duration::from_secs(5), dispensable: true };
const PAGE: usize = 200;

type ByName = BTreeMap<String, Flag>;

pub(crate) struct Flags(Remembered<ByName>);

impl Default for Flags {
    fn default() -> Self {
        Flags(Remembered::new(POLICY))
    }
}

impl Flags {
    pub async fn of(&self, store: &dyn Records, tenant: &Tenant, now: Timestamp) -> Result<Arc<ByName>, Fault> {
        Ok(self.0.of(tenant, now, all(store, tenant)).await?.value)
    }

    pub fn forget(&self, tenant: &Tenant) {
        self.0.forget(tenant);
    }
}

async fn all(store: &dyn Records, tenant: &Tenant) -> Result<ByName, Fault> {
    let mut flags = ByName::new();
    let mut before: Option<String> = None;
    loop {
        let page = store.records(tenant, &FLAG, Listing::All, before.as_deref(), PAGE).await?;
        let full = page.len() == PAGE;
        for fields in page {
            let flag: Flag = Row::read(fields).map_err(|error| Fault::broken("store", error))?;
            before = Some(flag.name.clone());
            flags.insert(flag.name.clone(), flag);
        }
        if !full {
            return Ok(flags);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

    use async_trait::async_trait;
    use bharatmart_core::changes::ClaimKind;
    use bharatmart_core::record::{Document, Kind, RecordKey};
    use serde_json::json;

    use super::*;

    #[derive(Default)]
    struct Store {
        away: AtomicBool,
        percent: AtomicUsize,
        asked: AtomicUsize,
    }

    #[async_trait]
    impl Records for Store {
        async fn record(&self, _: &Tenant, _: &'static Kind, _: &RecordKey) -> Result<Option<Document>, Fault> {
            Ok(None)
        }

        async fn records(
            &self,
            _: &Tenant,
            _: &'static Kind,
            _: Listing<'_>,
            _: Option<&str>,
            _: usize,
        ) -> Result<Vec<Document>, Fault> {
            self.asked.fetch_add(1, Ordering::Relaxed);
            tokio::task::yield_now().await;
            if self.away.load(Ordering::Relaxed) {
                return Err(Fault::away("store", "for the test"));
            }
            let fields = json!({
                "name": "checkout.new", "version": 1, "description": "", "enabled": true, "roles": [], "users": [],
                "percent": self.percent.load(Ordering::Relaxed), "updated_at": "2026-01-31T10:00:00.000Z",
            });
            Ok(fields.as_object().cloned().into_iter().collect())
        }

        async fn counted(&self, _: &Tenant, _: &str) -> Result<u64, Fault> {
            Ok(0)
        }

        async fn owner(&self, _: &Tenant, _: ClaimKind, _: &str) -> Result<Option<String>, Fault> {
            Ok(None)
        }
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_millis(seconds * 1000)
    }

    async fn percent(flags: &Flags, store: &Store, now: i64) -> Option<u32> {
        flags.of(store, &Tenant::main(), at(now)).await.ok().map(|flags| flags["checkout.new"].percent)
    }

    #[tokio::test]
    async fn a_flag_is_read_every_five_seconds_and_the_last_known_one_holds() {
        let (flags, store) = (Flags::default(), Store::default());
        assert_eq!(percent(&flags, &store, 0).await, Some(0));
        store.percent.store(50, Ordering::Relaxed);
        assert_eq!((percent(&flags, &store, 4).await, percent(&flags, &store, 5).await), (Some(0), Some(50)));
        store.away.store(true, Ordering::Relaxed);
        assert_eq!(percent(&flags, &store, 20).await, Some(50));
        assert_eq!(percent(&flags, &store, 24).await, Some(50));
        assert_eq!(store.asked.load(Ordering::Relaxed), 3, "a store in trouble is not asked each time");
        store.away.store(false, Ordering::Relaxed);
        store.percent.store(60, Ordering::Relaxed);
        assert_eq!(percent(&flags, &store, 25).await, Some(60));
    }

    #[tokio::test]
    async fn nothing_is_known_while_the_store_is_away_from_the_start() {
        let (flags, store) = (Flags::default(), Store::default());
        store.away.store(true, Ordering::Relaxed);
        assert_eq!((percent(&flags, &store, 0).await, percent(&flags, &store, 1).await), (None, None));
        assert_eq!(store.asked.load(Ordering::Relaxed), 1);
        store.away.store(false, Ordering::Relaxed);
        assert_eq!(percent(&flags, &store, 5).await, Some(0));
    }

    #[tokio::test]
    async fn many_at_once_ask_once() {
        let (flags, store) = (Flags::default(), Store::default());
        let all = futures_util::future::join_all((0..50).map(|_| percent(&flags, &store, 0))).await;
        assert!(all.iter().all(|percent| *percent == Some(0)));
        assert_eq!(store.asked.load(Ordering::Relaxed), 1);
    }
}
