//! Counts of what there is, compared with plain counting.

use std::collections::BTreeMap;

use bharatmart_core::ports::{Fence, Search, SearchDoc, SearchQuery};
use bharatmart_core::{Paise, Slug};
use bharatmart_tests::data;

use super::catalogue::{plainly, some_docs};
use super::rebuilding::rebuild;
use super::worlds::SearchWorld;
use super::{everything, find, page, text};

bharatmart_tests::on_every!(crate::search::worlds: files => [
    facets_count_what_another_choice_would_bring,
    facets_of_many_are_as_exact_as_of_few,
    facets_of_a_search_count_what_it_finds,
    facets_are_counted_only_when_asked_for,
]);

fn counted<K: Ord>(docs: &[&SearchDoc], key: impl Fn(&SearchDoc) -> K) -> BTreeMap<K, u64> {
    let mut counts = BTreeMap::new();
    for doc in docs {
        *counts.entry(key(doc)).or_default() += 1;
    }
    counts
}

async fn facets_count_what_another_choice_would_bring(world: SearchWorld) {
    let docs = some_docs(50, 700);
    world.apply(&docs).await;
    counted_as_plainly(&*world.reader("reader").await, &docs).await;
}

/// So many that they are not looked at one by one, and a few that stand beside them.
async fn facets_of_many_are_as_exact_as_of_few(world: SearchWorld) {
    let mut docs = some_docs(53, 14_000);
    let index = world.index("writer").await;
    rebuild(&*index, Fence(1), &docs).await;
    for doc in docs.iter_mut().step_by(700) {
        doc.version += 1;
        doc.price = Paise::from_rupees(450);
    }
    let changed: Vec<SearchDoc> = docs.iter().step_by(700).cloned().collect();
    index.apply(Fence(1), changed, vec![], data::at(5)).await.expect("applied");
    counted_as_plainly(&*world.reader("reader").await, &docs).await;
}

async fn counted_as_plainly(search: &dyn Search, docs: &[SearchDoc]) {
    let filtered = SearchQuery {
        categories: vec![data::slug("books"), data::slug("toys")],
        brand: Some("Élan".to_owned()),
        least_price: Some(Paise::from_rupees(200)),
        least_rating: Some(20),
        in_stock: true,
        facets: true,
        size: page(3),
        ..everything()
    };
    for query in [SearchQuery { facets: true, ..everything() }, filtered] {
        let found = find(search, &query).await;
        let facets = found.facets.expect("they were asked for");
        let but = |query: SearchQuery| plainly(docs, &query);
        let categories: BTreeMap<Slug, u64> = facets.categories.into_iter().collect();
        let expected = counted(&but(SearchQuery { categories: vec![], ..query.clone() }), |doc| doc.category.clone());
        assert_eq!(categories, expected, "{query:?}");
        let brands: BTreeMap<String, u64> = facets.brands.into_iter().collect();
        let expected = counted(&but(SearchQuery { brand: None, ..query.clone() }), |doc| doc.brand.clone());
        assert_eq!(brands, expected, "{query:?}");
        let of_all_prices = but(SearchQuery { least_price: None, most_price: None, ..query.clone() });
        for band in facets.prices {
            let inside = |doc: &&&SearchDoc| doc.price >= band.least && band.most.is_none_or(|most| doc.price <= most);
            assert_eq!(band.count, of_all_prices.iter().filter(inside).count() as u64, "{band:?}");
        }
        let of_all_ratings = but(SearchQuery { least_rating: None, ..query.clone() });
        for (least, count) in facets.ratings {
            assert_eq!(count, of_all_ratings.iter().filter(|doc| doc.rating >= least).count() as u64, "{least}");
        }
        assert_eq!(facets.in_stock, but(SearchQuery { in_stock: true, ..query.clone() }).len() as u64);
        assert_eq!(found.total, but(query.clone()).len() as u64);
    }
}

async fn facets_of_a_search_count_what_it_finds(world: SearchWorld) {
    let docs = some_docs(51, 300);
    world.apply(&docs).await;
    let search = world.reader("reader").await;
    let found = find(&*search, &SearchQuery { facets: true, ..text("basmati") }).await;
    let facets = found.facets.expect("they were asked for");
    assert!(found.total > 20);
    assert_eq!(facets.categories.iter().map(|(_, count)| count).sum::<u64>(), found.total);
    assert_eq!(facets.prices.iter().map(|band| band.count).sum::<u64>(), found.total);
    let nothing = find(&*search, &SearchQuery { facets: true, ..text("?") }).await;
    assert_eq!(nothing.facets.expect("all the same").categories, []);
}

async fn facets_are_counted_only_when_asked_for(world: SearchWorld) {
    world.apply(&some_docs(52, 20)).await;
    let search = world.reader("reader").await;
    assert_eq!(find(&*search, &everything()).await.facets, None);
    assert_eq!(find(&*search, &text("atta")).await.facets, None);
}
