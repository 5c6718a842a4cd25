//! One segment, as it is asked: its documents by filter and by word as sets, its columns, its orders. A segment never
//! changes, so its sets are remembered across snapshots; only which documents are deleted belongs to one snapshot.

use std::ops::Bound;
use std::sync::{Arc, OnceLock};

use bharatmart_core::ports::{Fault, SearchSort};
use moka::sync::Cache;
use tantivy::index::SegmentId;
use tantivy::postings::TermInfo;
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::termdict::TermStreamer;
use tantivy::{DocId, DocSet, InvertedIndexReader, SegmentReader, TERMINATED, Term};
use tantivy_fst::Automaton;

use super::columns::Columns;
use super::directory::Overlay;
use super::matching::Found;
use super::nearness::Near;
use super::orders::{self, Orders, Ranked};
use super::sets::{Collecting, Set};
use super::{PORT, broken};

/// Remembered sets, in bytes: of any index, and for each of its documents.
const REMEMBERED: u64 = 48 << 20;
const REMEMBERED_FOR_EACH: u64 = 48;

/// The map of all up to so many shares of an order is remembered; what is between two is added one by one.
const SHARES: usize = 128;

/// The set of a term in so many documents is remembered whatever it is asked for: to read it anew takes longer than all
/// else that a query does.
const FREQUENT: u32 = 2_048;

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
}

pub(super) struct Shelf {
    pub reader: SegmentReader,
    pub columns: Columns,
    orders: Option<Orders>,
    alive: OnceLock<Set>,
    memory: Memory,
}

impl Shelf {
    pub(super) fn open(reader: SegmentReader, files: &Overlay, memory: Memory) -> Result<Self, Fault> {
        let columns = Columns::of(&reader).map_err(broken)?;
        let orders = match files.file(&orders::file_name(reader.segment_id())) {
            Some(file) => Orders::read(file.read_bytes().map_err(|e| Fault::broken(PORT, e))?, reader.max_doc()),
            None => None,
        };
        Ok(Shelf { reader, columns, orders, alive: OnceLock::new(), memory })
    }

    pub(super) fn documents(&self) -> u32 {
        self.reader.max_doc()
    }

    /// What this snapshot has not deleted.
    pub(super) fn alive(&self) -> &Set {
        self.alive.get_or_init(|| match self.reader.alive_bitset() {
            None => Set::All(self.documents()),
            Some(alive) => {
                let mut all = Collecting::new(self.documents());
                alive.iter_alive().for_each(|doc| all.add(doc));
                all.set()
            }
        })
    }

