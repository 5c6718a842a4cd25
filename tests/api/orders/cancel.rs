//! Cancelling an order.

use futures_util::future::join_all;
use serde_json::json;

use super::buying::{Buyer, books_agree, moved, path, stock, text};
use crate::world::{Shop, on_every_shop};

on_every_shop!(
    before_it_is_paid_its_stock_is_given_back,
    after_it_is_paid_its_money_goes_back_too,
    of_eight_who_cancel_at_once_one_does,
    a_packed_order_is_the_staffs_to_cancel,
    money_that_comes_for_a_cancelled_order_goes_back,
    a_declined_payment_of_a_cancelled_order_asks_for_no_other,
);

async fn before_it_is_paid_its_stock_is_given_back(shop: &Shop) {
    let buyer = Buyer::new(shop).await;
    let (order, sku) = buyer.ordered("upi").await;
    let cancelled = buyer.cancel(&order).await.expect(200).json();
    assert_eq!((&cancelled["status"], &cancelled["allowed_transitions"]), (&json!("cancelled"), &json!([])));
    assert_eq!(stock(shop, &sku).await, (12, 0, 12));
    let told = buyer.get(&format!("{}/timeline", path(&order))).await.expect(200).json();
    assert_eq!(told["data"][1]["reason"], "thought better of it");
    let again = buyer.cancel(&order).await.expect_problem(409, "invalid_transition");
    assert_eq!(again["allowed"], json!([]));
    buyer.pay(&order, "success@upi").await.expect_problem(409, "order_not_payable");
}

async fn after_it_is_paid_its_money_goes_back_too(shop: &Shop) {
    let buyer = Buyer::new(shop).await;
    let (order, sku) = buyer.paid().await;
    let bare = buyer.ask("POST", &format!("{}/cancel", path(&order))).send().await;
    assert_eq!(bare.expect(200).json()["status"], "cancelled");
    assert_eq!(stock(shop, &sku).await, (12, 0, 12));
    let total = &order["amounts"]["total"];
    let order = buyer.until_order(&order, "the money went back", |order| order["payment"]["refunded"] == *total).await;
    assert_eq!(order["payment"]["status"], "refunded");
    books_agree(shop, &order).await;
    let payment = buyer.payments(&order).await.remove(0);
    assert_eq!((&payment["refunded"], &payment["refunds"][0]["done"]), (total, &json!(true)));
}

async fn of_eight_who_cancel_at_once_one_does(shop: &Shop) {
    let buyer = Buyer::new(shop).await;
    let (order, sku) = buyer.paid().await;
    let answers = join_all((0..8).map(|_| buyer.cancel(&order))).await;
    let done = answers.iter().filter(|answer| answer.status == 200).count();
    for answer in answers.into_iter().filter(|answer| answer.status != 200) {
        answer.expect_problem(409, "invalid_transition");
    }
    assert_eq!((done, stock(shop, &sku).await), (1, (12, 0, 12)));
    let total = order["amounts"]["total"].clone();
    let order = buyer.until_order(&order, "the money went back", |order| order["payment"]["refunded"] == total).await;
    books_agree(shop, &order).await;
    let payment = buyer.payments(&order).await.remove(0);
    assert_eq!(payment["refunds"].as_array().unwrap().len(), 1, "{payment}");
}

async fn a_packed_order_is_the_staffs_to_cancel(shop: &Shop) {
    let buyer = Buyer::new(shop).await;
    let (order, sku) = buyer.paid().await;
    for to in ["processing", "packed"] {
        moved(shop, &order, to).await.expect(200);
    }
    let refused = buyer.cancel(&order).await.expect_problem(409, "invalid_transition");
    assert_eq!((&refused["allowed"], &refused["order_status"]), (&json!([]), &json!("packed")));
    moved(shop, &order, "cancelled").await.expect(200);
    assert_eq!(stock(shop, &sku).await, (12, 0, 12));
    assert_eq!(text(&buyer.order(&order).await, "status"), "cancelled");
}

async fn money_that_comes_for_a_cancelled_order_goes_back(shop: &Shop) {
    let buyer = Buyer::new(shop).await;
    let (order, sku) = buyer.ordered("upi").await;
    assert_eq!(buyer.pay(&order, "late@upi").await.expect(201).json()["status"], "failed");
    // The webhook may have been faster: then it is a paid order that is cancelled. The money goes back either way.
    buyer.cancel(&order).await.expect(200);
    let total = &order["amounts"]["total"];
    let back =
        |order: &serde_json::Value| order["payment"]["captured"] == *total && order["payment"]["refunded"] == *total;
    let order = buyer.until_order(&order, "the late money went back", back).await;
    assert_eq!((&order["status"], stock(shop, &sku).await), (&json!("cancelled"), (12, 0, 12)));
    books_agree(shop, &order).await;
}

async fn a_declined_payment_of_a_cancelled_order_asks_for_no_other(shop: &Shop) {
    let buyer = Buyer::new(shop).await;
    let (order, _) = buyer.ordered("upi").await;
    let declined = buyer.pay(&order, "decline@upi").await.expect(201).json();
    let named = format!("payments/{}", text(&declined, "id"));
    let next = async || buyer.get(&named).await.expect(200).json()["next_action"].clone();
    assert_eq!(next().await["type"], "pay_again");
    buyer.cancel(&order).await.expect(200);
    assert_eq!((next().await, &buyer.payments(&order).await[0]["next_action"]), (json!(null), &json!(null)));
}
