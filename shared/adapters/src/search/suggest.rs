//! What somebody may be about to type: categories and brands that have the words, and the products they find.

use bharatmart_core::ProductId;
use bharatmart_core::ports::{Fault, SearchQuery, SearchSort, Suggestion};
use bharatmart_core::tenant::Tenant;
use tantivy::schema::Field;
use uuid::Uuid;

use super::answer::{page, parts};
use super::columns::Texts;
use super::matching::{Wanted, wanted};
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

pub(super) fn suggest(snapshot: &Snapshot, tenant: &Tenant, text: &str, most: usize) -> Result<Vec<Suggestion>, Fault> {
    let words = wanted(text);
    if words.is_empty() {
        return Ok(Vec::new());
    }
    let mut suggestions = Vec::new();
    for row in known_for(snapshot, tenant, &words, FIELDS.category_words, |shelf| &shelf.columns.category)? {
        let (row, slug) = row;
        let name = rows::read(snapshot, row.shelf, row.doc)?.category_name().to_owned();
        suggestions.push(Suggestion::Category { slug, name });
    }
    suggestions.truncate(MOST_CATEGORIES.min(most));
    let brands = known_for(snapshot, tenant, &words, FIELDS.brand_words, |shelf| &shelf.columns.brand)?;
    let room = MOST_BRANDS.min(most - suggestions.len());
    suggestions.extend(brands.into_iter().take(room).map(|(_, brand)| Suggestion::Brand(brand)));

    let query = SearchQuery { sort: SearchSort::Relevance, ..SearchQuery::all(tenant) };
    let parts = parts(&snapshot.shelves, &query, Some(&words), None)?;
    let room = most - suggestions.len();
    for row in page(&snapshot.shelves, &parts, &query, None, room)? {
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

/// The different texts that popular products with these words in a field have in a column, each with one such product.
fn known_for(
    snapshot: &Snapshot,
    tenant: &Tenant,
    words: &[Wanted],
    field: Field,
    column: impl Fn(&Shelf) -> &Texts,
) -> Result<Vec<(Row, String)>, Fault> {
    let mut popular = Vec::new();
    for (at, shelf) in snapshot.shelves.iter().enumerate() {
        let mut all = shelf.alive().and(&shelf.filter(FIELDS.tenant, tenant.as_str())?);
        for word in words {
            all = all.and(&having(shelf, field, word)?);
        }
        let shown =
            Shown { at, shelf, all: &all, sort: SearchSort::Sales, begins: None, after: None, limit: LOOKED_AT };
        popular.extend(shown.rows(None)?);
    }
    popular.sort_unstable();
    let mut known: Vec<(Row, String)> = Vec::new();
    for row in popular {
        let Some(shelf) = snapshot.shelves.get(row.shelf) else { continue };
        let texts = column(shelf);
        let text = texts.text(texts.ranks.get_val(row.doc)).map_err(broken)?;
        if !known.iter().any(|(_, same)| *same == text) {
            known.push((row, text));
        }
    }
    Ok(known)
}

fn having(shelf: &Shelf, field: Field, word: &Wanted) -> Result<Set, Fault> {
    match word.begins {
        true => shelf.beginning(field, &word.word),
        false => shelf.filter(field, &word.word),
    }
}
