//! A cache may forget anything at any time; nothing the shop promises rests on it.

use std::time::Duration;

use async_trait::async_trait;

use super::Fault;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counted {
    pub value: u64,
    /// How long until the counter starts anew.
    pub resets_in: Duration,
}

#[async_trait]
pub trait Cache: Send + Sync {
    /// MUST NOT return a value past its time to live.
    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, Fault>;

    async fn put(&self, key: &str, value: Vec<u8>, ttl: Duration) -> Result<(), Fault>;

    async fn forget(&self, key: &str) -> Result<(), Fault>;

    /// Adds to a counter and tells its value. MUST lose no count among concurrent callers. The window starts with the
    /// first count and is not prolonged by later ones.
    async fn count(&self, key: &str, by: u64, window: Duration) -> Result<Counted, Fault>;

    /// MUST make one real round trip.
    async fn probe(&self) -> Result<(), Fault>;
}
