//! From a commit by way of its event, the queue and the worker to what a search finds.

use std::collections::BTreeSet;

use bharatmart_tests::eventually;
use serde_json::Value;

use crate::world::{Shop, on_every_shop, product};

on_every_shop!(
    a_new_product_is_found_within_moments,
    a_typo_and_the_beginning_of_a_word_are_understood,
    words_nobody_sells_find_nothing,
    any_text_is_searched_without_an_error,
    a_search_is_walked_once_by_its_cursor,
);

async fn a_new_product_is_found_within_moments(shop: &Shop) {
    let word = format!("zarda{}", shop.unique());
    let created = shop.create(&product(&format!("Royal {word} Rice"))).await.expect(201).json();
    let path = format!("/api/v1/search?q={word}");
    eventually("the product is found", || async {
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