    pub(super) fn ranked(&self, sort: SearchSort) -> Option<Ranked<'_>> {
        let sort = if sort == SearchSort::Relevance { SearchSort::Sales } else { sort };
        self.orders.as_ref().and_then(|orders| orders.order(sort))
    }

    /// Remembered; for terms that are asked for again and again, such as those of filters.
    pub(super) fn filter(&self, field: Field, text: &str) -> Result<Set, Fault> {
        self.remembered(format!("{}={text}", field.field_id()), || self.term(field, text))
    }

    /// Everything with a term that begins so; remembered.
    pub(super) fn beginning(&self, field: Field, beginning: &str) -> Result<Set, Fault> {
        self.remembered(format!("{}^{beginning}", field.field_id()), || {
            let mut all = Collecting::new(self.documents());
            self.add_beginning(field, beginning, &mut all)?;
            Ok(all.set())
        })
    }

    fn term(&self, field: Field, text: &str) -> Result<Set, Fault> {
        let index = self.reader.inverted_index(field).map_err(broken)?;
        let term = Term::from_field_text(field, text);
        let mut all = Collecting::new(self.documents());
        if let Some(postings) = index.read_postings(&term, IndexRecordOption::Basic).map_err(io)? {
            drain(postings, &mut all);
        }
        Ok(all.set())
    }

    fn add_postings(
        &self,
        index: &InvertedIndexReader,
        field: Field,
        text: &str,
        info: &TermInfo,
        to: &mut Collecting,
    ) -> Result<(), Fault> {
        match info.doc_freq < FREQUENT {
            true => drain(index.read_postings_from_terminfo(info, IndexRecordOption::Basic).map_err(io)?, to),
            false => to.add_all(&self.filter(field, text)?),
        }
        Ok(())
    }

    pub(super) fn add_term(&self, field: Field, text: &str, to: &mut Collecting) -> Result<(), Fault> {
        let term = Term::from_field_text(field, text);
        let index = self.reader.inverted_index(field).map_err(broken)?;
        match index.get_term_info(&term).map_err(io)? {
            Some(info) => self.add_postings(&index, field, text, &info, to),
            None => Ok(()),
        }
    }

    /// Adds the documents of each term with this beginning.
    pub(super) fn add_beginning(&self, field: Field, beginning: &str, to: &mut Collecting) -> Result<(), Fault> {
        let index = self.reader.inverted_index(field).map_err(broken)?;
        let terms = index.terms().range().ge(beginning).into_stream().map_err(io)?;
        self.add_terms(field, &index, terms, beginning, |_| Some(0), std::slice::from_mut(to))
    }

    /// Adds the documents of each near term with this beginning to the one of `to` that `which` names, if any.
    pub(super) fn add_near(
        &self,
        field: Field,
        near: Near,
        beginning: &str,
        which: impl FnMut(&str) -> Option<usize>,
        to: &mut [Collecting],
    ) -> Result<(), Fault> {
        let index = self.reader.inverted_index(field).map_err(broken)?;
        let terms = index.terms().search(near).ge(beginning).into_stream().map_err(io)?;
        self.add_terms(field, &index, terms, beginning, which, to)
    }

    fn add_terms<A: Automaton<State: Clone>>(
        &self,
        field: Field,
        index: &InvertedIndexReader,
        mut terms: TermStreamer<'_, A>,
        beginning: &str,
        mut which: impl FnMut(&str) -> Option<usize>,
        to: &mut [Collecting],
    ) -> Result<(), Fault> {
        while terms.advance() {
            let Ok(term) = std::str::from_utf8(terms.key()) else { continue };
            if !term.starts_with(beginning) {
                break;
            }
            if let Some(to) = which(term).and_then(|which| to.get_mut(which)) {
                self.add_postings(index, field, term, terms.value(), to)?;
            }
        }
        Ok(())
    }

    /// Prices within these bounds.
    pub(super) fn prices(&self, least: Bound<u64>, most: Bound<u64>) -> Result<Set, Fault> {
        let price = |doc| self.columns.price.get_val(doc);
        let Some(ranked) = self.ranked(SearchSort::PriceAsc) else {
            return Ok(self.those(|doc| std::ops::RangeBounds::contains(&(least, most), &price(doc))));
        };
        let from = match least {
            Bound::Unbounded => 0,
            Bound::Included(least) => ranked.first_not(|doc| price(doc) < least),
            Bound::Excluded(least) => ranked.first_not(|doc| price(doc) <= least),
        };
        let to = match most {
            Bound::Unbounded => ranked.len(),
            Bound::Included(most) => ranked.first_not(|doc| price(doc) <= most),
            Bound::Excluded(most) => ranked.first_not(|doc| price(doc) < most),
        };
        self.cut(SearchSort::PriceAsc, ranked, from, to.max(from))
    }

    /// Those of a few that are priced within these bounds.
    pub(super) fn priced(&self, few: &Set, least: Bound<u64>, most: Bound<u64>) -> Set {
        let mut all = Collecting::new(self.documents());
        few.each(|doc| {
            if std::ops::RangeBounds::contains(&(least, most), &self.columns.price.get_val(doc)) {
                all.add(doc);
            }
        });
        all.set()
    }

    /// Prices from one up to, but without, the other; remembered.
    pub(super) fn price_band(&self, least: u64, end: Option<u64>) -> Result<Set, Fault> {
        let end_bound = end.map_or(Bound::Unbounded, Bound::Excluded);
        self.remembered(format!("priced {least} {end:?}"), || self.prices(Bound::Included(least), end_bound))
    }

    /// Rated so many tenths of a star or better.
    pub(super) fn rated(&self, least: u16) -> Result<Set, Fault> {
        self.remembered(format!("rated {least}"), || {
            Ok(self.those(|doc| self.columns.rating.get_val(doc) >= u64::from(least)))
        })
    }

    fn those(&self, wanted: impl Fn(DocId) -> bool) -> Set {
        let mut all = Collecting::new(self.documents());
        (0..self.documents()).filter(|doc| wanted(*doc)).for_each(|doc| all.add(doc));
        all.set()
    }

    /// From one rank of an order up to another.
    fn cut(&self, sort: SearchSort, ranked: Ranked<'_>, from: usize, to: usize) -> Result<Set, Fault> {
        let share = ranked.len().div_ceil(SHARES).max(1);
        if to - from <= share {
            let mut all = Collecting::new(self.documents());
            (from..to).for_each(|rank| all.add(ranked.doc(rank)));
            return Ok(all.set());
        }
        let up_to = |rank: usize| -> Result<Set, Fault> {
            let whole = rank / share;
            let first = self.remembered(format!("{sort:?} {whole}"), || {
                let mut all = Collecting::new(self.documents());
                (0..whole * share).for_each(|rank| all.add(ranked.doc(rank)));
                Ok(all.set())
            })?;
            let mut all = Collecting::new(self.documents());
            all.add_all(&first);
            (whole * share..rank).for_each(|rank| all.add(ranked.doc(rank)));
            Ok(all.set())
        };
        let upper = if to == ranked.len() { Set::All(self.documents()) } else { up_to(to)? };
        match from {
            0 => Ok(upper),
            from => Ok(upper.minus(&up_to(from)?, self.documents())),
        }
    }

    pub(super) fn found(&self, key: String, find: impl FnOnce() -> Result<Found, Fault>) -> Result<Arc<Found>, Fault> {
        let key = (self.reader.segment_id(), key);
        if let Some(found) = self.memory.found.get(&key) {
            return Ok(found);
        }
        let found = Arc::new(find()?);
        self.memory.found.insert(key, found.clone());
        Ok(found)
    }

    fn remembered(&self, key: String, make: impl FnOnce() -> Result<Set, Fault>) -> Result<Set, Fault> {
        let key = (self.reader.segment_id(), key);
        if let Some(set) = self.memory.sets.get(&key) {
            return Ok(set);
        }
        let set = make()?;
        self.memory.sets.insert(key, set.clone());
        Ok(set)
    }
}

fn drain(mut postings: impl DocSet, to: &mut Collecting) {
    while postings.doc() != TERMINATED {
        to.add(postings.doc());
        postings.advance();
    }
}

fn io(error: std::io::Error) -> Fault {
    Fault::broken(PORT, error)
}
