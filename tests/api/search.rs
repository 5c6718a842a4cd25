//! From a commit by way of its event, the queue and the worker to what a search finds.

use std::collections::BTreeSet;
use std::time::Duration;

use bharatmart_tests::{eventually, eventually_within};
use form_urlencoded::byte_serialize;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use serde_json::{Value, json};

use crate::orders::buying::{Buyer, PATIENCE, order_of};
use crate::world::{Shop, on_every_shop, product};

on_every_shop!(
    a_new_product_is_found_within_moments,
    a_typo_and_the_beginning_of_a_word_are_understood,
    words_nobody_sells_find_nothing,
    any_text_is_searched_without_an_error,
    a_search_is_walked_once_by_its_cursor,
    hindi_in_either_script_finds_the_same,
    what_was_found_is_marked_and_a_name_stays_text,
    facets_count_what_another_choice_would_bring,
    lists_are_narrowed_by_brand_and_rating,
    the_best_sold_come_first_when_asked_so,
    what_sold_alike_is_sorted_by_how_many_rated_it,
    suggestions_come_as_one_types,
    a_wrong_search_parameter_names_the_field,
    generated_questions_are_answered_or_refused_and_never_fail,
    the_index_is_built_anew_while_it_serves,
);

/// The index is written every 100 ms here; the rest is a busy machine's.
const MOMENTS: Duration = Duration::from_secs(15);

async fn a_new_product_is_found_within_moments(shop: &Shop) {
    let word = format!("zarda{}", shop.unique());
    let created = shop.create(&product(&format!("Royal {word} Rice"))).await.expect(201).json();
    let path = format!("/api/v1/search?q={word}");
    eventually_within(MOMENTS, "the product is found", || async {
        let page = shop.client.get(&path).await.expect(200).json();
        page["data"].as_array().unwrap().iter().any(|row| row["id"] == created["id"])
    })
    .await;
    let page = shop.client.get(&path).await.expect(200).json();
    assert_eq!(page["total"], 1, "it is in the index once");
}

async fn a_typo_and_the_beginning_of_a_word_are_understood(shop: &Shop) {
    let names = |page: &Value| {
        page["data"]
            .as_array()
            .unwrap()
            .iter()
            .map(|row| row["name"].as_str().unwrap().to_lowercase())
            .collect::<Vec<_>>()
    };
    for query in ["kurta", "kutra", "kurt"] {
        let page = shop.client.get(&format!("/api/v1/search?q={query}")).await.expect(200).json();
        assert!(names(&page).iter().any(|name| name.contains("kurta")), "{query}: {:?}", names(&page));
    }
}

async fn words_nobody_sells_find_nothing(shop: &Shop) {
    let page = shop.client.get("/api/v1/search?q=xylophonequartz").await.expect(200).json();
    assert_eq!(page["total"], 0);
    assert_eq!(page["next_cursor"], Value::Null);
}

async fn any_text_is_searched_without_an_error(shop: &Shop) {
    for text in [
        "%22",
        "AND",
        "(",
        "a%3Ab",
        "*",
        "-",
        "%F0%9F%98%80",
        "%E0%A4%86%E0%A4%9F%E0%A4%BE",
        "name%3A%5B",
        "%5C",
        "a+OR+b",
    ] {
        let answer = shop.client.get(&format!("/api/v1/search?q={text}")).await;
        answer.expect(200);
    }
}

/// By age, since a product that another test adds meanwhile may move the ranks of all others.
async fn a_search_is_walked_once_by_its_cursor(shop: &Shop) {
    let search = "/api/v1/search?q=cotton&limit=3&sort=newest";
    let mut page = shop.client.get(search).await.expect(200).json();
    let total = page["total"].as_u64().unwrap() as usize;
    let mut seen = Vec::new();
    loop {
        seen.extend(page["data"].as_array().unwrap().iter().map(|row| row["id"].as_str().unwrap().to_owned()));
        let Some(cursor) = page["next_cursor"].as_str() else { break };
        page = shop.client.get(&format!("{search}&cursor={cursor}")).await.expect(200).json();
    }
    let different: BTreeSet<_> = seen.iter().collect();
    assert!(total > 3 && seen.len() == total && different.len() == total, "{total}: {seen:?}");
}

