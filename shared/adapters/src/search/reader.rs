//! The reader. It answers from the snapshot it has opened, and looks for a newer one now and then: in the background
//! while the last look is recent, and before it answers when it is not (as after a Lambda's sleep).

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use arc_swap::ArcSwapOption;
use async_trait::async_trait;
use bharatmart_core::Tenant;
use bharatmart_core::ports::{Blobs, Clock, Fault, Found, Search, SearchQuery, SnapshotInfo, Suggestion};
use moka::sync::Cache;
use tokio::sync::{Mutex, OnceCell, OwnedMutexGuard};

use super::manifest;
use super::packs::Packs;
use super::snapshot::{Opened, Snapshot};
use super::{PORT, blocking, suggest};
use crate::budget;

/// A look this many times older than the interval is too old to answer from.
const TOO_OLD: u32 = 10;

/// Remembered answers of one snapshot, in bytes.
const REMEMBERED: u64 = 24 << 20;

/// Remembered suggestions, in texts that were asked for.
const REMEMBERED_SUGGESTIONS: u64 = 2_000;

/// An index of more documents is asked on a thread of its own where it may take milliseconds: for words and for counts.
const LARGE: u64 = 20_000;

pub struct TantivySearch(Arc<Reader>);

struct Reader {
    packs: Packs,
    every: Duration,
    clock: Arc<dyn Clock>,
    current: ArcSwapOption<Current>,
    /// When the last look that has ended began, in milliseconds.
    looked_at: AtomicI64,
    /// How many looks have begun.
    looks: AtomicU64,
    /// Held by the one that looks.
    turn: Arc<Mutex<()>>,
    /// Why the last look failed, if it did.
    trouble: ArcSwapOption<String>,
}

/// What is asked of one snapshot always has the same answer, so answers live and die with it.
struct Current {
    snapshot: Arc<Snapshot>,
    answers: Cache<SearchQuery, Arc<Answer<Found>>>,
    suggestions: Cache<Typed, Suggested>,
}

/// Worked out once, however many ask for it at the same time.
type Answer<T> = OnceCell<Arc<T>>;

/// Of a shop, what was typed so far, and how many were asked for.
type Typed = (Tenant, String, usize);
type Suggested = Arc<Answer<Vec<Suggestion>>>;

enum Age {
    Fresh,
    Stale,
    TooOld,
}

impl TantivySearch {
    /// Fetches the snapshot in force. When it cannot be had the reader opens all the same, and looks again when asked.
    /// Several processes may share `cache_dir`.
    pub async fn open(
        blobs: Arc<dyn Blobs>,
        cache_dir: &Path,
        refresh_every: Duration,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, Fault> {
        let reader = Arc::new(Reader {
            packs: Packs::open(blobs, cache_dir)?,
            every: refresh_every,
            clock,
            current: ArcSwapOption::empty(),
            looked_at: AtomicI64::new(i64::MIN),
            looks: AtomicU64::new(0),
            turn: Arc::default(),
            trouble: ArcSwapOption::empty(),
        });
        reader.clone().look_now(budget::remaining()).await;
        Ok(TantivySearch(reader))
    }

    async fn opened(&self) -> Result<Arc<Current>, Fault> {
        self.current().await?.ok_or_else(|| Fault::away(PORT, "no snapshot has been published"))
    }

    async fn current(&self) -> Result<Option<Arc<Current>>, Fault> {
        let reader = &self.0;
        let current = reader.current.load_full();
        match (reader.age(), current) {
            (Age::Fresh, Some(current)) => return Ok(Some(current)),
            (Age::Stale, Some(current)) => {
                if let Ok(turn) = reader.turn.clone().try_lock_owned() {
                    tokio::spawn(reader.clone().look(turn));
                }
                return Ok(Some(current));
            }
            // Old answers are better than none while the blob store is away, so it is not waited for to the end.
            (Age::TooOld, Some(_)) => reader.clone().look_now(budget::remaining() / 2).await,
            (Age::Fresh, None) => {}
            (_, None) => reader.clone().look_now(budget::remaining()).await,
        }
        match (reader.current.load_full(), reader.trouble.load_full()) {
            (None, Some(trouble)) => Err(Fault::away(PORT, trouble)),
            (current, _) => Ok(current),
        }
    }
}

impl Reader {
    fn age(&self) -> Age {
        let looked_at = self.looked_at.load(Ordering::Acquire);
        let since = self.clock.now().millis().checked_sub(looked_at).map(u64::try_from);
        match since {
            Some(Ok(since)) if Duration::from_millis(since) < self.every => Age::Fresh,
            Some(Ok(since)) if Duration::from_millis(since) < self.every * TOO_OLD => Age::Stale,
            // Never, long ago, or the clock was turned back.
            _ => Age::TooOld,
        }
    }

