//! Paying an order, and every way it can end.

use std::sync::Arc;

use bharatmart_core::{Event, EventKind};
use bharatmart_local::LocalCloud;
use bharatmart_runtime::config::Config;
use bharatmart_runtime::telemetry::{LogTo, Traces};
use bharatmart_runtime::{App, Runner};
use bharatmart_tests::eventually_within;
use bharatmart_workers::mock_provider;
use futures_util::future::join_all;
use serde_json::json;

use super::buying::{Buyer, PATIENCE, books_agree, path, stock, text};
use crate::cart::shopping::rupees;
use crate::client::Client;
use crate::events::batch;
use crate::world::{Shop, on_every_shop};

on_every_shop!(
    a_payment_confirms_the_order_and_sells_its_stock,
    a_declined_payment_may_be_tried_again,
    while_one_is_under_way_there_is_no_other,
    an_answer_that_was_lost_is_found,
    money_that_comes_late_confirms_the_order,
    money_that_comes_late_for_a_paid_order_goes_back,
    a_webhook_that_comes_twice_and_out_of_order_changes_nothing,
    a_wallet_and_a_bank_pay_too,
    as_many_fail_as_are_to,
    every_mistake_in_a_payment_is_named,
    the_same_key_pays_once,
    a_payment_is_its_customers_own,
);

async fn a_payment_confirms_the_order_and_sells_its_stock(shop: &Shop) {
    let buyer = Buyer::new(shop).await;
    let (order, sku) = buyer.ordered("upi").await;
    let answer = buyer.pay(&order, "asha.rao@okbank").await.expect(201);
    let payment = answer.json();
    assert_eq!(answer.header("location"), format!("/api/v1/payments/{}", text(&payment, "id")));
    assert_eq!((&payment["status"], &payment["amount"]), (&json!("captured"), &order["amounts"]["total"]));
    assert_eq!((&payment["order_id"], &payment["instrument"]), (&order["id"], &json!("as…@okbank")));
    let order = buyer.order(&order).await;
    assert_eq!((&order["status"], &order["payment"]["status"]), (&json!("confirmed"), &json!("captured")));
    assert_eq!((&order["payment"]["captured"], &order["reserved_until"]), (&payment["amount"], &json!(null)));
    assert_eq!(stock(shop, &sku).await, (10, 0, 10));
    buyer.pay(&order, "success@upi").await.expect_problem(409, "already_paid");
    assert_eq!(buyer.payments(&order).await, std::slice::from_ref(&payment));
    let read = buyer.get(&format!("payments/{}", text(&payment, "id"))).await.expect(200).json();
    assert_eq!(read, payment);
}

async fn a_declined_payment_may_be_tried_again(shop: &Shop) {
    let buyer = Buyer::new(shop).await;
    let (order, sku) = buyer.ordered("card").await;
    let body = json!({ "order_id": order["id"], "method": "card", "card_token": "tok_decline" });
    let declined = buyer.post("payments", &body).await.expect(201).json();
    assert_eq!((&declined["status"], &declined["failure_code"]), (&json!("failed"), &json!("declined_by_bank")));
    assert_eq!(declined["next_action"]["type"], "pay_again");
    let waiting = buyer.order(&order).await;
    assert_eq!((&waiting["status"], &waiting["payment"]["status"]), (&json!("pending_payment"), &json!("failed")));
    assert_eq!(stock(shop, &sku).await, (12, 2, 10));
    buyer.pay(&order, "success@upi").await.expect(201);
    let order = buyer.order(&order).await;
    assert_eq!((&order["status"], &order["payment"]["method"]), (&json!("confirmed"), &json!("upi")));
    let payments = buyer.payments(&order).await;
    let statuses: Vec<_> = payments.iter().map(|payment| payment["status"].clone()).collect();
    assert_eq!(statuses, ["failed", "captured"]);
    assert!(payments[0]["next_action"].is_null(), "it is paid: {}", payments[0]);
}

async fn while_one_is_under_way_there_is_no_other(shop: &Shop) {
    let buyer = Buyer::new(shop).await;
    let (order, _) = buyer.ordered("upi").await;
    let (slow, others) = futures_util::future::join(buyer.pay(&order, "slow@upi"), async {
        eventually_within(PATIENCE, "the attempt is written down", || async {
            buyer.payments(&order).await.len() == 1
        })
        .await;
        buyer.pay(&order, "success@upi").await
    })
    .await;
    // Where a function answers one request at a time, the other came after.
    let code = if others.json()["code"] == "already_paid" { "already_paid" } else { "payment_in_progress" };
    others.expect_problem(409, code);
    assert_eq!(slow.expect(201).json()["status"], "captured");
    assert_eq!(buyer.order(&order).await["status"], "confirmed");
}

