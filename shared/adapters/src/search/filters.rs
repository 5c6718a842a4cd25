//! What a query lets through besides its words, segment by segment. How many there are of each kind is `counts`' part.

use std::ops::Bound;

use bharatmart_core::Paise;
use bharatmart_core::ports::{Fault, SearchQuery};

use super::schema::{FIELDS, YES, price};
use super::sets::Set;
use super::shelf::Shelf;
use super::words::folded;

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Category,
    Brand,
    Price,
    Rating,
    Stock,
    Other,
}

pub(super) fn price_bounds(query: &SearchQuery) -> (Bound<u64>, Bound<u64>) {
    let bound = |amount: Option<Paise>| amount.map_or(Bound::Unbounded, |amount| Bound::Included(price(amount.get())));
    (bound(query.least_price), bound(query.most_price))
}

/// The sets that a row must be in, each under what it narrows.
pub(super) struct Filters(Vec<(Kind, Set)>);

impl Filters {
    pub(super) fn of(shelf: &Shelf, query: &SearchQuery) -> Result<Self, Fault> {
        let fields = &*FIELDS;
        let mut all = vec![
            (Kind::Other, shelf.alive().clone()),
            (Kind::Other, shelf.filter(fields.tenant, query.tenant.as_str())?),
        ];
        if !query.categories.is_empty() {
            let each = query.categories.iter().map(|slug| shelf.filter(fields.category, slug.as_str()));
            let each = each.collect::<Result<Vec<_>, _>>()?;
            all.push((Kind::Category, Set::union(shelf.documents(), &each)));
        }
        if let Some(brand) = &query.brand {
            all.push((Kind::Brand, shelf.filter(fields.brand, &folded(brand))?));
        }
        if let Some(tag) = &query.tag {
            all.push((Kind::Other, shelf.filter(fields.tag, tag)?));
        }
        if query.featured {
            all.push((Kind::Other, shelf.filter(fields.featured, YES)?));
        }
        if query.in_stock {
            all.push((Kind::Stock, shelf.filter(fields.in_stock, YES)?));
        }
        if let Some(least) = query.least_rating {
            all.push((Kind::Rating, shelf.rated(least)?));
        }
        if query.least_price.is_some() || query.most_price.is_some() {
            let (least, most) = price_bounds(query);
            all.push((Kind::Price, shelf.prices(least, most)?));
        }
        Ok(Filters(all))
    }

    /// Of those the words match, if there are words.
    pub(super) fn all(&self, shelf: &Shelf, words: Option<&Set>) -> Set {
        self.but(shelf, words, None)
    }

    pub(super) fn but(&self, shelf: &Shelf, words: Option<&Set>, left_out: Option<Kind>) -> Set {
        let sets = self.0.iter().filter(|(kind, _)| Some(*kind) != left_out).map(|(_, set)| set);
        Set::common(shelf.documents(), sets.chain(words))
    }

    pub(super) fn narrows(&self, kind: Kind) -> bool {
        self.0.iter().any(|(narrowed, _)| *narrowed == kind)
    }
}
