//! A place of its own for each test of a cache.

use std::sync::Arc;
use std::time::Duration;

use bharatmart_adapters::memory::MemoryCache;
use bharatmart_adapters::redis::RedisCache;
use bharatmart_core::ports::Cache;
use bharatmart_tests::servers;

use crate::clock::TurnedClock;

pub struct CacheWorld {
    pub cache: Arc<dyn Cache>,
    clock: Option<Arc<TurnedClock>>,
}

impl CacheWorld {
    /// Turns the clock where the tests have it in hand; elsewhere time passes by itself.
    pub fn pass(&self, time: Duration) {
        if let Some(clock) = &self.clock {
            clock.turn(time);
        }
    }
}

pub async fn memory() -> CacheWorld {
    let clock = Arc::new(TurnedClock::new());
    CacheWorld { cache: Arc::new(MemoryCache::new(clock.clone())), clock: Some(clock) }
}

pub async fn redis() -> CacheWorld {
    let cache = RedisCache::connect(&servers::redis_url().await, &servers::unique_name()).await;
    CacheWorld { cache: Arc::new(cache.expect("the address is right")), clock: None }
}