async fn an_answer_that_was_lost_is_found(shop: &Shop) {
    let buyer = Buyer::new(shop).await;
    let (order, sku) = buyer.ordered("upi").await;
    let pending = buyer.pay(&order, "timeout@upi").await.expect(201).json();
    assert_eq!((&pending["status"], &pending["next_action"]["type"]), (&json!("pending"), &json!("wait")));
    let verify = format!("payments/{}/verify", text(&pending, "id"));
    let known = buyer.ask("POST", &verify).send().await.expect(200).json();
    assert_eq!(known["status"], "captured", "{known}");
    assert_eq!(buyer.order(&order).await["status"], "confirmed");
    assert_eq!(stock(shop, &sku).await, (10, 0, 10));
    buyer.ask("POST", &verify).send().await.expect(200);
}

async fn money_that_comes_late_confirms_the_order(shop: &Shop) {
    let buyer = Buyer::new(shop).await;
    let (order, sku) = buyer.ordered("upi").await;
    let failed = buyer.pay(&order, "late@upi").await.expect(201).json();
    assert_eq!(failed["status"], "failed");
    let confirmed = buyer.until_order(&order, "the webhook confirms it", |order| order["status"] == "confirmed").await;
    assert_eq!(confirmed["payment"]["captured"], order["amounts"]["total"]);
    assert_eq!(stock(shop, &sku).await, (10, 0, 10));
}

async fn money_that_comes_late_for_a_paid_order_goes_back(shop: &Shop) {
    let buyer = Buyer::new(shop).await;
    let mut paid_twice = None;
    for _ in 0..5 {
        let (order, _) = buyer.ordered("upi").await;
        let late = buyer.pay(&order, "late@upi").await.expect(201).json();
        assert_eq!(late["status"], "failed");
        let second = buyer.pay(&order, "success@upi").await;
        if second.status == 201 {
            paid_twice = Some(order);
            break;
        }
        // The money was there before the machine came to the second payment.
        second.expect_problem(409, "already_paid");
    }
    let order = paid_twice.expect("of five orders one is paid twice in time");
    let total = &order["amounts"]["total"];
    let order =
        buyer.until_order(&order, "the surplus went back", |order| order["payment"]["refunded"] == *total).await;
    assert_eq!((&order["status"], &order["payment"]["status"]), (&json!("confirmed"), &json!("captured")));
    let statuses: Vec<_> = buyer.payments(&order).await.iter().map(|payment| payment["status"].clone()).collect();
    assert_eq!(statuses, ["refunded", "captured"]);
    assert_eq!(order["payment"]["captured"]["amount"].as_i64().unwrap(), 2 * total["amount"].as_i64().unwrap());
}

async fn a_webhook_that_comes_twice_and_out_of_order_changes_nothing(shop: &Shop) {
    let buyer = Buyer::new(shop).await;
    let (order, sku) = buyer.ordered("upi").await;
    let payment = buyer.pay(&order, "double@upi").await.expect(201).json();
    assert_eq!(payment["status"], "captured");
    let told = async || {
        let events = shop.store().newest_events(10_000).await.unwrap();
        let kinds =
            events.into_iter().filter(|event| event.data["payment_id"] == payment["id"]).map(|event| event.kind);
        let mut kinds: Vec<_> = kinds.map(|kind| kind.name()).collect();
        kinds.sort_unstable();
        kinds
    };
    let (before, events) = (buyer.order(&order).await, told().await);
    // What the provider owes is in the commit of its charge: it is posted here once more, so that it was posted at all.
    let due = shop.store().newest_events(10_000).await.unwrap().into_iter();
    let is_of_it = |event: &Event| event.kind == EventKind::MockWebhookDue && event.data["payment_id"] == payment["id"];
    let due: Vec<_> = due.filter(is_of_it).collect();
    assert_eq!((due.len(), &due[0].data["says"]), (1, &json!(["captured", "pending", "captured"])));
    let config = Arc::new(Config::read(shop.settings.clone()).unwrap());
    let app = Arc::new(App::open(config, mock_provider::WORKER.needs).await.unwrap());
    let messenger = Runner { app, traces: Traces::default() };
    let posted = messenger.batch(&mock_provider::WORKER, batch(&due), PATIENCE).await;
    assert_eq!(posted.batch_item_failures.len(), 0, "each was heard");

    assert_eq!(buyer.order(&order).await, before);
    assert_eq!(buyer.payments(&order).await, std::slice::from_ref(&payment));
    assert_eq!((told().await, stock(shop, &sku).await), (events, (10, 0, 10)));
    assert_eq!(before["payment"]["captured"], order["amounts"]["total"]);
    books_agree(shop, &before).await;
}

