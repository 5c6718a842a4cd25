//! How many calls may be under way at once. One that is slow holds so much of the process and no more: whoever comes
//! after that is told at once, and what the others stand on is left to them.

use std::sync::atomic::{AtomicU64, Ordering};

/// Many more than a well one ever has under way: a thousand calls of half a second each in one second.
pub(super) const MOST: u64 = 512;

#[derive(Default)]
pub(super) struct Room {
    taken: AtomicU64,
    turned_away: AtomicU64,
}

impl Room {
    /// `None` when it is full.
    pub(super) fn enter(&self) -> Option<Place<'_>> {
        if self.taken.fetch_add(1, Ordering::Relaxed) < MOST {
            return Some(Place(self));
        }
        self.taken.fetch_sub(1, Ordering::Relaxed);
        self.turned_away.fetch_add(1, Ordering::Relaxed);
        None
    }

    pub(super) fn taken(&self) -> u64 {
        self.taken.load(Ordering::Relaxed).min(MOST)
    }

    pub(super) fn turned_away(&self) -> u64 {
        self.turned_away.load(Ordering::Relaxed)
    }
}

/// Given back when the call has ended, however it did.
pub(super) struct Place<'a>(&'a Room);

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.taken.fetch_sub(1, Ordering::Relaxed);
    }
}
