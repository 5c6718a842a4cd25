//! The cache in memory, bounded: what was not asked for in a while is forgotten first. Counters stand apart from
//! values, so that many values never push out a limit's count.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use bharatmart_core::Timestamp;
use bharatmart_core::ports::{Cache, Clock, Counted, Fault};

/// What values and counters may each take, keys and upkeep included.
const MOST_BYTES: usize = 32 << 20;
const SHARDS: usize = 16;
/// What an entry costs besides its key and value.
const UPKEEP: usize = 96;

pub struct MemoryCache {
    clock: Arc<dyn Clock>,
    hasher: RandomState,
    shards: [Mutex<Shard>; SHARDS],
}

#[derive(Default)]
struct Shard {
    values: Generations<Vec<u8>>,
    counters: Generations<u64>,
}

/// Two generations stand in for a list of what was used last: what is used moves to the young one; when that has
/// grown to half of what may be kept it becomes the old one, and the old one is forgotten.
struct Generations<V> {
    young: HashMap<String, Kept<V>>,
    old: HashMap<String, Kept<V>>,
    young_bytes: usize,
}

struct Kept<V> {
    value: V,
    expires_at: Timestamp,
    bytes: usize,
}

impl<V> Kept<V> {
    fn new(key: &str, value: V, bytes: usize, expires_at: Timestamp) -> Self {
        Kept { value, expires_at, bytes: bytes + key.len() + UPKEEP }
    }
}

impl<V> Default for Generations<V> {
    fn default() -> Self {
        Generations { young: HashMap::new(), old: HashMap::new(), young_bytes: 0 }
    }
}

impl<V> Generations<V> {
    const HALF: usize = MOST_BYTES / SHARDS / 2;

    fn put(&mut self, key: String, kept: Kept<V>) {
        self.forget(&key);
        if self.young_bytes + kept.bytes > Self::HALF {
            self.old = std::mem::take(&mut self.young);
            self.young_bytes = 0;
        }
        if kept.bytes <= Self::HALF {
            self.young_bytes += kept.bytes;
            self.young.insert(key, kept);
        }
    }

    fn live(&mut self, key: &str, now: Timestamp) -> Option<&mut Kept<V>> {
        if let Some((key, kept)) = self.old.remove_entry(key) {
            self.put(key, kept);
        }
        self.young.get_mut(key).filter(|kept| kept.expires_at > now)
    }

    fn forget(&mut self, key: &str) {
        self.old.remove(key);
        if let Some(kept) = self.young.remove(key) {
            self.young_bytes -= kept.bytes;
        }
    }
}

impl MemoryCache {
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        MemoryCache { clock, hasher: RandomState::new(), shards: Default::default() }
    }

    fn shard(&self, key: &str) -> MutexGuard<'_, Shard> {
        let nth = self.hasher.hash_one(key) as usize % SHARDS;
        self.shards[nth].lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Cache for MemoryCache {
    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, Fault> {
        let now = self.clock.now();
        Ok(self.shard(key).values.live(key, now).map(|kept| kept.value.clone()))
    }

    async fn put(&self, key: &str, value: Vec<u8>, ttl: Duration) -> Result<(), Fault> {
        let bytes = value.len();
        let kept = Kept::new(key, value, bytes, self.clock.now().after(ttl));
        self.shard(key).values.put(key.to_owned(), kept);
        Ok(())
    }

    async fn forget(&self, key: &str) -> Result<(), Fault> {
        let mut shard = self.shard(key);
        shard.values.forget(key);
        shard.counters.forget(key);
        Ok(())
    }

    async fn count(&self, key: &str, by: u64, window: Duration) -> Result<Counted, Fault> {
        let now = self.clock.now();
        let mut shard = self.shard(key);
        if let Some(kept) = shard.counters.live(key, now) {
            kept.value = kept.value.saturating_add(by);
            return Ok(Counted { value: kept.value, resets_in: kept.expires_at.since(now) });
        }
        shard.counters.put(key.to_owned(), Kept::new(key, by, 0, now.after(window)));
        Ok(Counted { value: by, resets_in: window })
    }

    async fn probe(&self) -> Result<(), Fault> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::System;

    fn megabyte_in_pages() -> impl Iterator<Item = (String, Vec<u8>)> {
        (0..1024).map(|page| (format!("page/{page}"), vec![0; 1024]))
    }

    fn bytes(cache: &MemoryCache) -> usize {
        let shards = cache.shards.iter().map(|shard| shard.lock().unwrap());
        shards.map(|shard| shard.values.old.len() + shard.values.young.len()).sum::<usize>() * 1024
    }

    #[tokio::test]
    async fn more_than_fits_pushes_out_what_was_not_asked_for_but_no_counter() {
        let cache = MemoryCache::new(Arc::new(System));
        let hour = Duration::from_secs(3600);
        cache.count("limit", 1, hour).await.unwrap();
        cache.put("asked for", b"kept".to_vec(), hour).await.unwrap();
        for round in 0..100 {
            for (page, value) in megabyte_in_pages() {
                cache.put(&format!("{round}/{page}"), value, hour).await.unwrap();
            }
            assert_eq!(cache.get("asked for").await.unwrap().as_deref(), Some(b"kept".as_slice()));
        }
        assert!(bytes(&cache) <= MOST_BYTES, "{} bytes are kept", bytes(&cache));
        assert_eq!(cache.get("0/page/0").await.unwrap(), None);
        assert_eq!(cache.count("limit", 1, hour).await.unwrap().value, 2);
    }
}
