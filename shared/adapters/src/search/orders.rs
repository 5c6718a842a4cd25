//! The orders of a large segment, worked out once by the writer and published beside it: for each sort the segment's
//! documents from first to last. A page is then read off from where the one before ended, and nobody walks over a
//! million rows to find twenty. A small segment has none: its rows are sorted when they are asked for.

use std::ops::Range;

use bharatmart_core::ports::{Fault, SearchSort};
use tantivy::directory::OwnedBytes;
use tantivy::index::SegmentId;
use tantivy::{DocId, SegmentReader};

use super::broken;
use super::columns::Columns;

/// Sorting fewer takes no longer than reading their order.
pub(super) const LEAST: u32 = 4_096;

/// In the file's own order.
pub(super) const SORTS: [SearchSort; 6] = [
    SearchSort::Newest,
    SearchSort::PriceAsc,
    SearchSort::PriceDesc,
    SearchSort::Rating,
    SearchSort::Sales,
    SearchSort::Name,
];

const ENTRY: usize = size_of::<DocId>();

#[derive(Clone)]
pub(super) struct Orders {
    bytes: OwnedBytes,
    documents: usize,
}

pub(super) fn file_name(segment: SegmentId) -> String {
    format!("{}.orders", segment.uuid_string())
}

/// The content of the segment's file; `None` when it needs none.
pub(super) fn of(segment: &SegmentReader) -> Result<Option<Vec<u8>>, Fault> {
    let documents = segment.max_doc();
    if documents < LEAST {
        return Ok(None);
    }
    let columns = Columns::of(segment).map_err(broken)?;
    // Equals stand with the newest id first: each document's rank among the ids stands for its id.
    let mut by_id: Vec<_> = (0..documents).collect();
    by_id.sort_by_cached_key(|doc| std::cmp::Reverse(columns.id(*doc)));
    let mut bytes = Vec::with_capacity(SORTS.len() * documents as usize * ENTRY);
    for sort in SORTS {
        let order = columns.order(sort);
        let mut sorted: Vec<_> = by_id.iter().map(|doc| (order.place(*doc), *doc)).collect();
        sorted.sort_by_key(|(place, _)| *place);
        bytes.extend(sorted.iter().flat_map(|(_, doc)| doc.to_le_bytes()));
    }
    Ok(Some(bytes))
}

impl Orders {
    /// `None` when the file is not one of a segment of so many documents.
    pub(super) fn read(bytes: OwnedBytes, documents: u32) -> Option<Self> {
        let documents = documents as usize;
        (bytes.len() == SORTS.len() * documents * ENTRY).then_some(Orders { bytes, documents })
    }

    pub(super) fn order(&self, sort: SearchSort) -> Option<Ranked<'_>> {
        let at = SORTS.iter().position(|known| *known == sort)?;
        let size = self.documents * ENTRY;
        Some(Ranked { bytes: &self.bytes[at * size..(at + 1) * size] })
    }
}

/// Documents by their rank.
#[derive(Clone, Copy)]
pub(super) struct Ranked<'a> {
    bytes: &'a [u8],
}

impl<'a> Ranked<'a> {
    pub(super) fn len(self) -> usize {
        self.bytes.len() / ENTRY
    }

    pub(super) fn doc(self, rank: usize) -> DocId {
        let mut entry = [0; ENTRY];
        entry.copy_from_slice(&self.bytes[rank * ENTRY..(rank + 1) * ENTRY]);
        DocId::from_le_bytes(entry)
    }

    /// From one rank up to another; none when that is before it.
    pub(super) fn docs(self, ranks: Range<usize>) -> impl Iterator<Item = DocId> + 'a {
        ranks.map(move |rank| self.doc(rank))
    }

    /// How many come first, of those for which it holds: it holds for all up to some rank and for none after.
    pub(super) fn first_not(self, holds: impl Fn(DocId) -> bool) -> usize {
        let (mut from, mut to) = (0, self.len());
        while from < to {
            let middle = from + (to - from) / 2;
            match holds(self.doc(middle)) {
                true => from = middle + 1,
                false => to = middle,
            }
        }
        from
    }
}
