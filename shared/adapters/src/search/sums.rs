//! How many documents of a large segment there are of each category, with so many stars or more, in stock or not, up
//! to each of some prices: sums, worked out once. Counts for filters of these kinds are then differences of two sums,
//! set right by the documents between a price and the nearest that there are sums of. They are exact, and take as long
//! for a million products as for a hundred thousand.

use tantivy::DocId;

use super::counts::{BANDS, RATINGS, Tally};
use super::figures::{Figures, Others};
use super::orders::Ranked;
use super::sets::Set;

/// Sums stand after each of so many shares of the order of prices; with fewer too many would have to be looked at.
const MOST_SHARES: usize = 128;
const LEAST_SHARES: usize = 16;

/// So many sums may be kept for each document.
const SUMS_FOR_EACH: usize = 2;

/// So many deleted documents are taken off one by one.
const MOST_DELETED: usize = 16_384;

pub(super) struct Sums {
    /// What is counted, in the order of prices.
    by_price: Box<[Counted]>,
    /// So many documents are between two sums.
    share: usize,
    /// Of all before each share.
    up_to: Table,
    /// Of each price band.
    bands: Table,
}

#[derive(Clone, Copy)]
struct Counted {
    category: u32,
    others: Others,
}

impl Counted {
    fn of(figures: &Figures, doc: DocId) -> Self {
        Counted { category: figures.categories.get(doc) as u32, others: figures.others(doc) }
    }
}

/// Rows of sums by category, for each rating the sum of it and all better ones; once of all documents, once of those in
/// stock.
struct Table {
    rows: usize,
    ratings: usize,
    categories: usize,
    sums: Box<[u32]>,
}

/// What counts are asked for: filters of the kinds that there are sums of.
pub(super) struct Asked {
    /// By rank; all when there is no filter.
    pub categories: Option<Vec<bool>>,
    /// Ranks in the order of prices.
    pub prices: std::ops::Range<usize>,
    pub least_rating: u8,
    pub in_stock: bool,
}

impl Asked {
    fn has_category(&self, category: u32) -> bool {
        self.categories.as_ref().is_none_or(|wanted| wanted.get(category as usize).copied().unwrap_or(false))
    }

    /// Of one category after the other, those that are asked for.
    fn wanted(&self, counts: &[u32]) -> i64 {
        let all = counts.iter().enumerate();
        all.filter(|(at, _)| self.has_category(*at as u32)).map(|(_, count)| i64::from(*count)).sum()
    }
}

impl Sums {
    /// `None` when a segment has so many kinds of documents that sums would be larger than what they are of.
    pub(super) fn of(figures: &Figures, categories: usize, by_price: Ranked<'_>) -> Option<Self> {
        let (documents, ratings) = (by_price.len(), figures.ratings());
        let row = 2 * ratings * categories;
        let shares = (SUMS_FOR_EACH * documents).checked_div(row)?.saturating_sub(1).min(MOST_SHARES);
        if shares < LEAST_SHARES {
            return None;
        }
        let share = documents.div_ceil(shares);
        let mut up_to = Table::new(documents.div_ceil(share) + 1, ratings, categories);
        let mut bands = Table::new(BANDS.len() + 1, ratings, categories);
        let by_price: Box<[_]> = by_price.docs(0..documents).map(|doc| Counted::of(figures, doc)).collect();
        for (rank, counted) in by_price.iter().enumerate() {
            up_to.count(rank / share + 1, *counted);
            bands.count(usize::from(counted.others.band), *counted);
        }
        up_to.sum_rows();
        up_to.sum_ratings();
        bands.sum_ratings();
        Some(Sums { by_price, share, up_to, bands })
    }

    /// Whether so few are deleted that they can be taken off.
    pub(super) fn can_do_without(deleted: &Set) -> bool {
        deleted.len() <= MOST_DELETED
    }

