//! What a text's words find at their best grades, told for one product at a time: for whoever wants a few rows of it
//! and no count. Nothing that depends on the words together is made of whole sets, so it costs about the same however
//! many products there are. What it tells is what `matching` tells of the stage `Best`, and `page` of its first rows.

use std::sync::Arc;

use bharatmart_core::ports::{Fault, SearchSort};
use tantivy::DocId;

use super::matching::{Found, Stage, Wanted, found_alone, joined, most_without_best, named};
use super::page::{Best, FEW, Row, Shown, WORDS_TO_COMBINE, combinations};
use super::sets::Set;
use super::shelf::Shelf;

/// The order of popularity is walked where a page is likely to be full after so many; the walk ends after twice as many.
const PATIENCE: usize = 4_096;

/// Where a word is found. A document may be in both; the better one counts.
struct Word {
    alone: Arc<Found>,
    joined: Vec<(u32, Set)>,
}

impl Word {
    fn of(shelf: &Shelf, wanted: &Wanted) -> Result<Self, Fault> {
        let mut joined = Vec::from(joined(shelf, wanted)?);
        joined.retain(|(_, set)| !set.is_empty());
        Ok(Word { alone: found_alone(shelf, wanted, Stage::Best)?, joined })
    }

    fn grades(&self) -> impl Iterator<Item = &(u32, Set)> {
        self.alone.grades.iter().chain(&self.joined)
    }

    fn points(&self, doc: DocId) -> Option<u32> {
        let in_one = |grades: &[(u32, Set)]| grades.iter().find(|(_, set)| set.has(doc)).map(|(points, _)| *points);
        let alone = if self.alone.anywhere.has(doc) { in_one(&self.alone.grades) } else { None };
        alone.max(in_one(&self.joined))
    }

    /// At most so many documents have it.
    fn len(&self) -> usize {
        self.alone.anywhere.len() + self.joined.iter().map(|(_, set)| set.len()).sum::<usize>()
    }
}

/// The first rows by relevance of one segment, of those in all of `within`: none that comes before them is left out,
/// as long as it has more points than a text can have without its words' best grades. `None` where there are so many
/// words that their sets are better cut first.
pub(super) fn glance(
    at: usize,
    shelf: &Shelf,
    wanted: &[Wanted],
    within: &[&Set],
    limit: usize,
) -> Result<Option<Vec<Row>>, Fault> {
    let all = Set::All(shelf.documents());
    let shown = Shown { at, shelf, all: &all, sort: SearchSort::Relevance, begins: None, after: None, limit };
    if let Some(docs) = at_their_best(&shown, wanted, within)? {
        return shown.told(docs).map(Some);
    }
    let words: Vec<_> = wanted.iter().map(|wanted| Word::of(shelf, wanted)).collect::<Result<_, _>>()?;
    let Some(rarest) = words.iter().min_by_key(|word| word.len()) else { return Ok(Some(Vec::new())) };
    let points = |doc| words.iter().map(|word| word.points(doc)).sum::<Option<u32>>();
    if rarest.len() <= FEW {
        let mut best = Best::new(limit, None);
        let mut docs = Vec::with_capacity(rarest.len());
        [&rarest.alone.anywhere].into_iter().chain(rarest.joined.iter().map(|(_, set)| set)).for_each(|set| {
            set.each(|doc| docs.push(doc));
        });
        docs.sort_unstable();
        docs.dedup();
        docs.retain(|doc| within.iter().all(|set| set.has(*doc)));
        for doc in docs {
            if let Some(points) = points(doc) {
                best.consider(&shown, points, doc);
            }
        }
        return shown.told(best.into_docs()).map(Some);
    }
    if words.len() > WORDS_TO_COMBINE {
        return Ok(None);
    }
    let mut docs = Vec::with_capacity(limit);
    let grades: Vec<Vec<_>> = words.iter().map(|word| word.grades().collect()).collect();
    for (sum, combined) in combinations(&grades) {
        if docs.len() == limit || sum <= most_without_best(words.len()) {
            break;
        }
        let mut best = Best::new(limit - docs.len(), None);
        for (nth, sets) in combined.iter().enumerate() {
            let all: Vec<_> = sets.iter().chain(within).copied().collect();
            let came_up = |doc| combined[..nth].iter().any(|sets| sets.iter().all(|set| set.has(doc)));
            Set::each_common(shelf.documents(), &all, |doc| {
                // A word may be found in it at another, better grade too.
                if points(doc) == Some(sum) && !came_up(doc) {
                    best.consider(&shown, sum, doc);
                }
            });
        }
        docs.extend(best.into_docs());
    }
    shown.told(docs).map(Some)
}

/// A page of what has every word at the best grade that the word is found at, if there is one: then there is no need to
/// know the other grades.
fn at_their_best(shown: &Shown<'_>, wanted: &[Wanted], within: &[&Set]) -> Result<Option<Vec<(u32, DocId)>>, Fault> {
    let mut bests = Vec::with_capacity(wanted.len());
    for wanted in wanted {
        let Some(best) = best(shown.shelf, wanted)? else { return Ok(None) };
        bests.push(best);
    }
    let sum = bests.iter().map(|(points, _)| points).sum();
    let sets: Vec<_> = bests.iter().map(|(_, set)| set).chain(within.iter().copied()).collect();
    if let Some(ranked) = shown.shelf.ranked(shown.sort).filter(|ranked| soon(&sets, ranked.len(), shown.limit)) {
        let walked = ranked.docs(0..ranked.len().min(2 * PATIENCE));
        let popular = walked.filter(|doc| sets.iter().all(|set| set.has(*doc)));
        let docs: Vec<_> = popular.take(shown.limit).map(|doc| (sum, doc)).collect();
        if docs.len() == shown.limit {
            return Ok(Some(docs));
        }
    }
    let mut best = Best::new(shown.limit, None);
    Set::each_common(shown.shelf.documents(), &sets, |doc| best.consider(shown, sum, doc));
    Ok(Some(best.into_docs()).filter(|docs| docs.len() == shown.limit))
}

/// Whether so many of what is in each of the sets are soon come by, as far as their sizes tell. A few are sooner sorted.
fn soon(sets: &[&Set], documents: usize, limit: usize) -> bool {
    let one_in = |set: &Set| documents as f64 / set.len() as f64;
    let expected: f64 = limit as f64 * sets.iter().map(|set| one_in(set)).product::<f64>();
    expected <= PATIENCE as f64 && sets.iter().all(|set| set.len() > FEW)
}

/// `None` where it is found at its best by itself and with its neighbours too, or nowhere.
fn best(shelf: &Shelf, wanted: &Wanted) -> Result<Option<(u32, Set)>, Fault> {
    let named = named(shelf, wanted)?;
    if !named.1.is_empty() {
        return Ok(Some(named));
    }
    let word = Word::of(shelf, wanted)?;
    let alone = word.alone.grades.first();
    Ok(alone.filter(|(points, _)| word.joined.iter().all(|(joined, _)| joined < points)).cloned())
}