fn names(page: &Value) -> Vec<String> {
    page["data"].as_array().unwrap().iter().map(|row| row["name"].as_str().unwrap().to_owned()).collect()
}

fn encoded(text: &str) -> String {
    byte_serialize(text.as_bytes()).collect()
}

async fn hindi_in_either_script_finds_the_same(shop: &Shop) {
    for words in ["atta", "aata", "आटा"] {
        let page = shop.client.get(&format!("/api/v1/search?q={}", encoded(words))).await.expect(200).json();
        let found = names(&page);
        assert!(found.iter().take(5).any(|name| name == "Chakki Fresh Whole Wheat Atta"), "{words}: {found:?}");
    }
}

async fn what_was_found_is_marked_and_a_name_stays_text(shop: &Shop) {
    let word = format!("bijoy{}", shop.unique());
    let name = format!("<img src=x onerror=alert(1)> {word} & \"Sons\"");
    shop.create(&product(&name)).await.expect(201);
    let path = format!("/api/v1/search?q={word}");
    eventually("it is found", || async { shop.client.get(&path).await.expect(200).json()["total"] == 1 }).await;
    let row = shop.client.get(&path).await.expect(200).json()["data"][0].clone();
    assert_eq!(row["name"], json!(name));
    let marks = row["highlights"]["name"].as_array().unwrap();
    let whole: String = marks.iter().map(|part| part["text"].as_str().unwrap()).collect();
    let hits: Vec<_> = marks.iter().filter(|part| part["hit"] == true).map(|part| &part["text"]).collect();
    assert_eq!((whole, hits), (name, vec![&json!(word)]));
    let list = shop.client.get("/api/v1/products?limit=1").await.expect(200).json();
    assert_eq!(list["data"][0]["highlights"], Value::Null, "a list has none");
}

async fn facets_count_what_another_choice_would_bring(shop: &Shop) {
    let page = shop.client.get("/api/v1/products?category=books&facets=true&limit=1").await.expect(200).json();
    let facets = &page["facets"];
    let count = |list: &Value, key: &str, value: &str| {
        list.as_array().unwrap().iter().find(|row| row[key] == value).map(|row| row["count"].clone())
    };
    assert_eq!(count(&facets["categories"], "slug", "books"), Some(page["total"].clone()));
    assert!(count(&facets["categories"], "slug", "toys").is_some(), "another category would bring its own");
    assert_eq!(count(&facets["categories"], "name", "Books and Stationery"), Some(page["total"].clone()));
    assert_eq!(count(&facets["brands"], "name", "Ank Books"), Some(json!(4)));
    assert_eq!(count(&facets["brands"], "name", "Sona Khet"), None, "it makes no books");
    let sum = |list: &Value| list.as_array().unwrap().iter().map(|row| row["count"].as_u64().unwrap()).sum::<u64>();
    assert_eq!(json!(sum(&facets["prices"])), page["total"]);
    assert_eq!(facets["prices"][0]["max"], json!({ "amount": 9_999, "currency": "INR" }));
    assert_eq!(facets["ratings"][0]["min"], json!(4.0));
    assert!(facets["in_stock"].as_u64().unwrap() > 20);
    let without = shop.client.get("/api/v1/products?category=books&limit=1").await.expect(200).json();
    assert_eq!(without["facets"], Value::Null);
}

