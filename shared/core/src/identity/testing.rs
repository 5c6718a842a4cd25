//! Chance that a test can foretell, and a scene of it.

use std::sync::Mutex;

use super::samples::World;
use super::scene::Scene;
use crate::ports::Random;
use crate::tenant::Tenant;

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

/// All that a use case takes from around it.
pub struct Stage {
    world: World,
    pub chance: Chance,
    tenant: Tenant,
}

impl Stage {
    pub fn new() -> Self {
        Stage { world: World::new(), chance: Chance::new(1), tenant: Tenant::main() }
    }

    pub fn scene(&self) -> Scene<'_> {
        let address = Some("203.0.113.7");
        Scene { tenant: &self.tenant, clock: &self.world, ids: &self.world, random: &self.chance, address }
    }
}
