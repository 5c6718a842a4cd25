//! Chance that comes back: bytes that nobody can foretell without the key, and that are the same each time they are
//! drawn for the same event. So whoever must repeat a message after a crash sends the very same secret, which was kept
//! nowhere.

use std::sync::atomic::{AtomicU64, Ordering};

use hmac::{Hmac, Mac};
use sha2::Sha256;

use crate::ids::EventId;
use crate::ports::Random;

pub struct Derived {
    mac: Hmac<Sha256>,
    drawn: AtomicU64,
}

impl Derived {
    pub fn new(key: &[u8], event: EventId) -> Self {
        let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap_or_else(|_| unreachable!("HMAC takes any key"));
        mac.update(b"code\0");
        mac.update(event.uuid().as_bytes());
        Derived { mac, drawn: AtomicU64::new(0) }
    }
}

impl Random for Derived {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(32) {
            let mut mac = self.mac.clone();
            mac.update(&self.drawn.fetch_add(1, Ordering::Relaxed).to_be_bytes());
            let block = mac.finalize().into_bytes();
            let (block, _) = block.split_at(chunk.len());
            chunk.copy_from_slice(block);
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn drawn(key: &str, event: u128, times: usize) -> Vec<[u8; 40]> {
        let chance = Derived::new(key.as_bytes(), EventId::from_uuid(Uuid::from_u128(event)));
        let draw = |_| {
            let mut bytes = [0; 40];
            chance.fill(&mut bytes);
            bytes
        };
        (0..times).map(draw).collect()
    }

    #[test]
    fn the_same_comes_back_for_the_same_event_and_key_alone() {
        let first = drawn("key", 1, 3);
        assert_eq!(first, drawn("key", 1, 3));
        let others = [drawn("another key", 1, 3), drawn("key", 2, 3)].concat();
        let mut all = [first, others].concat();
        assert!(all.iter().all(|bytes| bytes[..8] != bytes[32..]));
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), 9, "no two draws are alike");
    }
}
