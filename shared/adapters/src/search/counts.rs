//! How many rows there are of each kind, over all segments. Of a few matches each is looked at; of many, what is asked
//! for is cut with them: counts are exact either way, and a million matches take hardly longer than a thousand.

use std::collections::{BTreeMap, HashMap};

use bharatmart_core::ports::{Facets, Fault, PriceBand};
use bharatmart_core::{Paise, Slug};

use super::broken;
use super::columns::Texts;
use super::filters::{Filters, Kind};
use super::schema::{FIELDS, YES};
use super::sets::Set;
use super::shelf::Shelf;
use super::words::folded;

/// Where one price band ends and the next begins, in rupees.
const BANDS: [u32; 6] = [100, 250, 500, 1_000, 2_500, 5_000];
/// Tenths of a star.
const RATINGS: [u16; 4] = [40, 30, 20, 10];
const MOST_BRANDS: usize = 50;

/// So many matches are looked at one by one.
const FEW: usize = 8_192;

/// Which brands have most among many is told by a part of them, with this many besides in case it was a near thing.
const NEARLY: usize = 25;

#[derive(Default)]
pub(super) struct Counts<'a> {
    categories: BTreeMap<String, u64>,
    brands: HashMap<String, u64>,
    prices: [u64; BANDS.len() + 1],
    ratings: [u64; RATINGS.len()],
    in_stock: u64,
    /// Segments whose brands are only guessed at so far: the guesses, and the matches to count them in.
    guessed: HashMap<String, u64>,
    many: Vec<(&'a Shelf, Set)>,
}

impl<'a> Counts<'a> {
    pub(super) fn add(&mut self, shelf: &'a Shelf, filters: &Filters, words: Option<&Set>) -> Result<(), Fault> {
        let all = filters.all(shelf, words);
        let under = |kind| match filters.narrows(kind) {
            true => filters.but(shelf, words, Some(kind)),
            false => all.clone(),
        };
        self.add_categories(shelf, &under(Kind::Category))?;
        self.add_brands(shelf, under(Kind::Brand))?;
        self.add_prices(shelf, &under(Kind::Price))?;
        let of_rating = under(Kind::Rating);
        for (count, least) in self.ratings.iter_mut().zip(RATINGS) {
            *count += of_rating.count_and(&shelf.rated(least)?) as u64;
        }
        self.in_stock += under(Kind::Stock).count_and(&shelf.filter(FIELDS.in_stock, YES)?) as u64;
        Ok(())
    }

    fn add_categories(&mut self, shelf: &Shelf, set: &Set) -> Result<(), Fault> {
        let mut tell = |slug: &str, count: u64| *self.categories.entry(slug.to_owned()).or_default() += count;
        if set.len() <= FEW {
            return count_each(set, 1, &shelf.columns.category, tell);
        }
        for slug in shelf.columns.category.all().map_err(broken)? {
            match set.count_and(&shelf.filter(FIELDS.category, slug)?) {
                0 => {}
                count => tell(slug, count as u64),
            }
        }
        Ok(())
    }

    fn add_brands(&mut self, shelf: &'a Shelf, set: Set) -> Result<(), Fault> {
        let step = set.len().div_ceil(FEW).max(1);
        let to = if step == 1 { &mut self.brands } else { &mut self.guessed };
        count_each(&set, step, &shelf.columns.brand, |brand, count| {
            *to.entry(brand.to_owned()).or_default() += count * step as u64;
        })?;
        if step > 1 {
            self.many.push((shelf, set));
        }
        Ok(())
    }

    fn add_prices(&mut self, shelf: &Shelf, set: &Set) -> Result<(), Fault> {
        let paise = |rupees: u32| u64::from(rupees) * 100;
        if set.len() <= FEW {
            set.each(|doc| {
                let price = shelf.columns.price.get_val(doc);
                self.prices[BANDS.partition_point(|rupees| paise(*rupees) <= price)] += 1;
            });
            return Ok(());
        }
        for (count, (least, end)) in self.prices.iter_mut().zip(bands()) {
            *count += set.count_and(&shelf.price_band(paise(least), end.map(paise))?) as u64;
        }
        Ok(())
    }

    pub(super) fn told(mut self) -> Result<Facets, Fault> {
        self.count_brands()?;
        let mut brands: Vec<_> = self.brands.into_iter().collect();
        most_first(&mut brands);
        brands.truncate(MOST_BRANDS);
        let band = |((least, end), count): ((u32, Option<u32>), u64)| PriceBand {
            least: Paise::from_rupees(least),
            most: end.and_then(|end| Paise::parse(i64::from(end) * 100 - 1).ok()),
            count,
        };
        Ok(Facets {
            categories: self
                .categories
                .into_iter()
                .filter_map(|(slug, count)| Some((Slug::parse(&slug).ok()?, count)))
                .collect(),
            brands,
            prices: bands().zip(self.prices).map(band).collect(),
            ratings: RATINGS.into_iter().zip(self.ratings).collect(),
            in_stock: self.in_stock,
        })
    }

    /// Of the segments with many matches, exactly: those that may have most of all.
    fn count_brands(&mut self) -> Result<(), Fault> {
        if self.many.is_empty() {
            return Ok(());
        }
        let counted = std::mem::take(&mut self.brands);
        for (brand, count) in &counted {
            *self.guessed.entry(brand.clone()).or_default() += count;
        }
        let mut likely: Vec<_> = std::mem::take(&mut self.guessed).into_iter().collect();
        most_first(&mut likely);
        for (brand, _) in likely.into_iter().take(MOST_BRANDS + NEARLY) {
            let mut exact = counted.get(&brand).copied().unwrap_or_default();
            for (shelf, set) in &self.many {
                exact += count_brand(shelf, set, &brand)?;
            }
            self.brands.insert(brand, exact);
        }
        Ok(())
    }
}

fn most_first(brands: &mut [(String, u64)]) {
    brands.sort_unstable_by(|(left, more), (right, less)| less.cmp(more).then_with(|| left.cmp(right)));
}

fn count_brand(shelf: &Shelf, set: &Set, brand: &str) -> Result<u64, Fault> {
    let (brands, folded) = (&shelf.columns.brand, folded(brand));
    let Some(rank) = brands.rank(brand).map_err(broken)? else { return Ok(0) };
    let of_brand = shelf.filter(FIELDS.brand, &folded)?;
    if brands.alike(&folded).map_err(broken)? == 1 {
        return Ok(set.count_and(&of_brand) as u64);
    }
    let mut count = 0;
    set.and(&of_brand).each(|doc| count += u64::from(brands.ranks.get_val(doc) == rank));
    Ok(count)
}

fn bands() -> impl Iterator<Item = (u32, Option<u32>)> {
    [0].into_iter().chain(BANDS).zip(BANDS.map(Some).into_iter().chain([None]))
}

/// One in `step` of the set.
fn count_each(set: &Set, step: usize, texts: &Texts, mut tell: impl FnMut(&str, u64)) -> Result<(), Fault> {
    let all = texts.all().map_err(broken)?;
    let mut counts = vec![0u64; all.len()];
    set.each_in(step, |doc| {
        if let Some(count) = counts.get_mut(texts.ranks.get_val(doc) as usize) {
            *count += 1;
        }
    });
    all.iter().zip(counts).filter(|(_, count)| *count > 0).for_each(|(text, count)| tell(text, count));
    Ok(())
}
