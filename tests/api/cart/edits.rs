//! Several edits at once: none is lost without whoever made it being told.

use std::collections::BTreeMap;

use futures_util::future::join_all;
use serde_json::json;

use super::shopping::{Shopper, made, many_for_sale, quantity};
use crate::identity::people::Person;
use crate::world::{Shop, on_every_shop};

on_every_shop!(
    of_a_hundred_edits_from_two_tabs_each_is_in_the_cart_or_answered_409,
    first_edits_at_once_make_one_cart,
    two_tabs_keep_each_others_lines,
    an_edit_of_an_older_version_is_refused,
    of_ten_edits_of_one_version_one_is_made,
    an_unchanged_cart_is_not_sent_again,
);

async fn of_a_hundred_edits_from_two_tabs_each_is_in_the_cart_or_answered_409(shop: &Shop) {
    let skus = many_for_sale(shop, 10).await;
    let one = Shopper::guest(shop);
    one.add(&skus[0], 1).await.expect(200);
    let tabs = [one.another_tab(), one.another_tab()];
    let edits = (0..100).map(|nth| {
        let (tab, sku, quantity) = (&tabs[nth % 2], &skus[nth % 10], 1 + nth as i64 % 3);
        async move { (sku, quantity, tab.add(sku, quantity).await) }
    });
    let mut kept = BTreeMap::from([(skus[0].as_str(), 1)]);
    let mut told = 0;
    for (sku, quantity, answer) in join_all(edits).await {
        match made(answer) {
            true => *kept.entry(sku.as_str()).or_insert(0) += quantity as u64,
            false => told += 1,
        }
    }
    let cart = one.cart().await;
    for sku in &skus {
        assert_eq!(quantity(&cart, sku), kept.get(sku.as_str()).copied().unwrap_or(0), "{sku}: {cart}");
    }
    assert_eq!(cart["version"], json!(101 - told), "each that was kept is a version");
    assert!(told < 100, "whoever came first was refused too");
}

async fn first_edits_at_once_make_one_cart(shop: &Shop) {
    let (person, skus) = (Person::new(shop).await, many_for_sale(shop, 5).await);
    let tabs: Vec<_> = skus.iter().map(|_| Shopper::customer(shop, &person)).collect();
    let added = join_all(tabs.iter().zip(&skus).map(|(tab, sku)| tab.add(sku, 2))).await;
    let cart = tabs[0].cart().await;
    assert!(added.iter().any(|answer| answer.status == 200), "whoever came first was refused too");
    for (sku, answer) in skus.iter().zip(added) {
        assert_eq!(quantity(&cart, sku), if made(answer) { 2 } else { 0 }, "{sku}: {cart}");
    }
}

async fn two_tabs_keep_each_others_lines(shop: &Shop) {
    let (one, skus) = (Shopper::guest(shop), many_for_sale(shop, 3).await);
    one.add(&skus[0], 1).await.expect(200);
    let other = one.another_tab();
    one.add(&skus[1], 1).await.expect(200);
    other.add(&skus[2], 1).await.expect(200);
    other.delete(&format!("cart/items/{}", skus[0])).await.expect(200);
    let cart = one.cart().await;
    let held: Vec<_> = skus.iter().map(|sku| quantity(&cart, sku)).collect();
    assert_eq!(held, [0, 1, 1]);
}

async fn an_edit_of_an_older_version_is_refused(shop: &Shop) {
    let (guest, skus) = (Shopper::guest(shop), many_for_sale(shop, 2).await);
    let body = json!({ "sku": skus[0], "quantity": 1 });
    let empty = guest.get("cart").await.expect(200).header("etag").to_owned();
    let first = guest.ask("POST", "cart/items").header("if-match", &empty).json(&body).send().await.expect(200);
    let guest = guest.with_token(first.header("x-cart-token"));
    let seen = first.header("etag").to_owned();
    guest.add(&skus[1], 1).await.expect(200);
    let path = format!("cart/items/{}", skus[0]);
    let stale = [
        guest.ask("POST", "cart/items").json(&body),
        guest.ask("PUT", &path).json(&json!({ "quantity": 5 })),
        guest.ask("DELETE", &path),
        guest.ask("DELETE", "cart"),
        guest.ask("POST", "cart/validate").json(&json!({})),
    ];
    for ask in stale {
        ask.header("if-match", &seen).send().await.expect_problem(409, "cart_version_conflict");
    }
    let now = guest.get("cart").await.expect(200);
    assert_eq!(quantity(&now.json(), &skus[0]), 1);
    let fresh = guest.ask("DELETE", &path).header("if-match", now.header("etag")).send().await.expect(200);
    assert_eq!(quantity(&fresh.json(), &skus[0]), 0);
}

async fn of_ten_edits_of_one_version_one_is_made(shop: &Shop) {
    let (guest, sku) = (Shopper::guest(shop), many_for_sale(shop, 1).await.remove(0));
    let seen = guest.add(&sku, 1).await.expect(200).header("etag").to_owned();
    let body = json!({ "sku": sku, "quantity": 1 });
    let add = |_| guest.ask("POST", "cart/items").header("if-match", &seen).json(&body).send();
    let answers = join_all((0..10).map(add)).await;
    assert_eq!(answers.into_iter().map(made).filter(|made| *made).count(), 1);
    assert_eq!(quantity(&guest.cart().await, &sku), 2);
}

async fn an_unchanged_cart_is_not_sent_again(shop: &Shop) {
    let (guest, skus) = (Shopper::guest(shop), many_for_sale(shop, 1).await);
    guest.add(&skus[0], 1).await.expect(200);
    let seen = guest.get("cart").await.expect(200).header("etag").to_owned();
    assert!(seen.starts_with("\"v1-"), "{seen}");
    let again = guest.ask("GET", "cart").header("if-none-match", &seen).send().await.expect(304);
    assert!(again.body.is_empty());
    guest.add(&skus[0], 1).await.expect(200);
    guest.ask("GET", "cart").header("if-none-match", &seen).send().await.expect(200);
}
