//! A guest's cart comes along at login: every line of both is kept.

use futures_util::future::join_all;
use serde_json::{Value, json};

use super::coupons::make_coupon;
use super::shopping::{Shopper, for_sale, made, many_for_sale, quantity, sold_as};
use crate::client::Answer;
use crate::identity::people::Person;
use crate::world::{Shop, on_every_shop};

on_every_shop!(
    every_line_of_both_carts_is_kept,
    a_sum_is_capped_with_a_note,
    a_merge_that_is_repeated_changes_nothing,
    ten_merges_at_once_count_each_line_once,
    a_merge_and_edits_at_once_lose_nothing,
    without_a_guests_cart_nothing_changes,
    a_coupon_comes_along,
    a_merge_keeps_more_lines_than_one_may_add,
    a_merge_needs_a_login_and_a_good_token,
    a_browsers_cookie_has_done_its_work,
);

async fn merge(who: &Shopper<'_>) -> Answer {
    who.post("cart/merge", &json!({})).await
}

async fn every_line_of_both_carts_is_kept(shop: &Shop) {
    let (person, skus) = (Person::new(shop).await, many_for_sale(shop, 3).await);
    let customer = Shopper::customer(shop, &person);
    customer.add(&skus[0], 1).await.expect(200);
    customer.add(&skus[1], 2).await.expect(200);
    let guest = Shopper::guest(shop);
    guest.add(&skus[1], 3).await.expect(200);
    guest.add(&skus[2], 4).await.expect(200);
    let token = guest.cart_token().unwrap();
    let merged = merge(&guest.logged_in(&person)).await.expect(200).json();
    let held = |cart: &Value| skus.iter().map(|sku| quantity(cart, sku)).collect::<Vec<_>>();
    assert_eq!((held(&merged["cart"]), &merged["notes"]), (vec![1, 5, 4], &json!([])));
    assert_eq!(customer.cart().await, merged["cart"]);
    let left = Shopper::guest(shop).with_token(&token).cart().await;
    assert_eq!((&left["lines"], left.get("id")), (&json!([]), None), "the guest's cart is gone");
}

async fn a_sum_is_capped_with_a_note(shop: &Shop) {
    let person = Person::new(shop).await;
    let sku = sold_as(shop, 5_000, 100, json!({ "max_quantity": 8, "step": 2 })).await;
    Shopper::customer(shop, &person).add(&sku, 6).await.expect(200);
    let guest = Shopper::guest(shop);
    guest.add(&sku, 4).await.expect(200);
    let merged = merge(&guest.logged_in(&person)).await.expect(200).json();
    assert_eq!(quantity(&merged["cart"], &sku), 8);
    assert_eq!(merged["notes"], json!([{ "code": "capped", "sku": sku, "wanted": 10, "quantity": 8 }]));
}

async fn a_merge_that_is_repeated_changes_nothing(shop: &Shop) {
    let (person, sku) = (Person::new(shop).await, for_sale(shop, 5_000, 10).await);
    let guest = Shopper::guest(shop);
    guest.add(&sku, 2).await.expect(200);
    let window = guest.logged_in(&person);
    let first = merge(&window).await.expect(200).json();
    let again = merge(&window).await.expect(200).json();
    assert_eq!((quantity(&again["cart"], &sku), &again), (2, &first));
    let key = shop.unique();
    let other = Shopper::guest(shop);
    other.add(&sku, 1).await.expect(200);
    let window = other.logged_in(&person);
    let with_key = || window.ask("POST", "cart/merge").header("idempotency-key", &key).send();
    let (first, again) = (with_key().await.expect(200), with_key().await.expect(200));
    assert_eq!((again.header("idempotency-replayed"), &again.body), ("true", &first.body));
}

async fn ten_merges_at_once_count_each_line_once(shop: &Shop) {
    let (person, sku) = (Person::new(shop).await, for_sale(shop, 5_000, 100).await);
    let customer = Shopper::customer(shop, &person);
    customer.add(&sku, 1).await.expect(200);
    let guest = Shopper::guest(shop);
    guest.add(&sku, 2).await.expect(200);
    let window = guest.logged_in(&person);
    let answers = join_all((0..10).map(|_| merge(&window))).await;
    let merged: Vec<_> = answers.into_iter().map(made).collect();
    assert!(merged.contains(&true), "whoever came first was refused too");
    assert_eq!(quantity(&customer.cart().await, &sku), 3);
}

