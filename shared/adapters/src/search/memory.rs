//! What was worked out of segments, kept for the next question: since a segment never changes, so does nothing here. The
//! least used is forgotten when there is too much of it.

use std::sync::Arc;

use bharatmart_core::ports::Fault;
use moka::sync::Cache;
use tantivy::index::SegmentId;

use super::matching::Found;
use super::sets::Set;

/// Remembered sets, in bytes: of any index, and for each of its documents.
const REMEMBERED: u64 = 48 << 20;
const REMEMBERED_FOR_EACH: u64 = 48;

/// What was worked out of segments that never change.
#[derive(Clone)]
pub(super) struct Memory {
    sets: Cache<(SegmentId, String), Set>,
    found: Cache<(SegmentId, String), Arc<Found>>,
}

impl Memory {
    /// Of an index with about so many documents.
    pub(super) fn new(documents: u64) -> Self {
        let room = REMEMBERED + documents * REMEMBERED_FOR_EACH;
        let weigh = |key: &(SegmentId, String), bytes: usize| {
            u32::try_from(bytes + key.1.len() + size_of::<(SegmentId, String, Set)>()).unwrap_or(u32::MAX)
        };
        Memory {
            sets: Cache::builder()
                .max_capacity(room / 2)
                .weigher(move |key, set: &Set| weigh(key, set.bytes()))
                .build(),
            found: Cache::builder()
                .max_capacity(room / 2)
                .weigher(move |key, found: &Arc<Found>| weigh(key, found.bytes()))
                .build(),
        }
    }
    pub(super) fn found(
        &self,
        segment: SegmentId,
        key: String,
        find: impl FnOnce() -> Result<Found, Fault>,
    ) -> Result<Arc<Found>, Fault> {
        let key = (segment, key);
        if let Some(found) = self.found.get(&key) {
            return Ok(found);
        }
        let found = Arc::new(find()?);
        self.found.insert(key, found.clone());
        Ok(found)
    }

    pub(super) fn set(
        &self,
        segment: SegmentId,
        key: String,
        make: impl FnOnce() -> Result<Set, Fault>,
    ) -> Result<Set, Fault> {
        let key = (segment, key);
        if let Some(set) = self.sets.get(&key) {
            return Ok(set);
        }
        let set = make()?;
        self.sets.insert(key, set.clone());
        Ok(set)
    }
}
