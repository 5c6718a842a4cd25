//! A segment so large that its orders are read off: what is found is the same as where rows are sorted.

use bharatmart_core::Paise;
use bharatmart_core::ports::{Fence, Search, SearchDoc, SearchQuery, SearchSort};
use bharatmart_tests::data;

use super::catalogue::{folded, plainly, some_docs};
use super::orders::SORTS;
use super::rebuilding::rebuild;
use super::worlds::SearchWorld;
use super::{everything, ids, page, text, walk};

bharatmart_tests::on_every!(crate::search::worlds: files => [
    a_large_segment_answers_as_a_small_one_does,
]);

async fn a_large_segment_answers_as_a_small_one_does(world: SearchWorld) {
    let mut docs = some_docs(60, 9_000);
    let index = world.index("writer").await;
    rebuild(&*index, Fence(1), &docs).await;
    // Some are deleted in the large one, and stand in a small one beside it.
    for doc in docs.iter_mut().step_by(501) {
        doc.version += 1;
        doc.price = Paise::from_rupees(450);
    }
    let changed: Vec<SearchDoc> = docs.iter().step_by(501).cloned().collect();
    index.apply(Fence(1), changed, vec![], data::at(5)).await.expect("applied");
    let search = world.reader("reader").await;
    for sort in SORTS {
        let all = SearchQuery { sort, ..everything() };
        assert_eq!(walk(&*search, &all).await, ids(plainly(&docs, &all)), "{sort:?}");
        let some = SearchQuery {
            categories: vec![data::slug("books"), data::slug("home"), data::slug("toys")],
            least_price: Some(Paise::from_rupees(100)),
            most_price: Some(Paise::from_rupees(700)),
            in_stock: true,
            least_rating: Some(10),
            size: page(41),
            ..all
        };
        assert_eq!(walk(&*search, &some).await, ids(plainly(&docs, &some)), "{sort:?}");
    }
    searches_rank_as_one_by_one(&*search, &docs).await;
}

/// Rows of one grade by popularity, and grade after grade: the same whether grades are combined or rows are ranked.
async fn searches_rank_as_one_by_one(search: &dyn Search, docs: &[SearchDoc]) {
    let by_popularity = plainly(docs, &SearchQuery { sort: SearchSort::Sales, ..everything() });
    let named = |doc: &SearchDoc, word: &str| folded(&doc.name).contains(word);
    type Has = fn(&SearchDoc) -> bool;
    let others: [(&str, Has); 2] =
        [("atta", |doc| doc.tags.iter().any(|tag| tag == "आटा")), ("elan", |doc| folded(&doc.brand) == "elan")];
    for (word, has) in others {
        let (first, rest): (Vec<_>, Vec<_>) =
            by_popularity.iter().copied().filter(|doc| named(doc, word) || has(doc)).partition(|doc| named(doc, word));
        assert!(first.len() > 1_500 && rest.len() > 1_500, "enough to combine grades");
        let query = SearchQuery { size: page(93), ..text(word) };
        assert_eq!(walk(search, &query).await, ids(first.into_iter().chain(rest)), "{word}");
    }
}
