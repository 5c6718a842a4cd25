//! What a payment provider tells by itself.

use bharatmart_adapters::payments::sign;
use bharatmart_core::Timestamp;
use bharatmart_core::identity::Keys;
use bharatmart_core::ports::Secret;
use bharatmart_runtime::config::{DEFAULT_SECRETS, WEBHOOK_KEY};
use serde_json::{Value, json};
use std::time::Duration;

use super::buying::{Buyer, stock, text};
use crate::client::Answer;
use crate::identity::beside;
use crate::world::{Shop, on_every_shop};

on_every_shop!(
    a_webhook_that_is_signed_is_heard_however_often_it_comes,
    a_webhook_that_is_not_the_providers_is_refused,
    an_old_webhook_is_refused,
    there_is_no_webhook_of_somebody_else,
);

/// The mock provider's.
pub fn keys() -> Keys {
    let (_, key) = DEFAULT_SECRETS.iter().find(|(name, _)| *name == WEBHOOK_KEY).unwrap();
    Keys::parse(&Secret::new(*key)).unwrap()
}

async fn tell(shop: &Shop, body: &Value, at: Timestamp) -> Answer {
    let bytes = body.to_string().into_bytes();
    let signature = sign(&keys(), &bytes, at);
    shop.client.ask("POST", "/api/v1/webhooks/mock").header("x-webhook-signature", &signature).bytes(bytes).send().await
}

fn captured(shop: &Shop, payment: &Value) -> Value {
    json!({ "tenant": "main", "payment_id": payment["id"], "status": "captured", "sent_at": beside::now(shop) })
}

async fn a_webhook_that_is_signed_is_heard_however_often_it_comes(shop: &Shop) {
    let buyer = Buyer::new(shop).await;
    let (order, sku) = buyer.ordered("upi").await;
    let payment = buyer.pay(&order, "timeout@upi").await.expect(201).json();
    let (body, now) = (captured(shop, &payment), beside::now(shop));
    let mut earlier = body.clone();
    earlier["status"] = json!("pending");
    for body in [&earlier, &body, &earlier, &body] {
        tell(shop, body, now).await.expect(204);
    }
    let order = buyer.order(&order).await;
    assert_eq!((&order["status"], stock(shop, &sku).await), (&json!("confirmed"), (10, 0, 10)));
    assert_eq!(order["payment"]["captured"], order["amounts"]["total"]);
}

async fn a_webhook_that_is_not_the_providers_is_refused(shop: &Shop) {
    let buyer = Buyer::new(shop).await;
    let (order, _) = buyer.ordered("upi").await;
    let payment = buyer.pay(&order, "decline@upi").await.expect(201).json();
    let body = captured(shop, &payment).to_string().into_bytes();
    let path = "/api/v1/webhooks/mock";
    shop.client.ask("POST", path).bytes(body.clone()).send().await.expect_problem(401, "signature_invalid");
    let strange = Keys::parse(&Secret::new("another key")).unwrap();
    for signature in ["", "t=1,v1=00", &sign(&strange, &body, beside::now(shop))] {
        let ask = shop.client.ask("POST", path).header("x-webhook-signature", signature).bytes(body.clone());
        ask.send().await.expect_problem(401, "signature_invalid");
    }
    let good = sign(&keys(), &body, beside::now(shop));
    let more = [body, b" ".to_vec()].concat();
    let ask = shop.client.ask("POST", path).header("x-webhook-signature", &good).bytes(more);
    ask.send().await.expect_problem(401, "signature_invalid");
    assert_eq!(text(&buyer.order(&order).await, "status"), "pending_payment");
}

async fn an_old_webhook_is_refused(shop: &Shop) {
    let buyer = Buyer::new(shop).await;
    let (order, _) = buyer.ordered("upi").await;
    let payment = buyer.pay(&order, "decline@upi").await.expect(201).json();
    let old = beside::now(shop).before(Duration::from_secs(6 * 60));
    tell(shop, &captured(shop, &payment), old).await.expect_problem(401, "signature_invalid");
    assert_eq!(text(&buyer.order(&order).await, "status"), "pending_payment");
}

async fn there_is_no_webhook_of_somebody_else(shop: &Shop) {
    let none = json!({ "id": "pay_00000000000000000000000000000000" });
    tell(shop, &captured(shop, &none), beside::now(shop)).await.expect_problem(404, "not_found");
    let ask = shop.client.ask("POST", "/api/v1/webhooks/stripe").json(&json!({}));
    ask.send().await.expect_problem(404, "not_found");
}
