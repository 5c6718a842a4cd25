//! One segment, as it is asked: its documents by filter and by word as sets, its columns, its orders. A segment never
//! changes, so its sets are remembered across snapshots; only which documents are deleted belongs to one snapshot.

use std::ops::{Bound, Range};
use std::sync::{Arc, OnceLock};

use bharatmart_core::ports::{Fault, SearchSort};
use tantivy::index::SegmentId;
use tantivy::postings::{BlockSegmentPostings, TermInfo};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::termdict::TermStreamer;
use tantivy::{DocId, InvertedIndexReader, SegmentReader, Term};
use tantivy_fst::Automaton;

use super::collecting::Collecting;
use super::columns::Columns;
use super::directory::Overlay;
use super::figures::Figures;
use super::head::{self, Head};
use super::matching::{Found, Terms};
use super::memory::Memory;
use super::nearness::Near;
use super::orders::{self, Orders, Ranked};
use super::schema::{FIELDS, YES};
use super::sets::Set;
use super::sums::Sums;
use super::{PORT, broken};

/// The maps of all that is cheaper are kept for so many shares of the order of prices; what is between two is added or
/// taken out one by one.
const SHARES: usize = 128;

/// The set of a term in so many documents is remembered whatever it is asked for: to read it anew takes longer than all
/// else that a query does.
pub(super) const FREQUENT: u32 = 2_048;

/// What a snapshot hands on to the next, of a segment that both have.
pub(super) type Known = (SegmentId, Arc<OnceLock<Vec<Set>>>, Arc<OnceLock<Figures>>, Arc<OnceLock<Head>>);

pub(super) struct Shelf {
    pub reader: SegmentReader,
    pub columns: Columns,
    orders: Option<Orders>,
    alive: OnceLock<Set>,
    /// Of each of some shares of the order of prices, all that is cheaper.
    cheapest: Arc<OnceLock<Vec<Set>>>,
    figures: Arc<OnceLock<Figures>>,
    /// Worked out when suggestions are first asked for.
    head: Arc<OnceLock<Head>>,
    memory: Memory,
}

impl Shelf {
    /// `before` is of the snapshot before.
    pub(super) fn open(
        reader: SegmentReader,
        files: &Overlay,
        memory: Memory,
        before: &[Known],
    ) -> Result<Self, Fault> {
        let columns = Columns::of(&reader).map_err(broken)?;
        let orders = match files.file(&orders::file_name(reader.segment_id())) {
            Some(file) => Orders::read(file.read_bytes().map_err(|e| Fault::broken(PORT, e))?, reader.max_doc()),
            None => None,
        };
        let known = before.iter().find(|(segment, ..)| *segment == reader.segment_id()).cloned();
        let (_, cheapest, figures, head) =
            known.unwrap_or_else(|| (reader.segment_id(), Arc::default(), Arc::default(), Arc::default()));
        Ok(Shelf { reader, columns, orders, alive: OnceLock::new(), cheapest, figures, head, memory })
    }

    pub(super) fn known(&self) -> Known {
        (self.reader.segment_id(), self.cheapest.clone(), self.figures.clone(), self.head.clone())
    }

    pub(super) fn figures(&self) -> Result<&Figures, Fault> {
        if let Some(figures) = self.figures.get() {
            return Ok(figures);
        }
        let in_stock = self.filter(FIELDS.in_stock, YES)?;
        let categories = self.columns.category.all().map_err(broken)?.len();
        Ok(self.figures.get_or_init(|| {
            let mut figures = Figures::of(&self.columns, self.documents(), &in_stock);
            let by_price = self.ranked(SearchSort::PriceAsc);
            figures.sums = by_price.and_then(|by_price| Sums::of(&figures, categories, by_price));
            figures
        }))
    }

