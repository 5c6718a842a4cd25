//! What is counted of each document, side by side. Whoever counts some hundred thousand of them then reads on through
//! a little memory, and decodes no columns. Made of a segment when it is first counted in, and kept as long as the
//! segment is.

use tantivy::DocId;

use super::columns::{Columns, Texts};
use super::counts::band_of;
use super::sets::Set;
use super::sums::Sums;

pub(super) struct Figures {
    pub brands: Ranks,
    pub categories: Ranks,
    others: Box<[Others]>,
    /// Of a large segment.
    pub sums: Option<Sums>,
}

#[derive(Clone, Copy, Default)]
pub(super) struct Others {
    /// Tenths of a star.
    pub rating: u8,
    pub band: u8,
    pub in_stock: bool,
}

/// Of each document which of the segment's texts it has.
pub(super) enum Ranks {
    OfFew(Box<[u16]>),
    OfMany(Box<[u32]>),
}

impl Ranks {
    fn of(texts: &Texts, documents: u32) -> Self {
        let ranks = || (0..documents).map(|doc| texts.ranks.get_val(doc));
        match texts.number() <= usize::from(u16::MAX) {
            true => Ranks::OfFew(ranks().map(|rank| rank as u16).collect()),
            false => Ranks::OfMany(ranks().map(|rank| rank as u32).collect()),
        }
    }

    pub(super) fn get(&self, doc: DocId) -> usize {
        match self {
            Ranks::OfFew(ranks) => usize::from(ranks[doc as usize]),
            Ranks::OfMany(ranks) => ranks[doc as usize] as usize,
        }
    }

    /// Counts each of a set under its rank.
    pub(super) fn count(&self, set: &Set, counts: &mut [i64]) {
        match self {
            Ranks::OfFew(ranks) => set.each(|doc| counts[usize::from(ranks[doc as usize])] += 1),
            Ranks::OfMany(ranks) => set.each(|doc| counts[ranks[doc as usize] as usize] += 1),
        }
    }
}

impl Figures {
    pub(super) fn of(columns: &Columns, documents: u32, in_stock: &Set) -> Self {
        let others = |doc| Others {
            rating: u8::try_from(columns.rating.get_val(doc)).unwrap_or(u8::MAX),
            band: band_of(columns.price.get_val(doc)) as u8,
            in_stock: false,
        };
        let mut others: Box<[_]> = (0..documents).map(others).collect();
        in_stock.each(|doc| others[doc as usize].in_stock = true);
        let (brands, categories) = (&columns.brand, &columns.category);
        let (brands, categories) = (Ranks::of(brands, documents), Ranks::of(categories, documents));
        Figures { brands, categories, others, sums: None }
    }

    pub(super) fn others(&self, doc: DocId) -> Others {
        self.others[doc as usize]
    }

    /// How many ratings there may be, from none on.
    pub(super) fn ratings(&self) -> usize {
        self.others.iter().map(|others| usize::from(others.rating) + 1).max().unwrap_or(0)
    }
}
