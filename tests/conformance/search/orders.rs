//! Orders and pages: each row once, whatever is equal and wherever a page ends.

use bharatmart_core::ports::{Search, SearchDoc, SearchQuery, SearchSort};
use bharatmart_tests::data;

use super::catalogue::{a_doc, folded, id_of, plainly, repriced, some_docs, tenant};
use super::worlds::SearchWorld;
use super::{after, everything, find, ids, page, sorted, text, walk};

bharatmart_tests::on_every!(crate::search::worlds: files, s3 => [
    every_order_lists_each_row_once,
    relevance_lists_each_row_once,
    a_page_begins_after_a_row_that_has_gone,
    a_walk_goes_on_over_a_snapshot_that_is_published_meanwhile,
]);

pub const SORTS: [SearchSort; 7] = [
    SearchSort::Relevance,
    SearchSort::Newest,
    SearchSort::PriceAsc,
    SearchSort::PriceDesc,
    SearchSort::Rating,
    SearchSort::Sales,
    SearchSort::Name,
];

/// Over more than a thousand products the index has several segments, and over changes it has deleted rows.
async fn several_segments(world: &SearchWorld) -> Vec<SearchDoc> {
    let mut docs = some_docs(4, 2_300);
    world.apply(&docs[..1_150]).await;
    world.apply(&docs[1_150..]).await;
    for doc in docs.iter_mut().step_by(23) {
        *doc = repriced(doc, 450);
    }
    let changed: Vec<_> = docs.iter().step_by(23).cloned().collect();
    world.apply(&changed).await;
    docs
}

async fn every_order_lists_each_row_once(world: SearchWorld) {
    let docs = several_segments(&world).await;
    let search = world.reader("reader").await;
    for sort in SORTS {
        let in_order = |size| SearchQuery { sort, size: page(size), ..everything() };
        let expected = ids(plainly(&docs, &in_order(1)));
        assert_eq!(walk(&*search, &in_order(97)).await, expected, "{sort:?}");
        let books = SearchQuery { categories: vec![data::slug("books")], tag: Some("gift".to_owned()), ..in_order(1) };
        assert_eq!(walk(&*search, &books).await, ids(plainly(&docs, &books)), "{sort:?}, row by row");
    }
}

async fn relevance_lists_each_row_once(world: SearchWorld) {
    let docs = several_segments(&world).await;
    let search = world.reader("reader").await;
    for word in ["atta", "bas", "basmatti", "elan"] {
        let beginning = &word[..3];
        let matches = |doc: &&SearchDoc| {
            let named = [&doc.name, &doc.brand].into_iter().any(|text| folded(text).contains(beginning));
            let tagged = word == "atta" && doc.tags.iter().any(|tag| tag == "आटा");
            doc.tenant == tenant() && (named || tagged)
        };
        let found = walk(&*search, &SearchQuery { size: page(50), ..text(word) }).await;
        assert_eq!(sorted(found), sorted(ids(docs.iter().filter(matches))), "{word}");
        // The same rows in any other order.
        let by_name = SearchQuery { sort: SearchSort::Name, size: page(33), ..text(word) };
        let expected = plainly(&docs, &by_name);
        assert_eq!(walk(&*search, &by_name).await, ids(expected.into_iter().filter(matches)), "{word}");
    }
}

async fn a_page_begins_after_a_row_that_has_gone(world: SearchWorld) {
    let mut docs: Vec<_> = (0..30).map(|n| repriced(&a_doc(&format!("Thing {n:02}")), n / 4)).collect();
    world.apply(&docs).await;
    let search = world.reader("reader").await;
    for sort in [SearchSort::PriceAsc, SearchSort::Name] {
        let query = SearchQuery { sort, size: page(10), ..everything() };
        let first = find(&*search, &query).await;
        let seen = ids(&in_order(&docs, &query)[..10]);
        let last = docs.iter().position(|doc| doc.id.to_string() == seen[9]).expect("the last row");
        let gone = docs.remove(last);
        world.take_out(&gone).await;
        let rest = walk(&*search as &dyn Search, &SearchQuery { after: after(&first), ..query.clone() }).await;
        assert_eq!(rest, ids(&in_order(&docs, &query)[9..]), "{sort:?}");
    }
}

/// Whatever comes in and goes in between, each row that stays as it was is there once: what a place is made of is the
/// row's own and the query's.
async fn a_walk_goes_on_over_a_snapshot_that_is_published_meanwhile(world: SearchWorld) {
    let docs = some_docs(6, 90);
    let (stay, go) = docs.split_at(60);
    world.apply(&docs).await;
    let search = world.reader("reader").await;
    let searches = ["atta", "bas", "basmatti"].map(text);
    let lists = SORTS.map(|sort| SearchQuery { sort, ..everything() });
    for (round, query) in searches.into_iter().chain(lists).enumerate() {
        let query = SearchQuery { size: page(17), ..query };
        let before = walk(&*search, &query).await;
        let mut seen = Vec::new();
        let mut next = None;
        loop {
            let page = find(&*search, &SearchQuery { after: next.take(), ..query.clone() }).await;
            seen.extend(page.rows.iter().map(|row| id_of(row)));
            let more = some_docs(1_000 + round as u64 * 100 + seen.len() as u64, 3);
            world.apply(&more).await;
            if let Some(gone) = go.get(round * 5 + seen.len() / 17) {
                world.take_out(gone).await;
            }
            let Some(key) = page.next else { break };
            next = Some(key);
        }
        let stays = |id: &&String| stay.iter().any(|doc| doc.id.to_string() == **id);
        let of_those = |ids: &[String]| ids.iter().filter(stays).cloned().collect::<Vec<_>>();
        assert_eq!(of_those(&seen), of_those(&before), "{query:?}");
    }
}

fn in_order(docs: &[SearchDoc], query: &SearchQuery) -> Vec<SearchDoc> {
    plainly(docs, query).into_iter().cloned().collect()
}
