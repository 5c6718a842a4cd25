//! Several edits at once: none is lost without whoever made it being told.

use std::collections::BTreeMap;

use futures_util::future::join_all;
use futures_util::stream::{self, StreamExt};
use serde_json::{Value, json};
use tokio::sync::Mutex;

use super::shopping::{Shopper, made, many_for_sale, quantity};
use crate::client::Answer;
use crate::identity::people::Person;
use crate::world::{Shop, on_every_shop};

on_every_shop!(
    of_a_hundred_edits_from_two_tabs_each_is_in_the_cart_or_answered_409,
    of_edits_that_come_four_at_a_time_most_are_made,
    first_edits_at_once_make_one_cart,
    two_tabs_keep_each_others_lines,
    an_edit_of_an_older_version_is_refused,
    of_ten_edits_of_one_version_one_is_made,
    an_unchanged_cart_is_not_sent_again,
);

/// What a button does to a line.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Edit {
    Add(u64),
    Set(u64),
    TakeOut,
}

impl Edit {
    fn nth(nth: u64) -> Self {
        match nth % 4 {
            0 | 1 => Edit::Add(1 + nth % 3),
            2 => Edit::Set(1 + nth % 5),
            _ => Edit::TakeOut,
        }
    }

    async fn made(self, tab: &Shopper<'_>, sku: &str) -> Answer {
        match self {
            Edit::Add(more) => tab.add(sku, more as i64).await,
            Edit::Set(quantity) => tab.set(sku, quantity as i64).await,
            Edit::TakeOut => tab.delete(&format!("cart/items/{sku}")).await,
        }
    }

    /// How many there are afterwards.
    fn leaves(self, held: u64) -> u64 {
        match self {
            Edit::Add(more) => held + more,
            Edit::Set(quantity) => quantity,
            Edit::TakeOut => 0,
        }
    }
}

/// A hundred edits of ten lines from two tabs, so many at once: each that was made is the next version, holds what all
/// before it did, and is there at the end. Answers how many were refused.
async fn a_hundred_edits(shop: &Shop, at_once: usize) -> usize {
    // One after the other: who has waited two seconds for a crowd beside it gives up before it has lost.
    static ALONE: Mutex<()> = Mutex::const_new(());
    let _alone = ALONE.lock().await;
    let skus = many_for_sale(shop, 10).await;
    let one = Shopper::guest(shop);
    for sku in &skus {
        one.add(sku, 1).await.expect(200);
    }
    let tabs = [one.another_tab(), one.another_tab()];
    let edits = (0..100).map(|nth| {
        let (tab, sku, edit) = (&tabs[nth / 2 % 2], skus[nth / 4 % 10].as_str(), Edit::nth(nth as u64));
        async move { (sku, edit, edit.made(tab, sku).await) }
    });
    let (mut kept, mut refused) = (BTreeMap::new(), 0);
    for (sku, edit, answer) in stream::iter(edits).buffer_unordered(at_once).collect::<Vec<_>>().await {
        match answer.status.as_u16() {
            200 => {
                let cart = answer.json();
                let version = cart["version"].as_u64().unwrap();
                assert_eq!(kept.insert(version, (sku, edit, cart)), None, "two edits made version {version}");
            }
            // Another had taken it out.
            404 => assert_eq!(edit, Edit::TakeOut, "{answer:?}"),
            _ => {
                assert!(!made(answer));
                refused += 1;
            }
        }
    }
    let mut held: BTreeMap<_, _> = skus.iter().map(|sku| (sku.as_str(), 1)).collect();
    let shows = |cart: &Value, held: &BTreeMap<&str, u64>| {
        for sku in &skus {
            assert_eq!(quantity(cart, sku), held[sku.as_str()], "{sku}: {cart}");
        }
    };
    for (before, (version, (sku, edit, cart))) in (10..).zip(&kept) {
        assert_eq!(*version, before + 1, "a version was made by nobody who was told");
        held.entry(*sku).and_modify(|quantity| *quantity = edit.leaves(*quantity));
        shows(cart, &held);
    }
    let cart = one.cart().await;
    assert_eq!(cart["version"], json!(10 + kept.len()));
    shows(&cart, &held);
    refused
}

async fn of_a_hundred_edits_from_two_tabs_each_is_in_the_cart_or_answered_409(shop: &Shop) {
    let refused = a_hundred_edits(shop, 100).await;
    assert!(refused < 100, "whoever came first was refused too");
}

/// Who is refused lost twelve times, each time to an edit that was made, and such an edit makes three others lose once
/// at the most: so a quarter as many are refused as are made, or fewer.
async fn of_edits_that_come_four_at_a_time_most_are_made(shop: &Shop) {
    let refused = a_hundred_edits(shop, 4).await;
    assert!(refused <= 20, "{refused} were refused");
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
