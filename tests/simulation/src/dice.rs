//! Chance from a seed: the same seed always throws the same.

use std::sync::atomic::{AtomicU64, Ordering};

use bharatmart_core::ports::Random;

const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

/// SplitMix64, shared by whoever holds it.
#[derive(Debug)]
pub struct Dice(AtomicU64);

impl Dice {
    /// Dice of one seed and different names throw differently.
    pub fn new(seed: u64, name: &str) -> Self {
        Dice(AtomicU64::new(mix(seed) ^ bharatmart_chaos::hash(&[name])))
    }

    pub fn throw(&self) -> u64 {
        mix(self.0.fetch_add(STEP, Ordering::Relaxed))
    }

    /// `0..bound`.
    pub fn below(&self, bound: u64) -> u64 {
        ((u128::from(self.throw()) * u128::from(bound)) >> 64) as u64
    }

    /// Both ends may come.
    pub fn between(&self, least: u64, most: u64) -> u64 {
        least + self.below(most - least + 1)
    }

    /// So often of a hundred.
    pub fn chance(&self, of_100: u64) -> bool {
        self.below(100) < of_100
    }

    pub fn pick<'a, T>(&self, of: &'a [T]) -> Option<&'a T> {
        of.get(self.below(of.len() as u64) as usize)
    }
}

impl Random for Dice {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            chunk.copy_from_slice(&self.throw().to_le_bytes()[..chunk.len()]);
        }
    }
}

const fn mix(number: u64) -> u64 {
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}
