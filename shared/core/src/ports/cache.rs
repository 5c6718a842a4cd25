//! A cache counts, and may forget what it counted at any time; nothing the shop promises rests on it.

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
    /// Adds to a counter and tells its value. MUST lose no count among concurrent callers. The window starts with the
    /// first count and is not prolonged by later ones.
    async fn count(&self, key: &str, by: u64, window: Duration) -> Result<Counted, Fault>;

    /// MUST make one real round trip.
    async fn probe(&self) -> Result<(), Fault>;
}
