//! From what is asked to what Tantivy matches. Queries are built from words, never parsed from text, so that no text
//! can be wrong. Order and pages are `page`'s part.

use std::ops::Bound;

use bharatmart_core::ports::SearchQuery;
use tantivy::query::{
    BooleanQuery, BoostQuery, ConstScoreQuery, EmptyQuery, FuzzyTermQuery, Occur, Query, RangeQuery, TermQuery,
};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{Score, Term};

use super::schema::{FIELDS, price};

/// How near a word must come.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Matching {
    /// As it is written; the last word may be the beginning of one.
    Exact,
    /// One letter may be wrong, missing, too many or in its neighbour's place.
    Near,
}

/// Shorter words have too many neighbours.
const LEAST_NEAR: usize = 4;

/// One letter begins too much.
const LEAST_BEGINNING: usize = 2;

/// Against a word that is matched whole, which scores between one and ten times the weight of its field.
const BEGINNING: Score = 0.3;
const NEAR: Score = 0.1;

type Clause = (Occur, Box<dyn Query>);

fn weights() -> [(Field, Score); 5] {
    [
        (FIELDS.name, 4.0),
        (FIELDS.brand, 2.5),
        (FIELDS.category_name, 2.0),
        (FIELDS.tag_words, 2.0),
        (FIELDS.description, 1.0),
    ]
}

pub(super) fn has_near(words: &[String]) -> bool {
    words.iter().any(|word| may_be_near(word))
}

/// `words` are those of the query's text, none when it has no text.
pub(super) fn matching(query: &SearchQuery, words: &[String], matching: Matching) -> Box<dyn Query> {
    let mut clauses = filters(query);
    for (at, word) in words.iter().enumerate() {
        clauses.push((Occur::Must, Box::new(found_somewhere(word, at + 1 == words.len(), matching))));
    }
    Box::new(BooleanQuery::new(clauses))
}

fn filters(query: &SearchQuery) -> Vec<Clause> {
    let mut filters = vec![exactly(Term::from_field_text(FIELDS.tenant, query.tenant.as_str()))];
    if let Some(category) = &query.category {
        filters.push(exactly(Term::from_field_text(FIELDS.category, category.as_str())));
    }
    if let Some(tag) = &query.tag {
        filters.push(exactly(Term::from_field_text(FIELDS.tag, tag)));
    }
    if query.in_stock {
        filters.push(exactly(Term::from_field_bool(FIELDS.in_stock, true)));
    }
    let bound = |amount: Option<bharatmart_core::Paise>| {
        amount.map(|amount| Term::from_field_u64(FIELDS.price, price(amount.get())))
    };
    match (bound(query.least_price), bound(query.most_price)) {
        (None, None) => {}
        (Some(least), Some(most)) if least > most => filters.push(filter(EmptyQuery)),
        (least, most) => {
            let edge = |term: Option<Term>| term.map_or(Bound::Unbounded, Bound::Included);
            filters.push(filter(RangeQuery::new(edge(least), edge(most))));
        }
    }
    filters
}

fn exactly(term: Term) -> Clause {
    filter(TermQuery::new(term, IndexRecordOption::Basic))
}

/// Narrows without a say in the score.
fn filter(query: impl Query) -> Clause {
    (Occur::Must, Box::new(ConstScoreQuery::new(Box::new(query), 0.0)))
}

fn found_somewhere(word: &str, last: bool, matching: Matching) -> BooleanQuery {
    let begins = last && word.chars().nth(LEAST_BEGINNING - 1).is_some();
    let near = matching == Matching::Near && may_be_near(word);
    let mut places: Vec<Clause> = Vec::new();
    let mut place =
        |query: Box<dyn Query>, weight| places.push((Occur::Should, Box::new(BoostQuery::new(query, weight))));
    for (field, weight) in weights() {
        let term = Term::from_field_text(field, word);
        if begins {
            place(Box::new(FuzzyTermQuery::new_prefix(term.clone(), 0, true)), weight * BEGINNING);
        }
        match (near, begins) {
            (true, true) => place(Box::new(FuzzyTermQuery::new_prefix(term.clone(), 1, true)), weight * NEAR),
            (true, false) => place(Box::new(FuzzyTermQuery::new(term.clone(), 1, true)), weight * NEAR),
            (false, _) => {}
        }
        place(Box::new(TermQuery::new(term, IndexRecordOption::WithFreqs)), weight);
    }
    BooleanQuery::new(places)
}

fn may_be_near(word: &str) -> bool {
    word.chars().nth(LEAST_NEAR - 1).is_some()
}
