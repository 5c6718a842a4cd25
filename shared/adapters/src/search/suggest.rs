//! What somebody may be about to type: categories and brands that have the words, and the products they find.

use std::collections::BTreeSet;

use bharatmart_core::ProductId;
use bharatmart_core::ports::{Fault, SearchQuery, SearchSort, Suggestion};
use bharatmart_core::tenant::Tenant;
use tantivy::DocId;
use tantivy::schema::Field;
use uuid::Uuid;

use super::answer::{page, parts, parts_at};
use super::columns::Texts;
use super::glance::glance;
use super::matching::{Stage, Wanted, most_without_best, wanted};
use super::page::{Row, Shown};
use super::schema::FIELDS;
use super::sets::Set;
use super::shelf::Shelf;
use super::snapshot::Snapshot;
use super::{broken, rows};

/// Besides products.
const MOST_CATEGORIES: usize = 2;
const MOST_BRANDS: usize = 2;

/// Among so many of the most popular products that have the words, the best-known brands and categories are.
const LOOKED_AT: usize = 40;

/// So far the order of popularity is walked for brands.
const PATIENCE: usize = 4_096;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Known {
    Categories,
    Brands,
}

impl Known {
    /// Where the words of their names are found.
    fn words(self) -> Field {
        match self {
            Known::Categories => FIELDS.category_words,
            Known::Brands => FIELDS.brand_words,
        }
    }

    fn column(self, shelf: &Shelf) -> &Texts {
        match self {
            Known::Categories => &shelf.columns.category,
            Known::Brands => &shelf.columns.brand,
        }
    }
}

pub(super) fn suggest(snapshot: &Snapshot, tenant: &Tenant, text: &str, most: usize) -> Result<Vec<Suggestion>, Fault> {
    let words = wanted(text);
    if words.is_empty() {
        return Ok(Vec::new());
    }
    let mut suggestions = Vec::new();
    let categories = known_for(snapshot, tenant, &words, Known::Categories)?;
    for (row, slug) in categories.into_iter().take(MOST_CATEGORIES.min(most)) {
        let name = rows::read(snapshot, row.shelf, row.doc)?.category_name().to_owned();
        suggestions.push(Suggestion::Category { slug, name });
    }
    let brands = known_for(snapshot, tenant, &words, Known::Brands)?;
    let room = MOST_BRANDS.min(most - suggestions.len());
    suggestions.extend(brands.into_iter().take(room).map(|(_, brand)| Suggestion::Brand(brand)));

    let query = SearchQuery { sort: SearchSort::Relevance, ..SearchQuery::all(tenant) };
    let room = most - suggestions.len();
    for row in best(snapshot, &query, &words, room)? {
        let stored = rows::read(snapshot, row.shelf, row.doc)?;
        let id = snapshot.shelves.get(row.shelf).map_or(0, |shelf| shelf.columns.id(row.doc));
        suggestions.push(Suggestion::Product {
            id: ProductId::from_uuid(Uuid::from_u128(id)),
            slug: stored.slug().to_owned(),
            name: stored.name().to_owned(),
        });
    }
    Ok(suggestions)
}

/// Most of the time the best grades alone have enough; all else need not be looked for then.
fn best(snapshot: &Snapshot, query: &SearchQuery, words: &[Wanted], most: usize) -> Result<Vec<Row>, Fault> {
    if most == 0 {
        return Ok(Vec::new());
    }
    let rows = match glanced(snapshot, query, words, most)? {
        Some(rows) => rows,
        None => {
            let best = parts_at(&snapshot.shelves, query, Some(words), Stage::Best)?;
            page(&snapshot.shelves, &best, query, None, most)?
        }
    };
    if rows.len() == most && rows.iter().all(|row| row.points() > most_without_best(words.len())) {
        return Ok(rows);
    }
    let all = parts(&snapshot.shelves, query, Some(words), None)?;
    page(&snapshot.shelves, &all, query, None, most)
}

fn glanced(snapshot: &Snapshot, query: &SearchQuery, words: &[Wanted], most: usize) -> Result<Option<Vec<Row>>, Fault> {
    let mut rows = Vec::new();
    for (at, shelf) in snapshot.shelves.iter().enumerate() {
        let ours = shelf.filter(FIELDS.tenant, query.tenant.as_str())?;
        let Some(found) = glance(at, shelf, words, &[shelf.alive(), &ours], most)? else { return Ok(None) };
        rows.extend(found);
    }
    rows.sort_unstable();
    rows.truncate(most);
    Ok(Some(rows))
}

/// The different texts that popular products with these words in a field have in a column, each with one such product.
fn known_for(snapshot: &Snapshot, tenant: &Tenant, words: &[Wanted], kind: Known) -> Result<Vec<(Row, String)>, Fault> {
    let mut popular = Vec::new();
    for (at, shelf) in snapshot.shelves.iter().enumerate() {
        let ours = shelf.filter(FIELDS.tenant, tenant.as_str())?;
        let mut shown =
            Shown { at, shelf, all: &ours, sort: SearchSort::Sales, begins: None, after: None, limit: LOOKED_AT };
        let read_off = if kind == Known::Brands { brands_read_off(&shown, words)? } else { None };
        if let Some(docs) = read_off {
            popular.extend(shown.told(docs)?);
            continue;
        }
        let mut having = Vec::with_capacity(words.len());
        for word in words {
            having.push(self::having(shelf, kind.words(), word)?);
            if having.last().is_some_and(Set::is_empty) {
                break;
            }
        }
        let all = Set::common(shelf.documents(), having.iter().chain([shelf.alive(), &ours]));
        shown.all = &all;
        popular.extend(shown.rows(None)?);
    }
    popular.sort_unstable();
    let mut known: Vec<(Row, String)> = Vec::new();
    for row in popular {
        let Some(shelf) = snapshot.shelves.get(row.shelf) else { continue };
        let texts = kind.column(shelf);
        let text = texts.text(texts.ranks.get_val(row.doc)).map_err(broken)?;
        if !known.iter().any(|(_, same)| *same == text) {
            known.push((row, text));
        }
    }
    Ok(known)
}

/// The first few of different brands with these words; `None` where it takes long to come to them, for then there are
/// few to choose from.
fn brands_read_off(shown: &Shown<'_>, words: &[Wanted]) -> Result<Option<Vec<(u32, DocId)>>, Fault> {
    let (shelf, texts) = (shown.shelf, &shown.shelf.columns.brand);
    let Some(ranked) = shelf.ranked(shown.sort) else { return Ok(None) };
    let mut brands: Option<BTreeSet<u64>> = None;
    for word in words {
        let with_word = texts.with_word(&word.word, word.begins).map_err(broken)?;
        brands = Some(brands.map_or(with_word.clone(), |brands| &brands & &with_word));
    }
    let mut brands = brands.unwrap_or_default();
    let mut docs = Vec::new();
    for doc in ranked.docs(0..ranked.len().min(PATIENCE)) {
        if brands.is_empty() || docs.len() == MOST_BRANDS {
            return Ok(Some(docs));
        }
        if brands.contains(&texts.ranks.get_val(doc)) && shown.all.has(doc) && shelf.alive().has(doc) {
            brands.remove(&texts.ranks.get_val(doc));
            docs.push((0, doc));
        }
    }
    Ok(brands.is_empty().then_some(docs))
}

fn having(shelf: &Shelf, field: Field, word: &Wanted) -> Result<Set, Fault> {
    match word.begins {
        true => shelf.beginning(field, &word.word),
        false => shelf.filter(field, &word.word),
    }
}
