//! The head of a large segment: its most popular products, with the words that they are found by. Most of what is typed
//! finds a page of them, and that costs the same however many products follow. Documents are numbered by their rank
//! here, so the first of a set are the first of a page.

use std::collections::BTreeMap;

use bharatmart_core::ports::Fault;
use tantivy::DocId;
use tantivy::schema::Field;

use super::collecting::Collecting;
use super::matching::{Terms, Wanted, at_best};
use super::schema::FIELDS;
use super::sets::{Set, empty, has, mark};
use super::shelf::Shelf;

pub(super) const LENGTH: usize = 8_192;

/// The sets of a smaller segment are about as small.
pub(super) const LEAST: u32 = 65_536;

pub(super) struct Head {
    documents: u32,
    terms: BTreeMap<(Field, String), Set>,
}

impl Head {
    /// Of these documents, the most popular first. Passes over every term of the segment once.
    pub(super) fn of(shelf: &Shelf, docs: impl Iterator<Item = DocId>) -> Result<Self, Fault> {
        let mut ranks: Vec<_> = docs.zip(0..).collect();
        ranks.sort_unstable();
        let mut here = empty(shelf.documents());
        ranks.iter().for_each(|(doc, _)| mark(&mut here, *doc));
        let rank = |doc| ranks.binary_search_by_key(&doc, |(doc, _)| *doc).ok().map(|at| ranks[at].1);
        let (documents, mut terms) = (ranks.len() as u32, BTreeMap::new());
        for field in [FIELDS.name, FIELDS.name_sounds, FIELDS.about, FIELDS.about_sounds] {
            shelf.every_term(field, |postings, term, info| {
                let mut all = Collecting::new(documents);
                postings.each_block(info, |docs| {
                    docs.iter()
                        .filter(|doc| has(&here, **doc))
                        .filter_map(|doc| rank(*doc))
                        .for_each(|rank| all.add(rank));
                })?;
                let set = all.set();
                if !set.is_empty() {
                    terms.insert((field, term.to_owned()), set);
                }
                Ok(())
            })?;
        }
        Ok(Head { documents, terms })
    }

    /// By rank, what has a word at the best grade that it is found at anywhere in the segment, and this grade's points.
    pub(super) fn best(&self, shelf: &Shelf, wanted: &Wanted) -> Result<Option<(u32, Set)>, Fault> {
        let here = at_best(self, wanted)?;
        let Some((points, _)) = here.first() else { return Ok(None) };
        if at_best(&Anywhere(shelf), wanted)?.first().is_some_and(|(anywhere, _)| anywhere > points) {
            return Ok(None);
        }
        let best = here.iter().take_while(|(others, _)| others == points).map(|(_, set)| set);
        Ok(Some((*points, Set::union(self.documents, best))))
    }
}

impl Terms for Head {
    fn documents(&self) -> u32 {
        self.documents
    }

    fn add(&self, field: Field, text: &str, begins: bool, to: &mut Collecting) -> Result<(), Fault> {
        let from = (field, text.to_owned());
        if begins {
            let terms = self.terms.range(from..).take_while(|((of, term), _)| *of == field && term.starts_with(text));
            terms.for_each(|(_, set)| to.add_all(set));
        } else if let Some(set) = self.terms.get(&from) {
            to.add_all(set);
        }
        Ok(())
    }
}

/// Whether a segment has a term at all: one document, which has every term there is. Beginnings are passed over, as no
/// grade is below theirs.
struct Anywhere<'a>(&'a Shelf);

impl Terms for Anywhere<'_> {
    fn documents(&self) -> u32 {
        1
    }

    fn add(&self, field: Field, text: &str, begins: bool, to: &mut Collecting) -> Result<(), Fault> {
        if begins {
            return Ok(());
        }
        self.0.each_term(field, text, false, |_, _, _| {
            to.add(0);
            Ok(())
        })
    }
}