    /// Until a look that began after this call has ended. It goes on when this is given up: what it fetches is of use
    /// to whoever asks next.
    async fn look_now(self: Arc<Self>, patience: Duration) {
        let before = self.looks.load(Ordering::Acquire);
        let look = tokio::spawn(async move {
            let turn = self.turn.clone().lock_owned().await;
            if self.looks.load(Ordering::Acquire) == before {
                self.look(turn).await;
            }
        });
        if tokio::time::timeout(patience, look).await.is_err() {
            tracing::warn!(?patience, "the search snapshot was not looked up in time");
        }
    }

    async fn look(self: Arc<Self>, _turn: OwnedMutexGuard<()>) {
        self.looks.fetch_add(1, Ordering::AcqRel);
        let began = self.clock.now().millis();
        let trouble = match self.load_newest().await {
            Ok(()) => None,
            Err(fault) => {
                tracing::warn!(%fault, "a newer search snapshot could not be had");
                let (Fault::Away { cause, .. } | Fault::Busy { cause, .. } | Fault::Broken { cause, .. }) = fault;
                Some(Arc::new(cause))
            }
        };
        self.trouble.store(trouble);
        // Not before the end: until then nobody may take the old snapshot for a fresh one.
        self.looked_at.store(began, Ordering::Release);
    }

    async fn load_newest(&self) -> Result<(), Fault> {
        // Outdated more than once in a row only when snapshots come faster than they can be fetched.
        for _ in 0..3 {
            let current = self.current.load_full();
            let before = current.as_ref().map(|current| &*current.snapshot);
            let found = match before {
                Some(snapshot) => manifest::read_newer(&*self.packs.blobs, &snapshot.etag).await?,
                None => manifest::read(&*self.packs.blobs).await?,
            };
            let Some(found) = found else { return Ok(()) };
            let (manifest, etag) = found.ours()?;
            if let Opened::Whole(snapshot) = Snapshot::open(&self.packs, manifest, etag, before).await? {
                self.current.store(Some(Arc::new(Current::of(snapshot.clone()))));
                let packs = self.packs.clone();
                return blocking(move || packs.tidy(&snapshot.manifest)).await;
            }
        }
        Err(Fault::away(PORT, "packs of the published snapshot are missing"))
    }
}

impl Current {
    fn of(snapshot: Arc<Snapshot>) -> Self {
        let weigh = |_: &SearchQuery, answer: &Arc<Answer<Found>>| {
            let rows = answer.get().map_or(0, |found| {
                let texts = found.rows.iter().chain(&found.highlights);
                texts.map(|text| text.len() + size_of::<Arc<str>>()).sum()
            });
            u32::try_from(rows + size_of::<(SearchQuery, Found)>()).unwrap_or(u32::MAX)
        };
        Current {
            snapshot,
            answers: Cache::builder().max_capacity(REMEMBERED).weigher(weigh).build(),
            suggestions: Cache::new(REMEMBERED_SUGGESTIONS),
        }
    }

    /// `quick` is what takes a moment of an index of any size.
    async fn ask<T: Send + 'static>(
        &self,
        quick: bool,
        ask: impl FnOnce(&Snapshot) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, Fault> {
        match quick || self.snapshot.manifest.documents <= LARGE {
            true => ask(&self.snapshot),
            false => {
                let snapshot = self.snapshot.clone();
                blocking(move || ask(&snapshot)).await
            }
        }
    }
}

#[async_trait]
impl Search for TantivySearch {
    async fn find(&self, query: &SearchQuery) -> Result<Arc<Found>, Fault> {
        let current = self.opened().await?;
        let answer = current.answers.get_with_by_ref(query, Arc::default);
        if let Some(found) = answer.get() {
            return Ok(found.clone());
        }
        let asked = query.clone();
        let quick = query.text.is_none() && !query.facets;
        let find = || async {
            current.ask(quick, move |snapshot| super::answer::answer(snapshot, &asked)).await.map(Arc::new)
        };
        let found = answer.get_or_try_init(find).await?.clone();
        // Once more, now that it is known what it weighs.
        current.answers.insert(query.clone(), answer);
        Ok(found)
    }

    async fn suggest(&self, tenant: &Tenant, text: &str, most: usize) -> Result<Arc<Vec<Suggestion>>, Fault> {
        let current = self.opened().await?;
        let key = (tenant.clone(), text.to_owned(), most);
        let answer = current.suggestions.get_with_by_ref(&key, Arc::default);
        let find = || async {
            let (tenant, text, most) = key;
            current.ask(false, move |snapshot| suggest::suggest(snapshot, &tenant, &text, most)).await.map(Arc::new)
        };
        answer.get_or_try_init(find).await.cloned()
    }

    async fn snapshot(&self) -> Result<Option<SnapshotInfo>, Fault> {
        Ok(self.current().await?.map(|current| current.snapshot.manifest.info()))
    }
}
