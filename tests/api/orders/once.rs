//! What is done once or not at all: keys and their fences, commits that are refused, numbers.

use std::collections::BTreeSet;
use std::time::Duration;

use bharatmart_core::ports::{Answer, Answered, CommitError, Fence, IdempotencyKey, KeyClaim};
use bharatmart_core::{Changes, EventKind, Refusal, Tenant, Timestamp};
use futures_util::future::join_all;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::buying::{Buyer, order_of, stock, text};
use crate::cart::shopping::{for_sale, rupees};
use crate::identity::beside;
use crate::world::{Shop, on_every_shop};

on_every_shop!(
    a_request_that_is_still_running_is_told,
    a_stalled_owner_of_a_key_finishes_nothing,
    an_answer_is_kept_for_a_day,
    a_commit_that_is_refused_leaves_nothing,
    of_many_orders_at_once_each_has_a_number_of_its_own,
);

const LEASE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(24 * 3600);

/// As the shop keeps a customer's key.
fn kept_as(buyer: &Buyer<'_>, key: &str) -> IdempotencyKey {
    IdempotencyKey(format!("{}/orders-place/{key}", buyer.who.id))
}

/// As the shop tells one request from another.
fn hash(body: &Value) -> String {
    let digest = Sha256::digest(format!("/api/v1/orders\0\0{body}"));
    data_encoding::HEXLOWER.encode(&digest)
}

async fn claim(buyer: &Buyer<'_>, key: &str, request: &str, now: Timestamp) -> KeyClaim {
    let key = kept_as(buyer, key);
    buyer.shop.store().claim_key(&Tenant::main(), &key, request, LEASE, now).await.unwrap()
}

async fn claimed(buyer: &Buyer<'_>, key: &str, body: &Value, now: Timestamp) -> Fence {
    match claim(buyer, key, &hash(body), now).await {
        KeyClaim::Mine(fence) => fence,
        other => panic!("the key is free: {other:?}"),
    }
}

async fn a_request_that_is_still_running_is_told(shop: &Shop) {
    let (buyer, sku, key) = (Buyer::new(shop).await, for_sale(shop, 25_000, 12).await, shop.unique());
    let body = order_of(&[(&sku, 1)], "upi");
    let fence = claimed(&buyer, &key, &body, beside::now(shop)).await;
    let answer = buyer.place_with_key(&body, &key).await;
    assert!((1..=30).contains(&answer.header("retry-after").parse::<u32>().unwrap()), "{answer:?}");
    answer.expect_problem(409, "request_in_progress");
    let other = order_of(&[(&sku, 2)], "upi");
    buyer.place_with_key(&other, &key).await.expect_problem(422, "idempotency_key_reused");
    assert_eq!(stock(shop, &sku).await, (12, 0, 12));
    shop.store().free_key(&Tenant::main(), &kept_as(&buyer, &key), fence).await.unwrap();
    buyer.place_with_key(&body, &key).await.expect(201);
}

async fn a_stalled_owner_of_a_key_finishes_nothing(shop: &Shop) {
    let (buyer, sku, key) = (Buyer::new(shop).await, for_sale(shop, 25_000, 12).await, shop.unique());
    let body = order_of(&[(&sku, 1)], "upi");
    let now = beside::now(shop);
    let stalled = claimed(&buyer, &key, &body, now.before(2 * LEASE)).await;
    let order = buyer.place_with_key(&body, &key).await.expect(201).json();
    let answer = Answer { status: 201, headers: Vec::new(), body: "{}".to_owned() };
    let answered = Answered { key: kept_as(&buyer, &key), fence: stalled, answer, expires_at: now.after(DAY) };
    let late = Changes { answer: Some(answered), ..Changes::new(&Tenant::main()) };
    let refused = shop.store().commit(late).await;
    assert!(matches!(refused, Err(CommitError::Refused(Refusal::FenceLost(_)))), "{refused:?}");
    let again = buyer.place_with_key(&body, &key).await.expect(201);
    assert_eq!((again.header("idempotency-replayed"), &again.json()["id"]), ("true", &order["id"]));
    assert_eq!(stock(shop, &sku).await, (12, 1, 11));
}

