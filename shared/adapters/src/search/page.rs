//! Which rows go on a page: the first after the cursor, in the order asked for. Every order is total: rows that are
//! equal in it stand with the newest id first. The work depends on the size of the page and not of the index: few
//! matches are sorted, of many the segment's order is read off.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use bharatmart_core::ProductId;
use bharatmart_core::ports::{Fault, SearchQuery, SearchSort, SortKey};
use tantivy::DocId;
use uuid::Uuid;

use super::columns::{Order, Place};
use super::matching::{Matches, Stage};
use super::schema::price;
use super::sets::Set;
use super::shelf::Shelf;
use super::{PORT, broken};

/// So few matches are ranked one by one.
const FEW: usize = 2_048;

/// Combinations of more words' grades are more than the matches.
pub(super) const WORDS_TO_COMBINE: usize = 3;

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Row {
    points: Reverse<u32>,
    place: Place,
    id: Reverse<u128>,
    pub shelf: usize,
    pub doc: DocId,
}

/// Where the page before ended.
pub(super) struct After {
    pub stage: Stage,
    points: u32,
    place: Place,
    id: u128,
}

impl After {
    /// `stage:points:place`, as `Row::sort_key` writes it.
    pub(super) fn read(key: &SortKey, sort: SearchSort) -> Result<Self, Fault> {
        let other = || Fault::broken(PORT, "the cursor is of another order");
        let mut parts = key.key.splitn(3, ':');
        let mut number = || parts.next().and_then(|part| part.parse::<u32>().ok());
        let (Some(stage), Some(points)) = (number(), number()) else { return Err(other()) };
        let place = parts.next().ok_or_else(other)?;
        let place = match sort {
            SearchSort::Name => Place::Text(place.to_owned()),
            _ => Place::Number(place.parse().map_err(|_| other())?),
        };
        let stage = Stage::ALL.get(stage as usize).copied().ok_or_else(other)?;
        Ok(After { stage, points, place, id: key.id.uuid().as_u128() })
    }
}

impl Row {
    pub(super) fn points(&self) -> u32 {
        self.points.0
    }

    pub(super) fn sort_key(&self, stage: Stage) -> SortKey {
        let (stage, points) = (stage.number(), self.points.0);
        let key = match &self.place {
            Place::Number(place) => format!("{stage}:{points}:{place}"),
            Place::Text(place) => format!("{stage}:{points}:{place}"),
        };
        SortKey { key, id: ProductId::from_uuid(Uuid::from_u128(self.id.0)) }
    }
}

/// What a page is made of in one segment.
pub(super) struct Shown<'a> {
    pub at: usize,
    pub shelf: &'a Shelf,
    /// All that passes words and filters.
    pub all: &'a Set,
    pub sort: SearchSort,
    /// No row's place in the order is before this.
    pub begins: Option<u64>,
    pub after: Option<&'a After>,
    pub limit: usize,
}

/// What the filters say of where the rows begin: whoever sorts by price from some price on need not pass all below it.
pub(super) fn begins(query: &SearchQuery) -> Option<u64> {
    match query.sort {
        SearchSort::PriceAsc => query.least_price.map(|least| price(least.get())),
        SearchSort::PriceDesc => query.most_price.map(|most| !price(most.get())),
        _ => None,
    }
}

/// A row before it is told: points, place in the segment's order, id.
type Rank = (Reverse<u32>, u64, Reverse<u128>);

