//! Filters, tenants and rows.

use bharatmart_core::ports::{Fence, SearchDoc, SearchQuery, SearchSort};
use bharatmart_core::{Paise, Tenant};
use bharatmart_tests::data;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};

use super::catalogue::{CATEGORIES, TAGS, a_doc, plainly, some_docs, tenant};
use super::orders::SORTS;
use super::worlds::SearchWorld;
use super::{everything, find, ids, page, sorted, text, walk};

bharatmart_tests::on_every!(crate::search::worlds: files, s3 => [
    a_row_comes_back_as_it_was_given,
    filters_combine,
    no_tenant_finds_anothers_rows,
    a_product_that_is_gone_is_not_found,
    an_empty_index_answers_with_no_rows,
]);

async fn a_row_comes_back_as_it_was_given(world: SearchWorld) {
    let doc = SearchDoc { shown: r#"{"id":"x","name":"आटा \"5 kg\"  "}"#.to_owned(), ..a_doc("आटा") };
    world.apply(std::slice::from_ref(&doc)).await;
    let found = find(&*world.reader("reader").await, &everything()).await;
    assert_eq!(found.rows.iter().map(|row| &**row).collect::<Vec<_>>(), [doc.shown.as_str()]);
    assert_eq!((found.total, found.next), (1, None));
}

async fn filters_combine(world: SearchWorld) {
    let docs = some_docs(1, 400);
    world.apply(&docs).await;
    let search = world.reader("reader").await;
    let mut random = StdRng::seed_from_u64(2);
    let mut found_some = 0;
    for _ in 0..200 {
        let query = some_query(&mut random);
        let expected = ids(plainly(&docs, &query));
        found_some += u32::from(!expected.is_empty());
        assert_eq!(walk(&*search, &query).await, expected, "{query:?}");
    }
    assert!(found_some > 50, "the queries are worth asking: {found_some}");
}

fn some_query(random: &mut StdRng) -> SearchQuery {
    let price = |random: &mut StdRng| {
        let rupees = random.random_range(0..10) * 100 + random.random_range(0..2);
        random.random_bool(0.3).then(|| Paise::from_rupees(rupees))
    };
    let categories = random.random_range(0..3) * usize::from(random.random_bool(0.5));
    let brand =
        random.random_bool(0.2).then(|| *["sona khet", "élan", "Elan", "घर", "none"].choose(random).expect("some"));
    let tag = random.random_bool(0.4).then(|| *TAGS.choose(random).expect("some"));
    SearchQuery {
        tenant: if random.random_bool(0.2) { data::tenant("other") } else { tenant() },
        categories: CATEGORIES.choose_multiple(random, categories).map(|slug| data::slug(slug)).collect(),
        brand: brand.map(str::to_owned),
        tag: tag.map(str::to_owned),
        least_price: price(random),
        most_price: price(random),
        least_rating: random.random_bool(0.2).then(|| random.random_range(0..=50)),
        in_stock: random.random_bool(0.3),
        featured: random.random_bool(0.1),
        sort: *SORTS.choose(random).expect("some"),
        size: page(random.random_range(1..=100)),
        ..everything()
    }
}

async fn no_tenant_finds_anothers_rows(world: SearchWorld) {
    let ours = a_doc("Basmati rice");
    // Of the same id even: it is the tenant's own.
    let theirs = SearchDoc { tenant: data::tenant("other"), name: "Basmati theirs".to_owned(), ..ours.clone() };
    world.apply(&[ours.clone(), theirs.clone()]).await;
    let search = world.reader("reader").await;
    let of = |tenant: &str, query: SearchQuery| SearchQuery { tenant: data::tenant(tenant), ..query };
    for (tenant, word, found) in [
        ("main", "basmati", 1),
        ("main", "theirs", 0),
        ("other", "theirs", 1),
        ("other", "rice", 0),
        ("none", "rice", 0),
    ] {
        assert_eq!(find(&*search, &of(tenant, text(word))).await.total, found, "{tenant} {word}");
    }
    world
        .index("writer")
        .await
        .apply(Fence(1), vec![], vec![(ours.tenant, ours.id)], data::at(1))
        .await
        .expect("applied");
    assert_eq!(find(&*search, &of("main", everything())).await.total, 0);
    assert_eq!(find(&*search, &of("other", everything())).await.total, 1);
}

async fn a_product_that_is_gone_is_not_found(world: SearchWorld) {
    let docs = some_docs(3, 40);
    world.apply(&docs).await;
    let gone = docs[..15].iter().map(|doc| (doc.tenant.clone(), doc.id)).collect();
    let known_to_nobody = (Tenant::main(), data::product_id());
    let index = world.index("writer").await;
    let info = index.apply(Fence(1), vec![], gone, data::at(1)).await.expect("applied");
    assert_eq!(info.documents, 25);
    let search = world.reader("reader").await;
    assert_eq!(walk(&*search, &everything()).await, ids(plainly(&docs[15..], &everything())));
    let again = index.apply(Fence(1), vec![], vec![known_to_nobody], data::at(2)).await.expect("applied");
    assert_eq!(again, info, "nothing has changed");
}

async fn an_empty_index_answers_with_no_rows(world: SearchWorld) {
    world.apply(&[]).await;
    let search = world.reader("reader").await;
    assert_eq!(search.snapshot().await.expect("answers").map(|info| info.documents), Some(0));
    for query in [everything(), text("atta"), SearchQuery { sort: SearchSort::Name, ..everything() }] {
        assert_eq!(sorted(walk(&*search, &query).await), Vec::<String>::new());
    }
}
