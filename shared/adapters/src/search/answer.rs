//! What is asked, put to one snapshot: `matching` and `filters` say what is found, `page` in which order, this which
//! rows go out.

use std::sync::Arc;

use bharatmart_core::ports::{Fault, Found, SearchQuery};

use super::counts::Counts;
use super::filters::Filters;
use super::highlights::highlights;
use super::matching::{Matches, Stage, Wanted, matches, wanted};
use super::page::{After, Row, Shown, begins};
use super::sets::Set;
use super::shelf::Shelf;
use super::snapshot::Snapshot;
use super::{PORT, rows};

/// What one segment has of it.
pub(super) struct Part {
    pub matches: Option<Matches>,
    filters: Filters,
    pub all: Set,
}

/// All that is found, before it is put in order.
pub(super) struct Parts {
    pub stage: Stage,
    pub parts: Vec<Part>,
}

impl Parts {
    pub(super) fn total(&self) -> u64 {
        self.parts.iter().map(|part| part.all.len() as u64).sum()
    }
}

pub(super) fn answer(snapshot: &Snapshot, query: &SearchQuery) -> Result<Found, Fault> {
    let words = query.text.as_deref().map(wanted);
    if words.as_ref().is_some_and(Vec::is_empty) {
        let facets = query.facets.then(|| Counts::default().told());
        return Ok(Found { facets, ..Found::default() });
    }
    let after = query.after.as_ref().map(|after| After::read(after, query.sort)).transpose()?;
    let parts = parts(&snapshot.shelves, query, words.as_deref(), after.as_ref())?;
    let size = query.size.get();
    // One more than the page holds tells that there is a next one.
    let mut page = page(&snapshot.shelves, &parts, query, after.as_ref(), size + 1)?;
    let more = page.len() > size;
    page.truncate(size);
    let next = page.last().filter(|_| more).map(|row| row.sort_key(parts.stage));
    let mut found = Found { total: parts.total(), next, ..Found::default() };
    for row in &page {
        let stored = rows::read(snapshot, row.shelf, row.doc)?;
        if let Some(words) = words.as_ref().filter(|_| query.highlights) {
            found.highlights.push(told(&stored, words, parts.stage)?);
        }
        found.rows.push(stored.shown()?);
    }
    if query.facets {
        let mut counts = Counts::default();
        for (shelf, part) in snapshot.shelves.iter().zip(&parts.parts) {
            let words = part.matches.as_ref().map(|matches| &matches.all);
            counts.add(shelf, query, &part.filters, words, &part.all)?;
        }
        found.facets = Some(counts.told());
    }
    Ok(found)
}

fn told(row: &rows::Stored, words: &[Wanted], stage: Stage) -> Result<Arc<str>, Fault> {
    let json = serde_json::to_string(&highlights(row.name(), row.description(), words, stage));
    json.map(Arc::from).map_err(|e| Fault::broken(PORT, e))
}

/// At the first stage that finds anything; a walk goes on at the stage it began with.
pub(super) fn parts(
    shelves: &[Shelf],
    query: &SearchQuery,
    words: Option<&[Wanted]>,
    after: Option<&After>,
) -> Result<Parts, Fault> {
    let at = |stage| parts_at(shelves, query, words, stage);
    if let Some(after) = after {
        return at(after.stage);
    }
    let exactly = at(Stage::Exact)?;
    if words.is_none() || exactly.total() > 0 {
        return Ok(exactly);
    }
    for stage in Stage::ALL.into_iter().skip(1) {
        let more = at(stage)?;
        if more.total() > 0 {
            return Ok(more);
        }
    }
    Ok(exactly)
}

pub(super) fn parts_at(
    shelves: &[Shelf],
    query: &SearchQuery,
    words: Option<&[Wanted]>,
    stage: Stage,
) -> Result<Parts, Fault> {
    let part = |shelf: &Shelf| {
        let matches = words.map(|words| matches(shelf, words, stage)).transpose()?;
        let filters = Filters::of(shelf, query)?;
        let all = filters.all(shelf, matches.as_ref().map(|matches| &matches.all));
        Ok(Part { matches, filters, all })
    };
    Ok(Parts { stage, parts: shelves.iter().map(part).collect::<Result<_, Fault>>()? })
}

pub(super) fn page(
    shelves: &[Shelf],
    parts: &Parts,
    query: &SearchQuery,
    after: Option<&After>,
    limit: usize,
) -> Result<Vec<Row>, Fault> {
    let mut rows = Vec::new();
    for (at, (shelf, part)) in shelves.iter().zip(&parts.parts).enumerate() {
        let shown = Shown { at, shelf, all: &part.all, sort: query.sort, begins: begins(query), after, limit };
        rows.extend(shown.rows(part.matches.as_ref())?);
    }
    rows.sort_unstable();
    rows.truncate(limit);
    Ok(rows)
}