async fn lists_are_narrowed_by_brand_and_rating(shop: &Shop) {
    let page = shop.client.get("/api/v1/products?brand=ank%20books").await.expect(200).json();
    let rows = page["data"].as_array().unwrap();
    assert!(rows.len() == 4 && rows.iter().all(|row| row["brand"] == "Ank Books"), "{rows:?}");
    let page = shop.client.get("/api/v1/search?q=dhwani&min_rating=4.3").await.expect(200).json();
    let ratings: Vec<_> =
        page["data"].as_array().unwrap().iter().map(|row| row["rating"]["average"].as_f64()).collect();
    assert!(!ratings.is_empty() && ratings.iter().all(|rating| rating.unwrap() >= 4.3), "{ratings:?}");
    let page = shop.client.get("/api/v1/products?featured=true&brand=nobody").await.expect(200).json();
    assert_eq!(page["total"], 0);
}

async fn the_best_sold_come_first_when_asked_so(shop: &Shop) {
    let (buyer, brand) = (Buyer::new(shop).await, format!("Bikri {}", shop.unique()));
    let put_up = async |name: &str| {
        let mut input = product(name);
        input["brand"] = json!(brand);
        input["variants"][0]["price"]["amount"] = json!(25_000);
        let created = shop.create(&input).await.expect(201).json();
        created["variants"][0]["sku"].as_str().unwrap().to_owned()
    };
    let (first, second) = (put_up("First").await, put_up("Second").await);
    put_up("Nobody's").await;
    let path = format!("/api/v1/products?brand={}&sort=sales", encoded(&brand));
    let listed = async |what: &str, order: [&str; 3]| {
        let so = || async { names(&shop.client.get(&path).await.expect(200).json()) == order };
        eventually_within(PATIENCE, what, so).await;
    };
    let ordered =
        async |sku: &str, quantity| buyer.place(&order_of(&[(sku, quantity)], "upi")).await.expect(201).json();
    let bought = async |sku: &str, quantity| {
        let order = ordered(sku, quantity).await;
        assert_eq!(buyer.pay(&order, "success@upi").await.expect(201).json()["status"], "captured");
        order
    };
    listed("newest first until something is sold", ["Nobody's", "Second", "First"]).await;
    bought(&first, 2).await;
    ordered(&second, 3).await;
    listed("one is sold, of another some are held", ["First", "Nobody's", "Second"]).await;
    let more = bought(&second, 4).await;
    listed("the other sold better", ["Second", "First", "Nobody's"]).await;
    buyer.cancel(&more).await.expect(200);
    listed("what came back was not sold", ["First", "Nobody's", "Second"]).await;
}

async fn what_sold_alike_is_sorted_by_how_many_rated_it(shop: &Shop) {
    let page = shop.client.get("/api/v1/products?brand=ank%20books&sort=sales").await.expect(200).json();
    let counts: Vec<_> = page["data"].as_array().unwrap().iter().map(|row| row["rating"]["count"].as_u64()).collect();
    assert!(counts.len() == 4 && counts.is_sorted_by(|more, less| more >= less), "{counts:?}");
}

async fn suggestions_come_as_one_types(shop: &Shop) {
    let suggest = async |text: &str| {
        let path = format!("/api/v1/search/suggest?q={}", encoded(text));
        shop.client.get(&path).await.expect(200).json()["data"].clone()
    };
    let suggested = suggest("book").await;
    assert_eq!(suggested[0], json!({ "kind": "category", "text": "Books and Stationery", "slug": "books" }));
    let suggested = suggest("dhwa").await;
    assert_eq!(suggested[0], json!({ "kind": "brand", "text": "Dhwani" }));
    let named = |row: &&Value| row["kind"] == "product" && row["text"].as_str().unwrap().contains("Dhwani");
    let products: Vec<_> = suggested.as_array().unwrap().iter().filter(named).collect();
    assert!(products.len() >= 3, "{suggested}");
    let slug = products[0]["slug"].as_str().unwrap();
    let shown = shop.client.get(&format!("/api/v1/products/{slug}")).await.expect(200).json();
    assert_eq!(shown["id"], products[0]["id"]);
    assert!(suggest("s").await.as_array().unwrap().len() <= 8);
    assert_eq!(suggest("?!").await, json!([]));
}