async fn a_merge_and_edits_at_once_lose_nothing(shop: &Shop) {
    let (person, skus) = (Person::new(shop).await, many_for_sale(shop, 6).await);
    let guest = Shopper::guest(shop);
    guest.add(&skus[0], 1).await.expect(200);
    let token = guest.cart_token().unwrap();
    let (customer, still) = (Shopper::customer(shop, &person), Shopper::guest(shop).with_token(&token));
    let window = guest.logged_in(&person);
    let by_customer = join_all(skus[1..3].iter().map(|sku| customer.add(sku, 1)));
    let by_guest = join_all(skus[3..].iter().map(|sku| still.add(sku, 1)));
    let ((merged, by_customer), by_guest) =
        futures_util::future::join(futures_util::future::join(merge(&window), by_customer), by_guest).await;
    made(merged);
    // A line that a guest's tab put in after the merge waits in the guest's cart for the next one.
    let (theirs, left) = (customer.cart().await, still.cart().await);
    assert_eq!(quantity(&theirs, &skus[0]) + quantity(&left, &skus[0]), 1);
    for (sku, answer) in skus[1..].iter().zip(by_customer.into_iter().chain(by_guest)) {
        let wanted = u64::from(made(answer));
        assert_eq!(quantity(&theirs, sku) + quantity(&left, sku), wanted, "{sku} of {theirs} and {left}");
    }
}

async fn without_a_guests_cart_nothing_changes(shop: &Shop) {
    let (person, sku) = (Person::new(shop).await, for_sale(shop, 5_000, 10).await);
    let customer = Shopper::customer(shop, &person);
    assert_eq!(merge(&customer).await.expect(200).json()["cart"]["version"], 0);
    let cart = customer.add(&sku, 1).await.expect(200).json();
    let merged = merge(&customer).await.expect(200).json();
    assert_eq!(merged, json!({ "cart": cart, "notes": [] }));
}

async fn a_coupon_comes_along(shop: &Shop) {
    let (person, sku) = (Person::new(shop).await, for_sale(shop, 5_000, 10).await);
    let code = make_coupon(shop, json!({ "benefit": "free_delivery" })).await;
    let guest = Shopper::guest(shop);
    guest.add(&sku, 1).await.expect(200);
    guest.apply(&code).await.expect(200);
    let merged = merge(&guest.logged_in(&person)).await.expect(200).json();
    assert_eq!(merged["cart"]["coupon"], json!(code));
}

async fn a_merge_keeps_more_lines_than_one_may_add(shop: &Shop) {
    let (person, skus) = (Person::new(shop).await, many_for_sale(shop, 61).await);
    let (customer, guest) = (Shopper::customer(shop, &person), Shopper::guest(shop));
    for nth in 0..30 {
        customer.add(&skus[nth], 1).await.expect(200);
        guest.add(&skus[30 + nth], 1).await.expect(200);
    }
    let merged = merge(&guest.logged_in(&person)).await.expect(200).json();
    assert_eq!(merged["cart"]["lines"].as_array().unwrap().len(), 60);
    assert!(skus[..60].iter().all(|sku| quantity(&merged["cart"], sku) == 1));
    customer.add(&skus[60], 1).await.expect_problem(409, "cart_full");
    let seen = customer.post("cart/validate", &json!({})).await.expect(200).json();
    let too_many = json!({ "code": "too_many_lines", "most": 50 });
    assert!(seen["problems"].as_array().unwrap().contains(&too_many), "{seen}");
    assert_eq!(seen["valid"], false);
    customer.add(&skus[0], 1).await.expect(200);
}

async fn a_merge_needs_a_login_and_a_good_token(shop: &Shop) {
    let (person, sku) = (Person::new(shop).await, for_sale(shop, 5_000, 10).await);
    let guest = Shopper::guest(shop);
    guest.add(&sku, 1).await.expect(200);
    merge(&guest).await.expect_problem(401, "token_missing");
    merge(&Shopper::customer(shop, &person).with_token("x.y")).await.expect_problem(401, "cart_token_invalid");
    assert_eq!(quantity(&guest.cart().await, &sku), 1);
}

async fn a_browsers_cookie_has_done_its_work(shop: &Shop) {
    let (person, sku) = (Person::new(shop).await, for_sale(shop, 5_000, 10).await);
    let guest = Shopper::guest(shop);
    guest.add(&sku, 1).await.expect(200);
    let kept = format!("cart_token={}", guest.cart_token().unwrap());
    let ask = Shopper::customer(shop, &person).ask("POST", "cart/merge").header("cookie", &kept);
    let answer = ask.send().await.expect(200);
    assert_eq!(quantity(&answer.json()["cart"], &sku), 1);
    let cleared = answer.header("set-cookie");
    assert!(cleared.starts_with("cart_token=;") && cleared.contains("Max-Age=0"), "{cleared}");
}
