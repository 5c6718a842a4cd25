//! Time, ids and chance come from outside, so that the whole shop can run in a seeded simulation.

use std::time::Duration;

use async_trait::async_trait;
use uuid::Uuid;

use crate::time::Timestamp;

pub trait Clock: Send + Sync {
    fn now(&self) -> Timestamp;
}

pub trait Ids: Send + Sync {
    /// MUST return a UUIDv7 that was never returned before.
    fn uuid(&self) -> Uuid;
}

pub trait Random: Send + Sync {
    /// MUST fill with bytes nobody can foretell (in a simulation: only its seed can).
    fn fill(&self, bytes: &mut [u8]);

    /// A number in `0..bound`, for jitter and shares; 0 when `bound` is 0.
    fn below(&self, bound: u64) -> u64 {
        let mut bytes = [0; 8];
        self.fill(&mut bytes);
        u64::from_le_bytes(bytes).checked_rem(bound).unwrap_or(0)
    }
}

/// How long whoever works may go on, and how they let others go first.
#[async_trait]
pub trait Patience: Send + Sync {
    /// Until the time runs out of what is being done.
    fn left(&self) -> Duration;

    /// Waits before what clashed is tried once more, so that of many who change the same thing some get through. MUST
    /// wait by chance, and longer after more `clashes`; `false`, at once, when no time is left for another try.
    async fn pause(&self, clashes: u32) -> bool;
}
