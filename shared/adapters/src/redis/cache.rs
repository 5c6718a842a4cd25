//! The cache on Redis. A server that does not answer soon counts as away: without a cache the shop must not be stuck.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bharatmart_core::ports::{Cache, Counted, Fault};
use redis::Script;

use super::server::Server;
use crate::dependency::{Dependency, Depends};

const PATIENCE: Duration = Duration::from_millis(500);

pub struct RedisCache {
    server: Server,
    prefix: String,
    count: Script,
}

impl RedisCache {
    /// Fails when `url` is none; a server that is away is met at the first call.
    pub async fn connect(url: &str, prefix: &str) -> Result<Self, Fault> {
        Ok(RedisCache {
            server: Server::new("redis-cache", "cache", url, PATIENCE, |_| {})?,
            prefix: prefix.to_owned(),
            count: Script::new(include_str!("lua/count.lua")),
        })
    }

    fn counter(&self, key: &str) -> String {
        format!("{}:counter:{key}", self.prefix)
    }
}

impl Depends for RedisCache {
    fn dependency(&self) -> &Arc<Dependency> {
        self.server.dependency()
    }
}

#[async_trait]
impl Cache for RedisCache {
    async fn count(&self, key: &str, by: u64, window: Duration) -> Result<Counted, Fault> {
        let mut call = self.count.prepare_invoke();
        call.key(self.counter(key)).arg(by).arg(window.as_millis().max(1) as u64);
        let mut connection = self.server.connection();
        let (value, resets_in) = self.server.answer(call.invoke_async(&mut connection)).await?;
        Ok(Counted { value, resets_in: Duration::from_millis(resets_in) })
    }

    async fn probe(&self) -> Result<(), Fault> {
        self.server.probe().await
    }
}
