//! What is asked, put to one snapshot: `query` says what matches, `page` in which order, this which rows go out.

use std::sync::Arc;

use bharatmart_core::ports::{Fault, Found, SearchQuery};
use tantivy::schema::Value;
use tantivy::{DocAddress, Searcher, TantivyDocument};

use super::page::{PageOf, Rows};
use super::query::{Matching, has_near, matching};
use super::schema::FIELDS;
use super::words::words;
use super::{PORT, broken};

pub(super) fn answer(searcher: &Searcher, query: &SearchQuery) -> Result<Found, Fault> {
    let words = query.text.as_deref().map(words);
    if words.as_ref().is_some_and(Vec::is_empty) {
        return Ok(Found { rows: Vec::new(), total: 0, next: None });
    }
    let words = words.unwrap_or_default();
    let page = PageOf::new(query.sort, !words.is_empty(), query.after.as_ref(), query.size.get())?;
    let ask = |nearness| searcher.search(&*matching(query, &words, nearness), &page).map_err(broken);
    let mut found = ask(Matching::Exact)?;
    // The same on every page: the total does not depend on where the page begins.
    if found.total == 0 && has_near(&words) {
        found = ask(Matching::Near)?;
    }
    shown(searcher, found, query.size.get())
}

fn shown(searcher: &Searcher, Rows { total, mut rows }: Rows, size: usize) -> Result<Found, Fault> {
    let more = rows.len() > size;
    rows.truncate(size);
    let next = rows.last().filter(|_| more).map(|row| row.sort_key());
    let rows = rows.iter().map(|row| row_at(searcher, row.address)).collect::<Result<_, _>>()?;
    Ok(Found { rows, total, next })
}

fn row_at(searcher: &Searcher, address: DocAddress) -> Result<Arc<str>, Fault> {
    let document: TantivyDocument = searcher.doc(address).map_err(broken)?;
    let shown = document.get_first(FIELDS.shown).and_then(|value| value.as_str());
    shown.map(Arc::from).ok_or_else(|| Fault::broken(PORT, "a row of the index has nothing to show"))
}
