//! The cache in memory, bounded: what was not counted in a while is forgotten first.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use bharatmart_core::Timestamp;
use bharatmart_core::ports::{Cache, Clock, Counted, Fault};

/// What counters may take, keys and upkeep included.
const MOST_BYTES: usize = 32 << 20;
const SHARDS: usize = 16;
/// What a counter costs besides its key.
const UPKEEP: usize = 96;

pub struct MemoryCache {
    clock: Arc<dyn Clock>,
    hasher: RandomState,
    shards: [Mutex<Shard>; SHARDS],
}

/// Two generations stand in for a list of what was used last: what is used moves to the young one; when that has
/// grown to half of what may be kept it becomes the old one, and the old one is forgotten.
#[derive(Default)]
struct Shard {
    young: HashMap<String, Counter>,
    old: HashMap<String, Counter>,
    young_bytes: usize,
}

struct Counter {
    value: u64,
    resets_at: Timestamp,
}

impl Shard {
    const HALF: usize = MOST_BYTES / SHARDS / 2;

    fn put(&mut self, key: String, counter: Counter) {
        let bytes = key.len() + UPKEEP;
        if self.young.remove(&key).is_some() {
            self.young_bytes -= bytes;
        }
        if self.young_bytes + bytes > Self::HALF {
            self.old = std::mem::take(&mut self.young);
            self.young_bytes = 0;
        }
        self.young_bytes += bytes;
        self.young.insert(key, counter);
    }

    fn live(&mut self, key: &str, now: Timestamp) -> Option<&mut Counter> {
        if let Some((key, counter)) = self.old.remove_entry(key) {
            self.put(key, counter);
        }
        self.young.get_mut(key).filter(|counter| counter.resets_at > now)
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
    async fn count(&self, key: &str, by: u64, window: Duration) -> Result<Counted, Fault> {
        let now = self.clock.now();
        let mut shard = self.shard(key);
        if let Some(counter) = shard.live(key, now) {
            counter.value = counter.value.saturating_add(by);
            return Ok(Counted { value: counter.value, resets_in: counter.resets_at.since(now) });
        }
        shard.put(key.to_owned(), Counter { value: by, resets_at: now.after(window) });
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

    const HOUR: Duration = Duration::from_secs(3600);

    #[tokio::test]
    async fn more_than_fits_pushes_out_what_was_not_counted_in_a_while() {
        let cache = MemoryCache::new(Arc::new(System));
        let padding = "x".repeat(1_000);
        cache.count("long ago", 1, HOUR).await.unwrap();
        for nth in 1..=60_000 {
            cache.count(&format!("{nth}/{padding}"), 1, HOUR).await.unwrap();
            assert_eq!(cache.count("often", 1, HOUR).await.unwrap().value, nth);
        }
        let shards = cache.shards.iter().map(|shard| shard.lock().unwrap());
        let kept: usize = shards.map(|shard| shard.old.len() + shard.young.len()).sum();
        assert!(kept * (padding.len() + UPKEEP) <= MOST_BYTES, "{kept} counters are kept");
        assert_eq!(cache.count("long ago", 1, HOUR).await.unwrap().value, 1);
    }
}
