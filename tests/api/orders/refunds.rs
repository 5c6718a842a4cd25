//! Giving money back because somebody says so.

use serde_json::json;

use super::buying::{Buyer, books_agree, text};
use crate::cart::shopping::rupees;
use crate::world::{Shop, on_every_shop};

on_every_shop!(a_part_goes_back_and_then_the_rest, no_more_goes_back_than_came,);

async fn a_part_goes_back_and_then_the_rest(shop: &Shop) {
    let buyer = Buyer::new(shop).await;
    let (order, _) = buyer.paid().await;
    let payment = buyer.payments(&order).await.remove(0);
    let path = format!("/api/v1/payments/{}/refunds", text(&payment, "id"));
    let refund =
        async |body: serde_json::Value| shop.client.ask("POST", &path).token(&shop.admin).json(&body).send().await;
    let asked = refund(json!({ "amount": rupees(100), "reason": "one was broken" })).await.expect(201).json();
    assert_eq!(asked["refunds"][0]["reason"], "one was broken");
    let part = |order: &serde_json::Value| order["payment"]["refunded"] == rupees(100);
    let now = buyer.until_order(&order, "the part went back", part).await;
    assert_eq!((&now["status"], &now["payment"]["status"]), (&json!("confirmed"), &json!("partially_refunded")));
    books_agree(shop, &now).await;
    refund(json!({ "reason": "the other too" })).await.expect(201);
    let total = order["amounts"]["total"].clone();
    let now = buyer.until_order(&order, "the rest went back", |order| order["payment"]["refunded"] == total).await;
    assert_eq!(now["payment"]["status"], "refunded");
    books_agree(shop, &now).await;
    let nothing = refund(json!({ "reason": "again" })).await.expect_problem(409, "not_refundable");
    assert_eq!(nothing["refundable"], rupees(0));
}

async fn no_more_goes_back_than_came(shop: &Shop) {
    let buyer = Buyer::new(shop).await;
    let (order, _) = buyer.paid().await;
    let payment = buyer.payments(&order).await.remove(0);
    let path = format!("payments/{}/refunds", text(&payment, "id"));
    let body = json!({ "amount": rupees(10_000), "reason": "generous" });
    buyer.post(&path, &body).await.expect_problem(403, "forbidden");
    let staff = async |body: serde_json::Value| {
        shop.client.ask("POST", &format!("/api/v1/{path}")).token(&shop.admin).json(&body).send().await
    };
    let refused = staff(body).await.expect_problem(409, "not_refundable");
    assert_eq!(refused["refundable"], order["amounts"]["total"]);
    books_agree(shop, &buyer.order(&order).await).await;
    let none = json!({ "amount": rupees(0), "reason": "nothing" });
    staff(none).await.expect_field(422, "validation_failed", "amount.amount");
}
