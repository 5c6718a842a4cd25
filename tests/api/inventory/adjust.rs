//! Stock is counted, delivered and written off.

use bharatmart_core::{EventKind, Role, Tenant};
use futures_util::future::join_all;
use serde_json::{Value, json};

use super::{Item, rows};
use crate::identity::people::{awaited, claims};
use crate::world::{Shop, on_every_shop};

on_every_shop!(
    stock_is_adjusted_and_it_is_written_down_why_and_by_whom,
    a_seller_may_adjust,
    a_new_location_gets_its_first_stock,
    what_is_reserved_cannot_be_taken_away,
    twenty_at_once_all_count,
    of_twenty_who_take_the_last_no_more_get_it_than_there_is,
    two_who_open_a_location_at_once_both_count,
    a_request_that_is_repeated_adjusts_once,
    a_wrong_adjustment_names_each_field,
    a_reason_is_kept_as_it_was_written,
);

async fn stock_is_adjusted_and_it_is_written_down_why_and_by_whom(shop: &Shop) {
    let item = Item::new(shop).await;
    let body = json!({ "delta": -5, "reason": "five sacks got wet" });
    let answer = item.adjust(shop, &body).await.expect(200).json();
    let place = json!({ "location": "main", "on_hand": 7, "reserved": 0, "available": 7 });
    let expected = json!({
        "sku": item.sku.as_str(), "on_hand": 7, "reserved": 0, "available": 7, "locations": [place],
    });
    assert_eq!(answer, expected);
    assert_eq!(item.stock(shop).await["available"], 7);

    let me = &claims(&shop.admin)["sub"];
    let path = format!("/api/v1/admin/audit?subject={}", item.sku);
    let entry = awaited("it is in the audit", async || {
        let page = shop.client.ask("GET", &path).token(&shop.admin).send().await.expect(200).json();
        rows(&page).into_iter().next()
    })
    .await;
    assert_eq!((&entry["action"], &entry["actor"]), (&json!("stock_adjusted"), me), "{entry}");
    let details = json!({
        "location": "main", "delta": -5, "reason": "five sacks got wet",
        "before": { "available": 12, "reserved": 0 }, "after": { "available": 7, "reserved": 0 },
    });
    assert_eq!(entry["details"], details);

    let told = item.told(shop, EventKind::InventoryAdjusted).await;
    assert_eq!(told.len(), 1);
    let data = json!({
        "product_id": item.product, "sku": item.sku, "location": "main", "delta": -5, "available": 7,
        "reason": "five sacks got wet", "who": me,
    });
    assert_eq!(told[0].data, data);
}

async fn a_seller_may_adjust(shop: &Shop) {
    let item = Item::new(shop).await;
    let seller = shop.somebody(Role::Seller, &Tenant::main()).await;
    let path = format!("/api/v1/inventory/{}/adjust", item.sku);
    let body = json!({ "delta": 1, "reason": "found one" });
    shop.client.ask("POST", &path).token(&seller.token).json(&body).send().await.expect(200);
    let log = item.kept_log(shop, 2).await;
    assert_eq!(log[0]["who"], seller.id.as_str(), "{log:?}");
}

async fn a_new_location_gets_its_first_stock(shop: &Shop) {
    let item = Item::new(shop).await;
    let pune = |delta: i64| json!({ "delta": delta, "reason": "delivered", "location": "pune-2" });
    let short = item.adjust(shop, &pune(-1)).await;
    short.expect_field(409, "insufficient_stock", "delta");
    let answer = item.adjust(shop, &pune(30)).await.expect(200).json();
    assert_eq!((&answer["available"], &answer["locations"][1]["available"]), (&json!(42), &json!(30)), "{answer}");
    let answer = item.adjust(shop, &pune(-10)).await.expect(200).json();
    assert_eq!((&answer["on_hand"], &answer["locations"][1]["location"]), (&json!(32), &json!("pune-2")), "{answer}");
    assert_eq!(item.stock(shop).await["available"], 32);
    let log = item.kept_log(shop, 3).await;
    assert_eq!(log.iter().filter(|entry| entry["location"] == "pune-2").count(), 2, "{log:?}");
}

