//! How many rows there are of each kind, over all segments. What there are sums of is told from them; of all else each
//! match is looked at, in figures that lie side by side. Counts are exact either way.

use std::ops::Bound;

use bharatmart_core::ports::{Facets, Fault, PriceBand, SearchQuery, SearchSort};
use bharatmart_core::{Paise, Slug};

use super::broken;
use super::figures::{Figures, Others};
use super::filters::{Filters, Kind, price_bounds};
use super::schema::FIELDS;
use super::sets::Set;
use super::shelf::Shelf;
use super::sums::{Asked, Sums};

/// Where one price band ends and the next begins, in rupees.
pub(super) const BANDS: [u32; 6] = [100, 250, 500, 1_000, 2_500, 5_000];
/// Tenths of a star.
pub(super) const RATINGS: [u16; 4] = [40, 30, 20, 10];
const MOST_BRANDS: usize = 50;

/// The counts so far, each kind's as the rows would be if nothing were asked of that kind.
#[derive(Default)]
pub(super) struct Counts<'a> {
    categories: Vec<(&'a str, i64)>,
    brands: Vec<(&'a str, i64)>,
    prices: [i64; BANDS.len() + 1],
    ratings: [i64; RATINGS.len()],
    in_stock: i64,
}

/// Of one segment: categories and brands by their rank in it.
pub(super) struct Tally {
    pub categories: Vec<i64>,
    brands: Vec<i64>,
    pub prices: [i64; BANDS.len() + 1],
    pub ratings: [i64; RATINGS.len()],
    pub in_stock: i64,
}

const KINDS: [Kind; 5] = [Kind::Category, Kind::Brand, Kind::Price, Kind::Rating, Kind::Stock];

impl<'a> Counts<'a> {
    /// `all` is what passes words and filters.
    pub(super) fn add(
        &mut self,
        shelf: &'a Shelf,
        query: &SearchQuery,
        filters: &Filters,
        words: Option<&Set>,
        all: &Set,
    ) -> Result<(), Fault> {
        let (categories, brands) = (&shelf.columns.category, &shelf.columns.brand);
        let (categories, brands) = (categories.all().map_err(broken)?, brands.all().map_err(broken)?);
        let mut tally = Tally {
            categories: vec![0; categories.len()],
            brands: vec![0; brands.len()],
            prices: Default::default(),
            ratings: Default::default(),
            in_stock: 0,
        };
        let figures = shelf.figures()?;
        if summed(shelf, figures, query, &mut tally)? {
            tally.add(figures, all, &[Kind::Brand]);
        } else {
            let (narrowed, free): (Vec<_>, Vec<_>) = KINDS.into_iter().partition(|kind| filters.narrows(*kind));
            tally.add(figures, all, &free);
            for kind in narrowed {
                tally.add(figures, &filters.but(shelf, words, Some(kind)), &[kind]);
            }
        }
        let some = |(text, count): (&'a String, i64)| (count > 0).then_some((text.as_str(), count));
        self.categories.extend(categories.iter().zip(tally.categories).filter_map(some));
        self.brands.extend(brands.iter().zip(tally.brands).filter_map(some));
        self.prices.iter_mut().zip(tally.prices).for_each(|(count, more)| *count += more);
        self.ratings.iter_mut().zip(tally.ratings).for_each(|(count, more)| *count += more);
        self.in_stock += tally.in_stock;
        Ok(())
    }

    pub(super) fn told(self) -> Facets {
        let mut brands = summed_by_name(self.brands);
        let most_first = |left: &(&str, i64), right: &(&str, i64)| right.1.cmp(&left.1).then(left.0.cmp(right.0));
        if brands.len() > MOST_BRANDS {
            brands.select_nth_unstable_by(MOST_BRANDS, most_first);
            brands.truncate(MOST_BRANDS);
        }
        brands.sort_unstable_by(most_first);
        let number = |count: i64| u64::try_from(count).unwrap_or_default();
        let band = |((least, end), count): ((u32, Option<u32>), i64)| PriceBand {
            least: Paise::from_rupees(least),
            most: end.and_then(|end| Paise::parse(i64::from(end) * 100 - 1).ok()),
            count: number(count),
        };
        let categories = summed_by_name(self.categories).into_iter();
        Facets {
            categories: categories.filter_map(|(slug, count)| Some((Slug::parse(slug).ok()?, number(count)))).collect(),
            brands: brands.into_iter().map(|(brand, count)| (brand.to_owned(), number(count))).collect(),
            prices: bands().zip(self.prices).map(band).collect(),
            ratings: RATINGS.into_iter().zip(self.ratings.map(number)).collect(),
            in_stock: number(self.in_stock),
        }
    }
}

/// Sorted, those of one name as one.
fn summed_by_name(mut all: Vec<(&str, i64)>) -> Vec<(&str, i64)> {
    // Those of one segment are sorted already.
    if !all.is_sorted_by(|left, right| left.0 < right.0) {
        all.sort_unstable_by_key(|(name, _)| *name);
        all.dedup_by(|(name, count), (same, sum)| {
            let is_same = name == same;
            *sum += if is_same { *count } else { 0 };
            is_same
        });
    }
    all
}

/// Whether all but brands could be told from sums.
fn summed(shelf: &Shelf, figures: &Figures, query: &SearchQuery, tally: &mut Tally) -> Result<bool, Fault> {
    let others = query.text.is_some() || query.brand.is_some() || query.tag.is_some() || query.featured;
    let (Some(sums), Some(by_price), false) = (&figures.sums, shelf.ranked(SearchSort::PriceAsc), others) else {
        return Ok(false);
    };
    let ours = shelf.filter(FIELDS.tenant, query.tenant.as_str())?;
    let deleted = Set::All(shelf.documents()).minus(shelf.alive(), shelf.documents());
    if ours.len() < shelf.documents() as usize || !Sums::can_do_without(&deleted) {
        return Ok(false);
    }
    let (least, most) = price_bounds(query);
    let mut wanted = (!query.categories.is_empty()).then(|| vec![false; tally.categories.len()]);
    for slug in &query.categories {
        let rank = shelf.columns.category.rank(slug.as_str()).map_err(broken)?;
        let place = rank.and_then(|rank| wanted.as_mut()?.get_mut(rank as usize));
        place.into_iter().for_each(|wanted| *wanted = true);
    }
    let asked = Asked {
        categories: wanted,
        prices: match (least, most) {
            (Bound::Unbounded, Bound::Unbounded) => 0..by_price.len(),
            _ => shelf.price_ranks(by_price, least, most),
        },
        least_rating: query.least_rating.map_or(0, |least| u8::try_from(least).unwrap_or(u8::MAX)),
        in_stock: query.in_stock,
    };
    sums.count(&asked, tally);
    let is_priced = |doc| std::ops::RangeBounds::contains(&(least, most), &shelf.columns.price.get_val(doc));
    Sums::take_off(figures, &deleted, is_priced, &asked, tally);
    Ok(true)
}

impl Tally {
    /// Looks at each of a set, and counts these kinds.
    fn add(&mut self, figures: &Figures, set: &Set, kinds: &[Kind]) {
        let mut others = [false; 3];
        for kind in kinds {
            match kind {
                Kind::Category => figures.categories.count(set, &mut self.categories),
                Kind::Brand => figures.brands.count(set, &mut self.brands),
                Kind::Price => others[0] = true,
                Kind::Rating => others[1] = true,
                Kind::Stock => others[2] = true,
                Kind::Other => {}
            }
        }
        let [price, rating, stock] = others;
        if price || rating || stock {
            let mut ratings = [0_i64; u8::MAX as usize + 1];
            set.each(|doc| {
                let Others { rating, band, in_stock } = figures.others(doc);
                self.prices[usize::from(band)] += i64::from(price);
                ratings[usize::from(rating)] += 1;
                self.in_stock += i64::from(stock && in_stock);
            });
            for (count, least) in self.ratings.iter_mut().zip(RATINGS).filter(|_| rating) {
                *count += ratings[usize::from(least)..].iter().sum::<i64>();
            }
        }
    }

    pub(super) fn add_rating(&mut self, others: Others, times: i64) {
        for (count, least) in self.ratings.iter_mut().zip(RATINGS) {
            *count += if u16::from(others.rating) >= least { times } else { 0 };
        }
    }
}

fn bands() -> impl Iterator<Item = (u32, Option<u32>)> {
    [0].into_iter().chain(BANDS).zip(BANDS.map(Some).into_iter().chain([None]))
}

/// Which of the bands a price is in.
pub(super) fn band_of(paise: u64) -> usize {
    BANDS.partition_point(|rupees| u64::from(*rupees) * 100 <= paise)
}