    /// Of a large segment: in a small one all sets are as small.
    pub(super) fn head(&self) -> Result<Option<&Head>, Fault> {
        let Some(ranked) = self.ranked(SearchSort::Sales).filter(|_| self.documents() >= head::LEAST) else {
            return Ok(None);
        };
        if self.head.get().is_none() {
            let head = Head::of(self, ranked.docs(0..head::LENGTH))?;
            self.head.get_or_init(|| head);
        }
        Ok(self.head.get())
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
            self.add(field, beginning, true, &mut all)?;
            Ok(all.set())
        })
    }

    fn term(&self, field: Field, text: &str) -> Result<Set, Fault> {
        let mut all = Collecting::new(self.documents());
        self.each_term(field, text, false, |postings, _, info| postings.each_block(info, |docs| all.add_each(docs)))?;
        Ok(all.set())
    }

    fn add_postings(
        &self,
        postings: &mut Postings,
        field: Field,
        text: &str,
        info: &TermInfo,
        to: &mut Collecting,
    ) -> Result<(), Fault> {
        match info.doc_freq < FREQUENT {
            true => postings.each_block(info, |docs| to.add_each(docs)),
            false => self.filter(field, text).map(|set| to.add_all(&set)),
        }
    }

    /// Visits a term, or each that begins so.
    pub(super) fn each_term(
        &self,
        field: Field,
        text: &str,
        begins: bool,
        mut visit: impl FnMut(&mut Postings, &str, &TermInfo) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        let index = self.reader.inverted_index(field).map_err(broken)?;
        if begins {
            let terms = index.terms().range().ge(text).into_stream().map_err(io)?;
            let mut postings = Postings::of(&index);
            return each_beginning(terms, text, |term, info| visit(&mut postings, term, info));
        }
        match index.get_term_info(&Term::from_field_text(field, text)).map_err(io)? {
            Some(info) => visit(&mut Postings::of(&index), text, &info),
            None => Ok(()),
        }
    }

    pub(super) fn every_term(
        &self,
        field: Field,
        mut visit: impl FnMut(&mut Postings, &str, &TermInfo) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        let index = self.reader.inverted_index(field).map_err(broken)?;
        let (mut terms, mut postings) = (index.terms().stream().map_err(io)?, Postings::of(&index));
        while terms.advance() {
            let Ok(term) = std::str::from_utf8(terms.key()) else { continue };
            visit(&mut postings, term, terms.value())?;
        }
        Ok(())
    }

    /// Adds the documents of each near term with this beginning to the one of `to` that `which` names, if any.
    pub(super) fn add_near(
        &self,
        field: Field,
        near: &Near,
        beginning: &str,
        mut which: impl FnMut(&str) -> Option<usize>,
        to: &mut [Collecting],
    ) -> Result<(), Fault> {
        let index = self.reader.inverted_index(field).map_err(broken)?;
        let terms = index.terms().search(near).ge(beginning).into_stream().map_err(io)?;
        let mut postings = Postings::of(&index);
        each_beginning(terms, beginning, |term, info| match which(term).and_then(|which| to.get_mut(which)) {
            Some(to) => self.add_postings(&mut postings, field, term, info, to),
            None => Ok(()),
        })
    }

    /// Prices within these bounds.
    pub(super) fn prices(&self, least: Bound<u64>, most: Bound<u64>) -> Result<Set, Fault> {
        let price = |doc| self.columns.price.get_val(doc);
        let Some(ranked) = self.ranked(SearchSort::PriceAsc) else {
            return Ok(self.those(|doc| std::ops::RangeBounds::contains(&(least, most), &price(doc))));
        };
        let Range { start, end } = self.price_ranks(ranked, least, most);
        Ok(self.cut(ranked, start, end))
    }

    /// Where prices within these bounds stand among all.
    pub(super) fn price_ranks(&self, ranked: Ranked<'_>, least: Bound<u64>, most: Bound<u64>) -> Range<usize> {
        let price = |doc| self.columns.price.get_val(doc);
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
        from..to.max(from)
    }

    /// Rated so many tenths of a star or better.
    pub(super) fn rated(&self, least: u16) -> Result<Set, Fault> {
        self.remembered(format!("rated {least}"), || {
            let is = |doc| self.columns.rating.get_val(doc) >= u64::from(least);
            let Some(ranked) = self.ranked(SearchSort::Rating) else { return Ok(self.those(is)) };
            let (to, documents) = (ranked.first_not(is), ranked.len());
            // Whichever are fewer, they or the others.
            Ok(match to <= documents / 2 {
                true => Set::none().changed(&Set::none(), self.documents(), ranked.docs(0..to), [].into_iter(), to),
                false => {
                    let (all, others) = (Set::All(self.documents()), ranked.docs(to..documents));
                    all.changed(&Set::none(), self.documents(), [].into_iter(), others, to)
                }
            })
        })
    }

    fn those(&self, wanted: impl Fn(DocId) -> bool) -> Set {
        let mut all = Collecting::new(self.documents());
        (0..self.documents()).filter(|doc| wanted(*doc)).for_each(|doc| all.add(doc));
        all.set()
    }

    /// Prices from one rank up to another: what the nearest shares make of it, set right at both ends.
    fn cut(&self, ranked: Ranked<'_>, from: usize, to: usize) -> Set {
        let share = ranked.len().div_ceil(SHARES).max(1);
        if to - from <= share {
            let mut all = Collecting::new(self.documents());
            ranked.docs(from..to).for_each(|doc| all.add(doc));
            return all.set();
        }
        let shares = self.cheapest.get_or_init(|| self.cheapest(ranked, share));
        let nearest = |rank: usize| (rank + share / 2) / share;
        let up_to = |shared: usize| shares.get(shared).cloned().unwrap_or(Set::All(self.documents()));
        let (less, all) = (up_to(nearest(from)), up_to(nearest(to)));
        let (lower, upper) = (nearest(from) * share, (nearest(to) * share).min(ranked.len()));
        let taken_in = ranked.docs(from..lower).chain(ranked.docs(upper..to));
        let taken_out = ranked.docs(lower..from).chain(ranked.docs(to..upper));
        all.changed(&less, self.documents(), taken_in, taken_out, to - from)
    }

    /// Of each share the prices before it.
    fn cheapest(&self, ranked: Ranked<'_>, share: usize) -> Vec<Set> {
        let (mut shares, none) = (vec![Set::none()], Set::none());
        for begin in (0..ranked.len().saturating_sub(share)).step_by(share) {
            let before = shares.last().unwrap_or(&none);
            let (docs, documents) = (ranked.docs(begin..begin + share), self.documents());
            shares.push(before.changed(&none, documents, docs, [].into_iter(), begin + share));
        }
        shares
    }

    pub(super) fn found(&self, key: String, find: impl FnOnce() -> Result<Found, Fault>) -> Result<Arc<Found>, Fault> {
        self.memory.found(self.reader.segment_id(), key, find)
    }

    fn remembered(&self, key: String, make: impl FnOnce() -> Result<Set, Fault>) -> Result<Set, Fault> {
        self.memory.set(self.reader.segment_id(), key, make)
    }
}