async fn a_wallet_and_a_bank_pay_too(shop: &Shop) {
    let buyer = Buyer::new(shop).await;
    for method in ["wallet", "netbanking"] {
        let (order, sku) = buyer.ordered(method).await;
        let body = json!({ "order_id": order["id"], "method": method });
        let payment = buyer.post("payments", &body).await.expect(201).json();
        assert_eq!((&payment["status"], &payment["method"]), (&json!("captured"), &json!(method)));
        let order = buyer.order(&order).await;
        assert_eq!((&order["status"], &order["payment"]["method"]), (&json!("confirmed"), &json!(method)));
        assert_eq!(stock(shop, &sku).await, (10, 0, 10));
        books_agree(shop, &order).await;
    }
}

/// A second process of the shop, whose mock provider is to decline all that is not scripted.
async fn as_many_fail_as_are_to(shop: &Shop) {
    let buyer = Buyer::new(shop).await;
    let (order, _) = buyer.ordered("upi").await;
    let mut settings: Vec<_> = shop.settings.iter().filter(|(name, _)| name != "LAMBDA_ENDPOINT").cloned().collect();
    settings.push(("PAYMENT_FAILURE_RATE".to_owned(), "1".to_owned()));
    settings.push(("LISTEN".to_owned(), "127.0.0.1:0".to_owned()));
    let training = LocalCloud::start(Config::read(settings).unwrap(), LogTo::Stdout).await.unwrap();
    let client = Client::new(&training.url());
    let pay = async |client: &Client| {
        let body = json!({ "order_id": order["id"], "method": "upi", "upi_id": "asha@okbank" });
        client.ask("POST", "/api/v1/payments").token(&buyer.who.token).json(&body).send().await.expect(201).json()
    };
    for _ in 0..3 {
        let declined = pay(&client).await;
        assert_eq!((&declined["status"], &declined["failure_code"]), (&json!("failed"), &json!("declined_by_bank")));
    }
    training.stop().await;
    assert_eq!(pay(&shop.client).await["status"], "captured", "off by default");
}

async fn every_mistake_in_a_payment_is_named(shop: &Shop) {
    let buyer = Buyer::new(shop).await;
    let (order, _) = buyer.ordered("upi").await;
    let pay = async |more: serde_json::Value| {
        let mut body = json!({ "order_id": order["id"] });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        buyer.post("payments", &body).await
    };
    pay(json!({ "method": "upi" })).await.expect_field(422, "validation_failed", "upi_id");
    pay(json!({ "method": "card" })).await.expect_field(422, "validation_failed", "card_token");
    pay(json!({ "method": "upi", "upi_id": "asha" })).await.expect_field(422, "validation_failed", "upi_id");
    let card = json!({ "method": "card", "card_token": "4111111111111111" });
    pay(card).await.expect_field(422, "validation_failed", "card_token");
    let both = json!({ "method": "upi", "upi_id": "asha@okbank", "card_token": "tok_1" });
    pay(both).await.expect_field(422, "validation_failed", "card_token");
    pay(json!({ "method": "cod" })).await.expect_field(422, "validation_failed", "method");
    pay(json!({ "method": "upi", "upi_id": "asha@okbank", "amount": rupees(1) })).await.expect_field(
        422,
        "validation_failed",
        "amount",
    );
    pay(json!({ "order_id": "ord_1", "method": "wallet" })).await.expect_field(422, "validation_failed", "order_id");
    buyer.get("payments").await.expect_field(422, "validation_failed", "order_id");
    assert!(buyer.payments(&order).await.is_empty());
    pay(json!({ "method": "netbanking" })).await.expect(201);
}

async fn the_same_key_pays_once(shop: &Shop) {
    let buyer = Buyer::new(shop).await;
    let (order, _) = buyer.ordered("upi").await;
    let body = json!({ "order_id": order["id"], "method": "upi", "upi_id": "success@upi" });
    let key = shop.unique();
    let pay = async || buyer.ask("POST", "payments").header("idempotency-key", &key).json(&body).send().await;
    let first = pay().await.expect(201);
    let again = join_all((0..3).map(|_| pay())).await;
    for answer in again {
        assert_eq!((answer.header("idempotency-replayed"), answer.json()), ("true", first.json()));
    }
    assert_eq!(buyer.payments(&order).await.len(), 1);
}

async fn a_payment_is_its_customers_own(shop: &Shop) {
    let (buyer, other) = (Buyer::new(shop).await, Buyer::new(shop).await);
    let (order, _) = buyer.paid().await;
    let payment = buyer.payments(&order).await.remove(0);
    let named = format!("payments/{}", text(&payment, "id"));
    other.get(&named).await.expect_problem(404, "not_found");
    other.ask("POST", &format!("{named}/verify")).send().await.expect_problem(404, "not_found");
    let seen = shop.client.ask("GET", &format!("/api/v1/{named}")).token(&shop.admin).send().await.expect(200).json();
    assert_eq!(seen["id"], payment["id"]);
    let seen = shop.client.ask("GET", &format!("/api/v1/{}", path(&order))).token(&shop.admin).send().await;
    let moves = json!(["processing", "cancelled"]);
    assert_eq!(seen.expect(200).json()["allowed_transitions"], moves);
}