impl Shown<'_> {
    /// By how well the words match, or by the sort when there is no other say in it.
    pub(super) fn rows(&self, matches: Option<&Matches>) -> Result<Vec<Row>, Fault> {
        match matches {
            Some(matches) if self.sort == SearchSort::Relevance => self.ranked(matches),
            _ => self.sorted(self.all, 0, self.after_points(0)?, self.limit),
        }
    }

    fn order(&self) -> Order<'_> {
        self.shelf.columns.order(self.sort)
    }

    /// Of rows with so many points, those after this place; all when there is none.
    fn after_points(&self, points: u32) -> Result<Option<(u64, Reverse<u128>)>, Fault> {
        match self.after {
            Some(after) if after.points == points => {
                self.order().after(&after.place, after.id).map(Some).map_err(broken)
            }
            _ => Ok(None),
        }
    }

    fn ranked(&self, matches: &Matches) -> Result<Vec<Row>, Fault> {
        let after = match self.after {
            Some(after) => self.after_points(after.points)?.map(|(place, id)| (Reverse(after.points), place, id)),
            None => None,
        };
        if self.all.len() <= FEW || matches.words.len() > WORDS_TO_COMBINE || !matches.whole {
            let mut best = Best::new(self.limit, after);
            let mut docs = Vec::with_capacity(self.all.len());
            self.all.each(|doc| docs.push(doc));
            matches.points(&docs).into_iter().zip(docs).for_each(|(points, doc)| best.consider(self, points, doc));
            return self.told(best.into_docs());
        }
        let mut rows = Vec::new();
        let first = self.after.map_or(u32::MAX, |after| after.points);
        let grades: Vec<_> = matches.words.iter().map(|word| word.grades.iter().collect()).collect();
        for (points, sets) in combinations(&grades) {
            if points > first || rows.len() >= self.limit {
                continue;
            }
            let documents = self.shelf.documents();
            let found = sets.iter().map(|grades| Set::common(documents, grades.iter().copied().chain([self.all])));
            let found = Set::union(self.shelf.documents(), &found.collect::<Vec<_>>());
            rows.extend(self.sorted(&found, points, self.after_points(points)?, self.limit - rows.len())?);
        }
        Ok(rows)
    }

    /// Of rows with equal points.
    fn sorted(
        &self,
        set: &Set,
        points: u32,
        after: Option<(u64, Reverse<u128>)>,
        limit: usize,
    ) -> Result<Vec<Row>, Fault> {
        if let Some(docs) = self.read_off(set, after, limit) {
            return self.told(docs.into_iter().map(|doc| (points, doc)).collect());
        }
        let mut best = Best::new(limit, after.map(|(place, id)| (Reverse(points), place, id)));
        set.each(|doc| best.consider(self, points, doc));
        self.told(best.into_docs())
    }

    /// Walks the segment's order until the page is full; `None` when sorting the set would be less work.
    fn read_off(&self, set: &Set, after: Option<(u64, Reverse<u128>)>, limit: usize) -> Option<Vec<DocId>> {
        let ranked = self.shelf.ranked(self.sort)?;
        if set.len() < FEW || set.len() / limit.max(1) * set.len() < ranked.len() {
            return None;
        }
        let (order, columns) = (self.order(), &self.shelf.columns);
        let after =
            after.map_or(0, |after| ranked.first_not(|doc| (order.place(doc), Reverse(columns.id(doc))) <= after));
        let from = self.begins.map_or(after, |begins| after.max(ranked.first_not(|doc| order.place(doc) < begins)));
        let mut docs = Vec::with_capacity(limit);
        // What is looked for may all stand at the end of the order.
        let patience = from.saturating_add(set.len()).min(ranked.len());
        for rank in from..ranked.len() {
            if docs.len() == limit {
                break;
            }
            if rank == patience {
                return None;
            }
            let doc = ranked.doc(rank);
            if set.has(doc) {
                docs.push(doc);
            }
        }
        Some(docs)
    }

    /// Each with its points.
    pub(super) fn told(&self, docs: Vec<(u32, DocId)>) -> Result<Vec<Row>, Fault> {
        let (order, columns) = (self.order(), &self.shelf.columns);
        let told = |(points, doc): (u32, DocId)| {
            let place = order.told(order.place(doc)).map_err(broken)?;
            Ok(Row { points: Reverse(points), place, id: Reverse(columns.id(doc)), shelf: self.at, doc })
        };
        docs.into_iter().map(told).collect()
    }
}

/// The sums that the words' grades can come to, the highest first, each with the grades that make it.
pub(super) fn combinations<'a>(words: &[Vec<&'a (u32, Set)>]) -> Vec<(u32, Vec<Vec<&'a Set>>)> {
    let mut all: Vec<(u32, Vec<&'a Set>)> = vec![(0, Vec::new())];
    for grades in words {
        let mut longer = Vec::with_capacity(all.len() * grades.len());
        for (sum, sets) in &all {
            for (points, set) in grades {
                let sets = sets.iter().copied().chain([set]).collect();
                longer.push((sum + points, sets));
            }
        }
        all = longer;
    }
    all.sort_by_key(|(sum, _)| Reverse(*sum));
    let mut sums: Vec<(u32, Vec<Vec<&'a Set>>)> = Vec::new();
    for (sum, sets) in all {
        match sums.last_mut() {
            Some((same, known)) if *same == sum => known.push(sets),
            _ => sums.push((sum, vec![sets])),
        }
    }
    sums
}

/// The first so many after a place, among rows in any order.
pub(super) struct Best {
    limit: usize,
    after: Option<Rank>,
    /// The worst on top.
    rows: BinaryHeap<(Rank, DocId)>,
}

impl Best {
    pub(super) fn new(limit: usize, after: Option<Rank>) -> Self {
        Best { limit, after, rows: BinaryHeap::with_capacity(limit + 1) }
    }

    /// Ids are looked up only for rows that may be on the page.
    pub(super) fn consider(&mut self, shown: &Shown<'_>, points: u32, doc: DocId) {
        let points = Reverse(points);
        let worst = self.rows.peek().filter(|_| self.rows.len() == self.limit).map(|(rank, _)| *rank);
        if worst.is_some_and(|(least, ..)| points > least) || self.after.is_some_and(|(first, ..)| points < first) {
            return;
        }
        let place = shown.order().place(doc);
        if worst.is_some_and(|(least, last, _)| (points, place) > (least, last))
            || self.after.is_some_and(|(first, begin, _)| (points, place) < (first, begin))
        {
            return;
        }
        let rank = (points, place, Reverse(shown.shelf.columns.id(doc)));
        if self.after.is_some_and(|after| rank <= after) {
            return;
        }
        if worst.is_none() {
            self.rows.push((rank, doc));
        } else if let Some(mut worst) = self.rows.peek_mut()
            && rank < worst.0
        {
            *worst = (rank, doc);
        }
    }

    pub(super) fn into_docs(self) -> Vec<(u32, DocId)> {
        self.rows.into_sorted_vec().into_iter().map(|((points, ..), doc)| (points.0, doc)).collect()
    }
}
