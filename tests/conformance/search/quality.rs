//! Whether shoppers find what they look for: the first stock, and a hundred queries written before anything was tuned.

use bharatmart_adapters::blobs::FileBlobs;
use bharatmart_adapters::memory::MemoryStore;
use bharatmart_adapters::system::System;
use bharatmart_core::PageSize;
use bharatmart_core::catalog::search_doc;
use bharatmart_core::ports::{CatalogReads, SearchDoc, SearchQuery, SearchSort};
use serde_json::Value;

use super::catalogue::tenant;
use super::worlds::SearchWorld;
use super::{find, text};

bharatmart_tests::on_every!(crate::search::worlds: files => [
    of_a_hundred_queries_ninety_five_find_it_among_the_first_five,
]);

const QUERIES: &str = include_str!("../../search/queries.tsv");
const TOP: usize = 5;

async fn of_a_hundred_queries_ninety_five_find_it_among_the_first_five(world: SearchWorld) {
    world.apply(&first_stock().await).await;
    let search = world.reader("reader").await;
    let size = PageSize::parse(TOP as u64).expect("a size");
    let (mut asked, mut failed) = (0, Vec::new());
    for line in QUERIES.lines().filter(|line| !line.starts_with('#')) {
        let (words, wanted) = line.split_once('\t').expect("a query and what it must find");
        let query = SearchQuery { size, sort: SearchSort::Relevance, ..text(words) };
        let names: Vec<_> = find(&*search, &query).await.rows.iter().map(|row| name(row)).collect();
        asked += 1;
        if !wanted.split('|').any(|wanted| names.iter().any(|name| name.starts_with(wanted))) {
            failed.push(format!("{words}: {names:?}, not {wanted}"));
        }
    }
    assert_eq!(asked, 100);
    assert!(failed.len() <= 5, "{} of 100 failed:\n{}", failed.len(), failed.join("\n"));
}

fn name(row: &str) -> String {
    let row: Value = serde_json::from_str(row).expect("a row is JSON");
    row["name"].as_str().expect("a name").to_owned()
}

async fn first_stock() -> Vec<SearchDoc> {
    let (store, folder) = (MemoryStore::new(), tempfile::tempdir().expect("a folder"));
    let blobs = FileBlobs::open(folder.path()).expect("a folder");
    bharatmart_seed::seed(&store, &blobs, &tenant(), &System, &System).await.expect("seeded");
    let categories = store.categories(&tenant()).await.expect("categories");
    let newest = store.newest_products(&tenant(), None, None, 1_000).await.expect("ids");
    let products = store.products(&tenant(), &newest).await.expect("products");
    let docs = products.iter().filter_map(|stocked| {
        let category = categories.iter().find(|category| category.id == stocked.product.category)?;
        search_doc(&tenant(), stocked, category)
    });
    docs.collect()
}
