//! Time, ids and chance come from outside, so that the whole shop can run in a seeded simulation.

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