async fn what_is_reserved_cannot_be_taken_away(shop: &Shop) {
    let item = Item::new(shop).await;
    item.held(shop, 9).await;
    let problem = item.adjust(shop, &json!({ "delta": -4, "reason": "lost" })).await;
    let problem = problem.expect_problem(409, "insufficient_stock");
    assert_eq!(problem["errors"][0]["message"], "only 3 are available at main", "{problem}");
    item.adjust(shop, &json!({ "delta": -3, "reason": "lost" })).await.expect(200);
    let stock = item.stock(shop).await;
    assert_eq!((&stock["on_hand"], &stock["available"]), (&json!(9), &json!(0)), "{stock}");
}

async fn twenty_at_once_all_count(shop: &Shop) {
    let item = Item::new(shop).await;
    join_all((1..=20).map(|i| item.move_by(shop, if i % 2 == 0 { i } else { 1 }))).await;
    assert_eq!(item.stock(shop).await["available"], 12 + 110 + 10);
    item.kept_log(shop, 21).await;
}

async fn of_twenty_who_take_the_last_no_more_get_it_than_there_is(shop: &Shop) {
    let item = Item::new(shop).await;
    let body = json!({ "delta": -1, "reason": "a sample" });
    let answers = join_all((0..20).map(|_| item.adjust(shop, &body))).await;
    let (taken, refused): (Vec<_>, Vec<_>) = answers.into_iter().partition(|answer| answer.status == 200);
    assert_eq!((taken.len(), refused.len()), (12, 8));
    for answer in refused {
        answer.expect_field(409, "insufficient_stock", "delta");
    }
    assert_eq!(item.stock(shop).await["on_hand"], 0);
}

async fn two_who_open_a_location_at_once_both_count(shop: &Shop) {
    let item = Item::new(shop).await;
    let body = json!({ "delta": 5, "reason": "delivered", "location": "surat" });
    join_all((0..4).map(|_| async { item.adjust(shop, &body).await.expect(200) })).await;
    assert_eq!(item.stock(shop).await["available"], 32);
}

async fn a_request_that_is_repeated_adjusts_once(shop: &Shop) {
    let item = Item::new(shop).await;
    let path = format!("/api/v1/inventory/{}/adjust", item.sku);
    let key = shop.unique();
    let send = async |delta: i64| {
        let ask = shop.client.ask("POST", &path).token(&shop.admin).header("idempotency-key", &key);
        ask.json(&json!({ "delta": delta, "reason": "delivered" })).send().await
    };
    let first = send(8).await.expect(200);
    let again = send(8).await.expect(200);
    assert_eq!(first.body, again.body);
    send(9).await.expect_problem(422, "idempotency_key_reused");
    assert_eq!(item.stock(shop).await["available"], 20);
}

async fn a_wrong_adjustment_names_each_field(shop: &Shop) {
    let item = Item::new(shop).await;
    let wrong = json!({ "delta": 0, "reason": "", "location": "Main Street" });
    let problem = item.adjust(shop, &wrong).await.expect_problem(422, "validation_failed");
    let fields: Vec<_> = problem["errors"].as_array().unwrap().iter().map(|error| error["field"].clone()).collect();
    assert_eq!(fields, ["delta", "reason", "location"], "{problem}");
    let bodies: [(Value, &str); 7] = [
        (json!({ "delta": 1_000_001, "reason": "x" }), "delta"),
        (json!({ "delta": i64::MIN, "reason": "x" }), "delta"),
        (json!({ "delta": 1.5, "reason": "x" }), "delta"),
        (json!({ "delta": "1", "reason": "x" }), "delta"),
        (json!({ "delta": 1, "reason": "x".repeat(201) }), "reason"),
        (json!({ "delta": 1, "reason": "x", "sku": "ANOTHER" }), "sku"),
        (json!({ "reason": "x" }), "delta"),
    ];
    for (body, field) in bodies {
        let answer = item.adjust(shop, &body).await;
        assert!((400..500).contains(&answer.status.as_u16()), "{body}: {answer:?}");
        assert!(answer.body.contains(field), "{body}: {answer:?}");
    }
    assert_eq!(item.stock(shop).await["available"], 12);
}

async fn a_reason_is_kept_as_it_was_written(shop: &Shop) {
    let item = Item::new(shop).await;
    let reason = "<b>gezählt</b> & “गिना” '; DROP TABLE stock; --";
    item.adjust(shop, &json!({ "delta": 2, "reason": reason })).await.expect(200);
    assert_eq!(item.kept_log(shop, 2).await[0]["note"], reason);
}
