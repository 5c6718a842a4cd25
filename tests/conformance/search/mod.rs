//! The search index and its readers: what is applied is found, in order and once, by whoever looks, whatever dies.
//! Each test runs on every blob store, since that is where the index lives.

mod catalogue;
mod facets;
mod finding;
mod hindered;
mod large;
mod orders;
mod publishing;
mod quality;
mod reading;
mod rebuilding;
mod recovery;
mod suggesting;
mod words;
mod worlds;

use bharatmart_core::PageSize;
use bharatmart_core::ports::{Found, Search, SearchDoc, SearchQuery, SearchSort, SortKey};

use self::catalogue::{id_of, tenant};

/// Everything of the tenant `main`, newest first.
fn everything() -> SearchQuery {
    SearchQuery { size: PageSize::MAX, ..SearchQuery::all(&tenant()) }
}

fn text(text: &str) -> SearchQuery {
    SearchQuery { text: Some(text.to_owned()), sort: SearchSort::Relevance, ..everything() }
}

async fn find(search: &dyn Search, query: &SearchQuery) -> Found {
    (*search.find(query).await.expect("search answers")).clone()
}

/// The ids that a query finds, page by page to the end, with a total that never changes.
async fn walk(search: &dyn Search, query: &SearchQuery) -> Vec<String> {
    let (mut rows, mut total, mut after) = (Vec::new(), None, query.after.clone());
    loop {
        let page = find(search, &SearchQuery { after: after.take(), ..query.clone() }).await;
        assert_eq!(*total.get_or_insert(page.total), page.total, "{query:?}");
        rows.extend(page.rows.iter().map(|row| id_of(row)));
        let Some(next) = page.next else { break };
        assert_eq!(page.rows.len(), query.size.get(), "only the last page is not full: {query:?}");
        after = Some(next);
    }
    if query.after.is_none() {
        assert_eq!(total, Some(rows.len() as u64), "{query:?}");
    }
    rows
}

fn ids<'a>(docs: impl IntoIterator<Item = &'a SearchDoc>) -> Vec<String> {
    docs.into_iter().map(|doc| doc.id.to_string()).collect()
}

fn sorted(mut ids: Vec<String>) -> Vec<String> {
    ids.sort();
    ids
}

fn page(rows: u64) -> PageSize {
    PageSize::parse(rows).expect("a size of a page")
}

fn after(page: &Found) -> Option<SortKey> {
    assert!(page.next.is_some(), "there is a next page");
    page.next.clone()
}
