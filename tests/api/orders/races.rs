//! Many at once: one key gives one order, one order one capture.

use futures_util::future::join_all;
use serde_json::json;

use super::buying::{Buyer, order_of, stock};
use crate::cart::shopping::for_sale;
use crate::world::{Shop, on_every_shop};

on_every_shop!(
    one_key_sent_by_twenty_at_once_gives_one_order,
    of_forty_who_order_the_last_twelve_get_twelve,
    lines_of_one_sku_are_reserved_together,
    ten_payments_at_once_give_one_capture,
);

async fn one_key_sent_by_twenty_at_once_gives_one_order(shop: &Shop) {
    let (buyer, sku, key) = (Buyer::new(shop).await, for_sale(shop, 25_000, 50).await, shop.unique());
    let body = order_of(&[(&sku, 1)], "upi");
    let answers = join_all((0..20).map(|_| buyer.place_with_key(&body, &key))).await;
    let mut ids: Vec<_> = Vec::new();
    for answer in answers {
        match answer.status.as_u16() {
            201 => ids.push(answer.json()["id"].clone()),
            _ => drop(answer.expect_problem(409, "request_in_progress")),
        }
    }
    ids.dedup();
    assert_eq!((ids.len(), stock(shop, &sku).await), (1, (50, 1, 49)));
    let listed = buyer.get("orders").await.expect(200).json();
    assert_eq!(listed["data"].as_array().unwrap().len(), 1);
}

async fn of_forty_who_order_the_last_twelve_get_twelve(shop: &Shop) {
    let sku = for_sale(shop, 25_000, 12).await;
    let body = order_of(&[(&sku, 1)], "upi");
    let mut buyers = Vec::new();
    for _ in 0..40 {
        buyers.push(Buyer::new(shop).await);
    }
    let answers = join_all(buyers.iter().map(|buyer| buyer.place(&body))).await;
    let (placed, refused): (Vec<_>, Vec<_>) = answers.into_iter().partition(|answer| answer.status == 201);
    assert_eq!((placed.len(), refused.len()), (12, 28));
    for answer in refused {
        let problem = answer.expect_problem(409, "insufficient_stock");
        assert_eq!((&problem["sku"], &problem["available"]), (&json!(sku), &json!(0)), "{problem}");
    }
    assert_eq!(stock(shop, &sku).await, (12, 12, 0));
}

async fn lines_of_one_sku_are_reserved_together(shop: &Shop) {
    let (buyer, sku) = (Buyer::new(shop).await, for_sale(shop, 25_000, 8).await);
    let of = |first, second| order_of(&[(&sku, first), (&sku, second)], "upi");
    let short = buyer.place(&of(5, 4)).await.expect_problem(409, "insufficient_stock");
    assert_eq!((&short["available"], stock(shop, &sku).await), (&json!(8), (8, 0, 8)), "{short}");
    buyer.place(&of(5, 3)).await.expect(201);
    assert_eq!(stock(shop, &sku).await, (8, 8, 0));
}

async fn ten_payments_at_once_give_one_capture(shop: &Shop) {
    let buyer = Buyer::new(shop).await;
    let (order, sku) = buyer.ordered("upi").await;
    let answers = join_all((0..10).map(|_| buyer.pay(&order, "success@upi"))).await;
    let mut captured = 0;
    for answer in answers {
        match answer.status.as_u16() {
            201 if answer.json()["status"] == "captured" => captured += 1,
            201 => panic!("{answer:?}"),
            _ => {
                let code = if answer.body.contains("already_paid") { "already_paid" } else { "payment_in_progress" };
                answer.expect_problem(409, code);
            }
        }
    }
    assert_eq!((captured, stock(shop, &sku).await), (1, (10, 0, 10)));
    let order = buyer.order(&order).await;
    assert_eq!(order["payment"]["captured"], order["amounts"]["total"]);
    assert_eq!((&order["payment"]["refunded"]["amount"], buyer.payments(&order).await.len()), (&json!(0), 1));
}
