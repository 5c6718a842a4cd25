//! A segment's columns: what rows are sorted by and counted under, by document.

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};

use bharatmart_core::ports::SearchSort;
use tantivy::columnar::{Column, ColumnValues, StrColumn, TermOrdHit};
use tantivy::{DocId, SegmentReader, TantivyError};

use super::schema::column;
use super::words::each;

type Values = Arc<dyn ColumnValues<u64>>;

pub(super) struct Columns {
    pub price: Values,
    pub rating: Values,
    popularity: Values,
    created_at: Values,
    name: Texts,
    pub brand: Texts,
    pub category: Texts,
    id_high: Values,
    id_low: Values,
}

/// Texts by their rank among all of the segment.
pub(super) struct Texts {
    pub ranks: Values,
    texts: StrColumn,
    all: OnceLock<Vec<String>>,
    /// Their words, sorted, each with the rank of its text.
    words: OnceLock<Vec<(String, u64)>>,
}

impl Columns {
    pub(super) fn of(segment: &SegmentReader) -> tantivy::Result<Self> {
        let columns = segment.fast_fields();
        let number = |name| {
            let (column, _) = columns.u64_lenient(name)?.ok_or_else(|| no_column(name))?;
            Ok::<_, TantivyError>(values(&column))
        };
        let texts = |name| {
            let texts = columns.str(name)?.ok_or_else(|| no_column(name))?;
            let ranks = values(texts.ords());
            Ok::<_, TantivyError>(Texts { ranks, texts, all: OnceLock::new(), words: OnceLock::new() })
        };
        Ok(Columns {
            price: number(column::PRICE)?,
            rating: number(column::RATING)?,
            popularity: number(column::POPULARITY)?,
            created_at: number(column::CREATED_AT)?,
            name: texts(column::NAME)?,
            brand: texts(column::BRAND)?,
            category: texts(column::CATEGORY)?,
            id_high: number(column::ID_HIGH)?,
            id_low: number(column::ID_LOW)?,
        })
    }

    pub(super) fn id(&self, doc: DocId) -> u128 {
        u128::from(self.id_high.get_val(doc)) << 64 | u128::from(self.id_low.get_val(doc))
    }

    pub(super) fn order(&self, sort: SearchSort) -> Order<'_> {
        match sort {
            SearchSort::Newest => Order { values: &self.created_at, descending: true, texts: None },
            SearchSort::PriceAsc => Order { values: &self.price, descending: false, texts: None },
            SearchSort::PriceDesc => Order { values: &self.price, descending: true, texts: None },
            SearchSort::Rating => Order { values: &self.rating, descending: true, texts: None },
            SearchSort::Sales | SearchSort::Relevance => {
                Order { values: &self.popularity, descending: true, texts: None }
            }
            SearchSort::Name => Order { values: &self.name.ranks, descending: false, texts: Some(&self.name) },
        }
    }
}

/// Every document has one value, so that there is nothing to look up before it.
fn values(column: &Column<u64>) -> Values {
    match column.get_cardinality().is_full() {
        true => column.values.clone(),
        false => column.clone().first_or_default_col(0),
    }
}

fn no_column(name: &str) -> TantivyError {
    TantivyError::SchemaError(format!("there is no column {name}"))
}

impl Texts {
    pub(super) fn text(&self, rank: u64) -> tantivy::Result<String> {
        let mut text = String::new();
        self.texts.ord_to_str(rank, &mut text)?;
        Ok(text)
    }

    /// How many different ones there are.
    pub(super) fn number(&self) -> usize {
        self.texts.num_terms()
    }

    pub(super) fn rank(&self, text: &str) -> tantivy::Result<Option<u64>> {
        Ok(self.texts.dictionary().term_ord(text)?)
    }

    /// Ranks of those with a word that is this, or begins so. For columns that have few.
    pub(super) fn with_word(&self, word: &str, begins: bool) -> tantivy::Result<BTreeSet<u64>> {
        let all = self.all()?;
        let words = self.words.get_or_init(|| {
            let of = |(rank, text): (usize, &String)| each(text).into_iter().map(move |word| (word.text, rank as u64));
            let mut words: Vec<_> = all.iter().enumerate().flat_map(of).collect();
            words.sort_unstable();
            words
        });
        let from = words.partition_point(|(known, _)| known.as_str() < word);
        let alike = words[from..].iter().take_while(|(known, _)| known == word || begins && known.starts_with(word));
        Ok(alike.map(|(_, rank)| *rank).collect())
    }

    /// Each different one, by its rank. For columns that have few.
    pub(super) fn all(&self) -> tantivy::Result<&[String]> {
        if let Some(all) = self.all.get() {
            return Ok(all);
        }
        let mut all = Vec::with_capacity(self.texts.num_terms());
        let mut texts = self.texts.dictionary().stream()?;
        while texts.advance() {
            all.push(String::from_utf8_lossy(texts.key()).into_owned());
        }
        Ok(self.all.get_or_init(|| all))
    }
}

/// Where a row stands, so that it can be compared with rows of other segments.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Place {
    Number(u64),
    Text(String),
}

/// How a segment's rows are ordered. Each order is turned into an ascending one. Texts are compared by their rank in
/// the segment, and told only when it is done.
#[derive(Clone, Copy)]
pub(super) struct Order<'a> {
    values: &'a Values,
    descending: bool,
    texts: Option<&'a Texts>,
}

impl Order<'_> {
    pub(super) fn place(self, doc: DocId) -> u64 {
        let value = self.values.get_val(doc);
        if self.descending { !value } else { value }
    }

    pub(super) fn told(self, place: u64) -> tantivy::Result<Place> {
        match self.texts {
            None => Ok(Place::Number(place)),
            Some(texts) => texts.text(place).map(Place::Text),
        }
    }

    /// What of this segment a row must come after to come after this one.
    pub(super) fn after(self, place: &Place, id: u128) -> tantivy::Result<(u64, Reverse<u128>)> {
        match (self.texts, place) {
            (Some(texts), Place::Text(text)) => Ok(match texts.texts.dictionary().term_ord_or_next(text)? {
                TermOrdHit::Exact(rank) => (rank, Reverse(id)),
                // No row of this segment has the text itself: begin with all of the next one.
                TermOrdHit::Next(rank) => (rank, Reverse(u128::MAX)),
            }),
            (None, Place::Number(number)) => Ok((*number, Reverse(id))),
            _ => Err(TantivyError::InvalidArgument("the cursor is of another order".into())),
        }
    }
}
