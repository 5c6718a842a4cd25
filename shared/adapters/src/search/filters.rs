//! What a query lets through besides its words, segment by segment, and how many there are of each kind.

use std::collections::{BTreeMap, HashMap};
use std::ops::Bound;

use bharatmart_core::ports::{Facets, Fault, PriceBand, SearchQuery};
use bharatmart_core::{Paise, Slug};

use super::broken;
use super::columns::Texts;
use super::schema::{FIELDS, YES, price};
use super::sets::Set;
use super::shelf::Shelf;
use super::words::folded;

/// Where one price band ends and the next begins, in rupees.
const BANDS: [u32; 6] = [100, 250, 500, 1_000, 2_500, 5_000];
/// Tenths of a star.
const RATINGS: [u16; 4] = [40, 30, 20, 10];
const MOST_BRANDS: usize = 50;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Category,
    Brand,
    Price,
    Rating,
    Stock,
    Other,
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
            let bound =
                |amount: Option<Paise>| amount.map_or(Bound::Unbounded, |amount| Bound::Included(price(amount.get())));
            all.push((Kind::Price, shelf.prices(bound(query.least_price), bound(query.most_price))?));
        }
        Ok(Filters(all))
    }

    /// Of those the words match, if there are words.
    pub(super) fn all(&self, shelf: &Shelf, words: Option<&Set>) -> Set {
        self.but(shelf, words, None)
    }

    fn but(&self, shelf: &Shelf, words: Option<&Set>, left_out: Option<Kind>) -> Set {
        let mut sets: Vec<_> = self.0.iter().filter(|(kind, _)| Some(*kind) != left_out).map(|(_, set)| set).collect();
        sets.extend(words);
        // The fewest first: what is cut then is small at once.
        sets.sort_by_key(|set| set.len());
        sets.into_iter().fold(Set::All(shelf.documents()), |all, set| all.and(set))
    }

    fn narrows(&self, kind: Kind) -> bool {
        self.0.iter().any(|(narrowed, _)| *narrowed == kind)
    }
}

/// Counts of all segments together.
#[derive(Default)]
pub(super) struct Counts {
    categories: BTreeMap<String, u64>,
    brands: HashMap<String, u64>,
    prices: [u64; BANDS.len() + 1],
    ratings: [u64; RATINGS.len()],
    in_stock: u64,
}

impl Counts {
    pub(super) fn add(&mut self, shelf: &Shelf, filters: &Filters, words: Option<&Set>) -> Result<(), Fault> {
        let all = filters.all(shelf, words);
        let under = |kind| match filters.narrows(kind) {
            true => filters.but(shelf, words, Some(kind)),
            false => all.clone(),
        };
        count_texts(&under(Kind::Category), &shelf.columns.category, |slug, count| {
            *self.categories.entry(slug).or_default() += count;
        })?;
        count_texts(&under(Kind::Brand), &shelf.columns.brand, |brand, count| {
            *self.brands.entry(brand).or_default() += count;
        })?;
        let of_price = under(Kind::Price);
        of_price.each(|doc| {
            let paise = shelf.columns.price.get_val(doc);
            self.prices[BANDS.partition_point(|rupees| u64::from(*rupees) * 100 <= paise)] += 1;
        });
        let of_rating = under(Kind::Rating);
        for (count, least) in self.ratings.iter_mut().zip(RATINGS) {
            *count += of_rating.count_and(&shelf.rated(least)?) as u64;
        }
        self.in_stock += under(Kind::Stock).count_and(&shelf.filter(FIELDS.in_stock, YES)?) as u64;
        Ok(())
    }

    pub(super) fn told(self) -> Facets {
        let mut brands: Vec<_> = self.brands.into_iter().collect();
        brands.sort_by(|(left, more), (right, less)| less.cmp(more).then_with(|| left.cmp(right)));
        brands.truncate(MOST_BRANDS);
        let ends = BANDS.iter().map(|rupees| Some(*rupees)).chain([None]);
        let begins = [0].into_iter().chain(BANDS);
        let band = |((least, end), count): ((u32, Option<u32>), u64)| PriceBand {
            least: Paise::from_rupees(least),
            most: end.and_then(|end| Paise::parse(i64::from(end) * 100 - 1).ok()),
            count,
        };
        Facets {
            categories: self
                .categories
                .into_iter()
                .filter_map(|(slug, count)| Some((Slug::parse(&slug).ok()?, count)))
                .collect(),
            brands,
            prices: begins.zip(ends).zip(self.prices).map(band).collect(),
            ratings: RATINGS.into_iter().zip(self.ratings).collect(),
            in_stock: self.in_stock,
        }
    }
}

fn count_texts(set: &Set, texts: &Texts, mut tell: impl FnMut(String, u64)) -> Result<(), Fault> {
    let mut counts = vec![0u64; texts.len()];
    set.each(|doc| {
        if let Some(count) = counts.get_mut(texts.ranks.get_val(doc) as usize) {
            *count += 1;
        }
    });
    for (rank, count) in counts.into_iter().enumerate().filter(|(_, count)| *count > 0) {
        tell(texts.text(rank as u64).map_err(broken)?, count);
    }
    Ok(())
}
