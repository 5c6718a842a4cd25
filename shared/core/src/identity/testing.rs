//! Chance, time and ids that a test can foretell.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use uuid::Uuid;

use super::scene::Scene;
use crate::ports::{Clock, Ids, Random};
use crate::tenant::Tenant;
use crate::time::Timestamp;

pub struct Chance(Mutex<Source>);

enum Source {
    Seeded(u64),
    Fixed(Vec<u8>),
}

impl Chance {
    pub fn new(seed: u64) -> Self {
        Chance(Mutex::new(Source::Seeded(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)))
    }

    /// Just these bytes, then noughts.
    pub fn fixed(bytes: Vec<u8>) -> Self {
        Chance(Mutex::new(Source::Fixed(bytes)))
    }
}

impl Random for Chance {
    fn fill(&self, bytes: &mut [u8]) {
        let mut source = self.0.lock().unwrap();
        for byte in bytes {
            *byte = match &mut *source {
                Source::Seeded(state) => {
                    *state ^= *state << 13;
                    *state ^= *state >> 7;
                    *state ^= *state << 17;
                    (*state >> 32) as u8
                }
                Source::Fixed(bytes) if bytes.is_empty() => 0,
                Source::Fixed(bytes) => bytes.remove(0),
            };
        }
    }
}

/// A clock that stands until it is moved, and ids that count.
pub struct World {
    pub now: Mutex<Timestamp>,
    pub chance: Chance,
    ids: AtomicU64,
    pub tenant: Tenant,
}

impl World {
    pub fn new() -> Self {
        let now = Mutex::new(Timestamp::from_millis(1_790_000_000_000));
        World { now, chance: Chance::new(1), ids: AtomicU64::new(1), tenant: Tenant::main() }
    }

    pub fn scene(&self) -> Scene<'_> {
        Scene { tenant: &self.tenant, clock: self, ids: self, random: &self.chance, address: Some("203.0.113.7") }
    }
}

impl Clock for World {
    fn now(&self) -> Timestamp {
        *self.now.lock().unwrap()
    }
}

impl Ids for World {
    fn uuid(&self) -> Uuid {
        Uuid::from_u128(u128::from(self.ids.fetch_add(1, Ordering::Relaxed)))
    }
}