async fn a_wrong_search_parameter_names_the_field(shop: &Shop) {
    for (path, field) in [
        ("/api/v1/search", "q"),
        ("/api/v1/search?q=", "q"),
        ("/api/v1/search/suggest", "q"),
        ("/api/v1/search/suggest?q=a&limit=3", "limit"),
        ("/api/v1/search?q=a&min_rating=6", "min_rating"),
        ("/api/v1/search?q=a&min_rating=4.25", "min_rating"),
        ("/api/v1/search?q=a&facets=perhaps", "facets"),
        ("/api/v1/search?q=a&sort=colour", "sort"),
        ("/api/v1/search?q=a&brands=x", "brands"),
    ] {
        shop.client.get(path).await.expect_field(422, "validation_failed", field);
    }
    let long = "x".repeat(201);
    for (path, field) in [("search?q=", "q"), ("search/suggest?q=", "q"), ("products?brand=", "brand")] {
        shop.client.get(&format!("/api/v1/{path}{long}")).await.expect_field(422, "validation_failed", field);
    }
}

async fn generated_questions_are_answered_or_refused_and_never_fail(shop: &Shop) {
    let mut random = StdRng::seed_from_u64(11);
    let names = [
        "q",
        "category",
        "brand",
        "tag",
        "min_price",
        "max_price",
        "min_rating",
        "in_stock",
        "featured",
        "facets",
        "sort",
        "limit",
        "cursor",
        "what",
    ];
    let values =
        ["atta", "books", "0", "-1", "5", "1e9", "99999999999999999999", "true", "newest", "sales", "name", "..", ""];
    for route in ["search", "products", "search/suggest"] {
        for _ in 0..50 {
            let some = random.random_range(0..5);
            let pairs = names.choose_multiple(&mut random, some).copied().collect::<Vec<_>>();
            let pairs = pairs.into_iter().map(|name| {
                let odd: String = (0..random.random_range(0..40)).map(|_| random.random::<char>()).collect();
                let value =
                    if random.random_bool(0.5) { odd } else { (*values.choose(&mut random).unwrap()).to_owned() };
                format!("{name}={}", encoded(&value))
            });
            let path = format!("/api/v1/{route}?{}", pairs.collect::<Vec<_>>().join("&"));
            let answer = shop.client.get(&path).await;
            if answer.status != 200 {
                assert_eq!(answer.status, 422, "{path}");
                assert!(answer.json()["errors"][0]["field"].is_string(), "{path}");
            }
        }
    }
}

async fn the_index_is_built_anew_while_it_serves(shop: &Shop) {
    let word = format!("navya{}", shop.unique());
    shop.create(&product(&format!("{word} Rice"))).await.expect(201);
    let path = format!("/api/v1/search?q={word}");
    eventually("it is found", || async { shop.client.get(&path).await.expect(200).json()["total"] == 1 }).await;
    // Of a brand that no test sells: others add products meanwhile, and take some away.
    let of_the_seed = async || {
        let page = shop.client.get("/api/v1/products?brand=Peepal%20Tree%20Kids&limit=1").await.expect(200).json();
        page["total"].as_u64().unwrap()
    };
    let before = of_the_seed().await;
    let (rebuilt, ()) = tokio::join!(shop.call("search-rebuild"), async {
        for _ in 0..20 {
            assert_eq!(shop.client.get(&path).await.expect(200).json()["total"], 1, "the old index or the new");
        }
    });
    rebuilt.unwrap();
    let late = format!("{word}later");
    shop.create(&product(&format!("{late} Rice"))).await.expect(201);
    eventually("the new index is kept up", || async {
        shop.client.get(&format!("/api/v1/search?q={late}")).await.expect(200).json()["total"] == 1
    })
    .await;
    assert_eq!((before > 0, of_the_seed().await), (true, before), "nothing was lost");
}