impl Terms for Shelf {
    fn documents(&self) -> u32 {
        self.documents()
    }

    fn add(&self, field: Field, text: &str, begins: bool, to: &mut Collecting) -> Result<(), Fault> {
        self.each_term(field, text, begins, |postings, term, info| self.add_postings(postings, field, term, info, to))
    }
}

fn each_beginning<A: Automaton<State: Clone>>(
    mut terms: TermStreamer<'_, A>,
    beginning: &str,
    mut visit: impl FnMut(&str, &TermInfo) -> Result<(), Fault>,
) -> Result<(), Fault> {
    while terms.advance() {
        let Ok(term) = std::str::from_utf8(terms.key()) else { continue };
        if !term.starts_with(beginning) {
            break;
        }
        visit(term, terms.value())?;
    }
    Ok(())
}

/// The documents of one term after another, read with the same buffers.
pub(super) struct Postings {
    index: Arc<InvertedIndexReader>,
    blocks: Option<BlockSegmentPostings>,
}

impl Postings {
    fn of(index: &Arc<InvertedIndexReader>) -> Self {
        Postings { index: index.clone(), blocks: None }
    }

    /// In ascending order.
    pub(super) fn each_block(&mut self, term: &TermInfo, mut visit: impl FnMut(&[DocId])) -> Result<(), Fault> {
        let blocks = match &mut self.blocks {
            Some(blocks) => {
                self.index.reset_block_postings_from_terminfo(term, blocks).map_err(io)?;
                blocks
            }
            none => {
                let read = self.index.read_block_postings_from_terminfo(term, IndexRecordOption::Basic);
                none.insert(read.map_err(io)?)
            }
        };
        while !blocks.docs().is_empty() {
            visit(blocks.docs());
            blocks.advance();
        }
        Ok(())
    }
}

fn io(error: std::io::Error) -> Fault {
    Fault::broken(PORT, error)
}
