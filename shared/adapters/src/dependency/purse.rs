//! What repetitions are paid from. Each call puts a tenth of one in, so that they are a tenth of the calls over time;
//! a little comes in by itself, since a function that was frozen wakes to one dead connection and few calls.

use std::time::Duration;

use tokio::time::Instant;

/// In tenths of a repetition.
const FULL: u64 = 300;
const PRICE: u64 = 10;
/// A tenth comes in by itself once in this time.
const TRICKLE: Duration = Duration::from_secs(1);

pub(super) struct Purse {
    tenths: u64,
    counted_at: Instant,
}

impl Purse {
    /// Full: nothing has gone wrong yet.
    pub fn new(now: Instant) -> Self {
        Purse { tenths: FULL, counted_at: now }
    }

    pub fn earn(&mut self) {
        self.tenths = (self.tenths + 1).min(FULL);
    }

    pub fn spend(&mut self, now: Instant) -> bool {
        let trickled = now.saturating_duration_since(self.counted_at).as_secs() / TRICKLE.as_secs();
        self.counted_at += TRICKLE * u32::try_from(trickled).unwrap_or(u32::MAX);
        self.tenths = (self.tenths + trickled).min(FULL);
        match self.tenths.checked_sub(PRICE) {
            Some(left) => {
                self.tenths = left;
                true
            }
            None => false,
        }
    }
}
