//! The flags of each shop, remembered for a few seconds. While the store is away the last known ones hold.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bharatmart_adapters::budget;
use bharatmart_core::flags::{FLAG, Flag};
use bharatmart_core::ports::{Fault, Records};
use bharatmart_core::record::{Listing, Row};
use bharatmart_core::{Tenant, Timestamp};

const REMEMBERED: Duration = Duration::from_secs(5);
/// No request waits longer to learn what is switched on.
const PATIENCE: Duration = Duration::from_secs(1);
const PAGE: usize = 200;

#[derive(Default)]
pub(crate) struct Flags {
    known: Mutex<HashMap<Tenant, Known>>,
    /// One reads while the others go on with what is known, or wait for it.
    reading: tokio::sync::Mutex<()>,
}

type ByName = Arc<BTreeMap<String, Flag>>;

#[derive(Clone)]
struct Known {
    asked_at: Timestamp,
    /// `None`: nobody could say.
    flags: Option<ByName>,
}

impl Flags {
    pub async fn of(&self, store: &dyn Records, tenant: &Tenant, now: Timestamp) -> Result<ByName, Fault> {
        let known = self.known(tenant);
        if let Some(answer) = known.as_ref().and_then(|known| fresh(known, now)) {
            return answer;
        }
        let stale = known.and_then(|known| known.flags);
        let _reading = match (self.reading.try_lock(), stale) {
            (Ok(reading), _) => reading,
            (Err(_), Some(stale)) => return Ok(stale),
            (Err(_), None) => self.reading.lock().await,
        };
        // Another may have read them meanwhile.
        match self.known(tenant).as_ref().and_then(|known| fresh(known, now)) {
            Some(answer) => answer,
            None => self.read(store, tenant, now).await,
        }
    }

    pub fn forget(&self, tenant: &Tenant) {
        if let Ok(mut known) = self.known.lock() {
            known.remove(tenant);
        }
    }

    async fn read(&self, store: &dyn Records, tenant: &Tenant, now: Timestamp) -> Result<ByName, Fault> {
        let read = tokio::time::timeout(PATIENCE, budget::within(PATIENCE, all(store, tenant))).await;
        let read = read.unwrap_or_else(|_| Err(Fault::away("store", "the flags took too long")));
        let stale = self.known(tenant).and_then(|known| known.flags);
        let flags = match (read, stale) {
            (Ok(flags), _) => Arc::new(flags),
            (Err(fault), stale) => {
                // Not asked again at once: a store in trouble needs no further questions.
                self.remember(tenant, Known { asked_at: now, flags: stale.clone() });
                let Some(stale) = stale else { return Err(fault) };
                tracing::warn!(error = %fault, "the flags stay as they were last known");
                return Ok(stale);
            }
        };
        self.remember(tenant, Known { asked_at: now, flags: Some(flags.clone()) });
        Ok(flags)
    }

    fn known(&self, tenant: &Tenant) -> Option<Known> {
        self.known.lock().ok()?.get(tenant).cloned()
    }

    fn remember(&self, tenant: &Tenant, now_known: Known) {
        const MOST: usize = 10_000;
        let Ok(mut known) = self.known.lock() else { return };
        // Anyone can ask for a shop that is not there.
        if known.len() >= MOST {
            known.clear();
        }
        known.insert(tenant.clone(), now_known);
    }
}

fn fresh(known: &Known, now: Timestamp) -> Option<Result<ByName, Fault>> {
    let unknown = || Fault::away("store", "the flags could not be read a moment ago");
    (now < known.asked_at.after(REMEMBERED)).then(|| known.flags.clone().ok_or_else(unknown))
}

async fn all(store: &dyn Records, tenant: &Tenant) -> Result<BTreeMap<String, Flag>, Fault> {
    let mut flags = BTreeMap::new();
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