async fn an_answer_is_kept_for_a_day(shop: &Shop) {
    let (buyer, sku, key) = (Buyer::new(shop).await, for_sale(shop, 25_000, 12).await, shop.unique());
    let before = beside::now(shop);
    buyer.place_with_key(&order_of(&[(&sku, 1)], "upi"), &key).await.expect(201);
    let after = beside::now(shop);
    let kept = claim(&buyer, &key, "another request", before.after(DAY).before(Duration::from_secs(1))).await;
    assert_eq!(kept, KeyClaim::AnotherRequest);
    let free = claim(&buyer, &key, "another request", after.after(DAY).after(Duration::from_secs(1))).await;
    assert!(matches!(free, KeyClaim::Mine(_)), "{free:?}");
}

/// Of eight who use a coupon's last use at once, seven are refused as they commit.
async fn a_commit_that_is_refused_leaves_nothing(shop: &Shop) {
    let sku = for_sale(shop, 50_000, 50).await;
    let code = format!("L{}", shop.unique()).to_uppercase();
    let coupon = json!({
        "code": code, "benefit": "percent", "percent": 10, "minimum": rupees(100),
        "starts_at": "2026-01-01T00:00:00Z", "ends_at": "2036-01-01T00:00:00Z", "total_limit": 1, "active": true,
    });
    shop.client.ask("POST", "/api/v1/admin/coupons").token(&shop.admin).json(&coupon).send().await.expect(201);
    let mut body = order_of(&[(&sku, 1)], "upi");
    body["coupon"] = json!(code);
    let buyers = join_all((0..8).map(|_| Buyer::new(shop))).await;
    let key = shop.unique();
    let answers = join_all(buyers.iter().map(|buyer| buyer.place_with_key(&body, &key))).await;
    let (placed, refused): (Vec<_>, Vec<_>) = buyers.iter().zip(answers).partition(|(_, answer)| answer.status == 201);
    assert_eq!((placed.len(), stock(shop, &sku).await), (1, (50, 1, 49)));
    assert_eq!(shop.store().counted(&Tenant::main(), &format!("coupon/{code}")).await.unwrap(), 1);
    // Nor is anybody told of what was not done.
    let told = shop.store().newest_events(10_000).await.unwrap().into_iter();
    let told = told.filter(|event| event.kind == EventKind::OrderPlaced).map(|event| event.data["user_id"].clone());
    let told: Vec<_> = told.filter(|user| buyers.iter().any(|buyer| buyer.who.id == *user)).collect();
    assert_eq!(told, [placed[0].0.who.id.as_str()]);
    for (buyer, answer) in refused {
        answer.expect_problem(409, "coupon_limit_reached");
        let user = buyer.who.id.as_str();
        assert_eq!(shop.store().counted(&Tenant::main(), &format!("coupon/{code}/{user}")).await.unwrap(), 0);
        assert_eq!(buyer.get("orders").await.expect(200).json()["data"], json!([]));
        // The key is free for another request.
        buyer.place_with_key(&order_of(&[(&sku, 1)], "upi"), &key).await.expect(201);
    }
}

async fn of_many_orders_at_once_each_has_a_number_of_its_own(shop: &Shop) {
    let sku = for_sale(shop, 25_000, 100).await;
    let buyers = join_all((0..6).map(|_| Buyer::new(shop))).await;
    let body = order_of(&[(&sku, 1)], "upi");
    let placing = (0..48).map(|nth| buyers[nth % buyers.len()].place(&body));
    let numbers: BTreeSet<String> = join_all(placing)
        .await
        .into_iter()
        .map(|answer| text(&answer.expect(201).json(), "number").to_owned())
        .collect();
    assert_eq!((numbers.len(), stock(shop, &sku).await), (48, (100, 48, 52)));
    let shaped =
        |number: &String| number.strip_prefix("BM-").is_some_and(|rest| rest.len() >= 11 && rest.as_bytes()[4] == b'-');
    assert!(numbers.iter().all(shaped), "{numbers:?}");
}