    /// All but brands, of deleted documents too.
    pub(super) fn count(&self, asked: &Asked, tally: &mut Tally) {
        let (from, to) = (asked.prices.start, asked.prices.end);
        let nearest = |rank: usize| (rank + self.share / 2) / self.share;
        let (first, last) = (nearest(from), nearest(to));
        let between = |in_stock: bool, rating: u8| {
            self.up_to.row(in_stock, last, rating).iter().zip(self.up_to.row(in_stock, first, rating))
        };
        for (count, (upper, lower)) in tally.categories.iter_mut().zip(between(asked.in_stock, asked.least_rating)) {
            *count += i64::from(*upper) - i64::from(*lower);
        }
        let wanted = |in_stock: bool, rating: u8| {
            asked.wanted(self.up_to.row(in_stock, last, rating)) - asked.wanted(self.up_to.row(in_stock, first, rating))
        };
        for (count, least) in tally.ratings.iter_mut().zip(RATINGS) {
            *count += wanted(asked.in_stock, least as u8);
        }
        tally.in_stock += wanted(true, asked.least_rating);
        for (band, count) in tally.prices.iter_mut().enumerate() {
            *count += asked.wanted(self.bands.row(asked.in_stock, band, asked.least_rating));
        }
        let documents = self.by_price.len();
        let (first, last) = ((first * self.share).min(documents), (last * self.share).min(documents));
        for (ranks, sign) in [(from..first, 1), (last..to, 1), (first..from, -1), (to..last, -1)] {
            let between = self.by_price.get(ranks).unwrap_or_default();
            between.iter().for_each(|counted| at_these_prices(*counted, sign, asked, tally));
        }
    }

    /// Takes off what is deleted. `is_priced` tells whether a document's price is asked for.
    pub(super) fn take_off(
        of: &Figures,
        deleted: &Set,
        is_priced: impl Fn(u32) -> bool,
        asked: &Asked,
        tally: &mut Tally,
    ) {
        deleted.each(|doc| {
            let counted = Counted::of(of, doc);
            let Counted { category, others } = counted;
            if is_priced(doc) {
                at_these_prices(counted, -1, asked, tally);
            }
            let counts = asked.has_category(category)
                && others.rating >= asked.least_rating
                && (others.in_stock || !asked.in_stock);
            if let Some(count) = tally.prices.get_mut(usize::from(others.band)).filter(|_| counts) {
                *count -= 1;
            }
        });
    }
}

fn at_these_prices(Counted { category, others }: Counted, sign: i64, asked: &Asked, tally: &mut Tally) {
    let (of_category, of_rating) = (asked.has_category(category), others.rating >= asked.least_rating);
    let of_stock = others.in_stock || !asked.in_stock;
    if of_rating
        && of_stock
        && let Some(count) = tally.categories.get_mut(category as usize)
    {
        *count += sign;
    }
    if of_category && of_stock {
        tally.add_rating(others, sign);
    }
    if of_category && of_rating && others.in_stock {
        tally.in_stock += sign;
    }
}

impl Table {
    fn new(rows: usize, ratings: usize, categories: usize) -> Self {
        Table { rows, ratings, categories, sums: vec![0; 2 * rows * ratings * categories].into() }
    }

    fn at(&self, in_stock: bool, row: usize, rating: usize) -> usize {
        ((usize::from(in_stock) * self.rows + row) * self.ratings + rating) * self.categories
    }

    fn count(&mut self, row: usize, Counted { category, others }: Counted) {
        for in_stock in [false, true] {
            let at = self.at(in_stock, row, usize::from(others.rating)) + category as usize;
            if let Some(count) = self.sums.get_mut(at).filter(|_| others.in_stock || !in_stock) {
                *count += 1;
            }
        }
    }

    /// Of each row and all before it.
    fn sum_rows(&mut self) {
        let row = self.ratings * self.categories;
        for half in self.sums.chunks_mut((self.rows * row).max(1)) {
            for at in row..half.len() {
                half[at] += half[at - row];
            }
        }
    }

    /// Of each rating and all better ones.
    fn sum_ratings(&mut self) {
        for row in self.sums.chunks_mut((self.ratings * self.categories).max(1)) {
            for at in (0..row.len().saturating_sub(self.categories)).rev() {
                row[at] += row[at + self.categories];
            }
        }
    }

    /// By category; nothing when no document is rated so.
    fn row(&self, in_stock: bool, row: usize, rating: u8) -> &[u32] {
        if usize::from(rating) >= self.ratings || row >= self.rows {
            return &[];
        }
        let at = self.at(in_stock, row, usize::from(rating));
        self.sums.get(at..at + self.categories).unwrap_or_default()
    }
}
