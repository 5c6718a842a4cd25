//! Payments of which somebody stopped telling: the sweeper drives them on, and the daily run finds what nobody asked after.

use std::time::Duration;

use bharatmart_core::identity::Actor;
use bharatmart_core::orders::till::{Difference, Till};
use bharatmart_core::orders::{ORDER, Order};
use bharatmart_core::payments::{
    LedgerEntry, MockCharge, MockOutcome, Open, PAYMENT, Payment, PaymentMethod, PaymentStatus,
};
use bharatmart_core::record::{RecordKey, Row};
use bharatmart_core::{Changes, Expect, Hand, PaymentId, Tenant};
use bharatmart_runtime::Job;
use bharatmart_workers::payments_sweeper;
use serde_json::{Value, json};

use super::buying::{Buyer, books_agree, stock, text};
use crate::identity::beside;
use crate::world::{Shop, on_every_shop};

on_every_shop!(
    a_payment_that_stopped_is_picked_up,
    a_refund_that_stopped_is_picked_up,
    a_decline_that_the_provider_thought_better_of_is_found,
    money_nobody_heard_of_is_found_and_confirms_its_order,
    money_nobody_heard_of_goes_back_when_its_order_is_cancelled,
    books_that_disagree_are_told,
);

const MINUTE: Duration = Duration::from_secs(60);
/// A saga that stops is picked up within half a minute: the sweeper comes every ten seconds.
const STOPPED: Duration = Duration::from_secs(20);
const HOUR: Duration = Duration::from_secs(3600);

async fn kept(shop: &Shop, order: &Value) -> Order {
    let fields = beside::read(shop, &ORDER, &RecordKey::alone(text(order, "id"))).await.unwrap();
    Row::read(fields).unwrap()
}

/// An attempt made so long ago, of which no message is on its way: what the shop still asks of it, and how it ended at
/// the provider.
async fn lost(shop: &Shop, order: &Value, open: Option<Open>, ago: Duration, outcome: MockOutcome) -> PaymentId {
    let then = beside::now(shop).before(ago);
    let tail = u128::from(rand::random::<u64>() >> 2);
    let id = PaymentId::from_uuid(uuid::Uuid::from_u128(PaymentId::first_of(then).uuid().as_u128() | tail));
    let mut order = kept(shop, order).await;
    let under_way = open == Some(Open::Charge);
    let payment = Payment {
        id,
        version: 1,
        order_id: order.id,
        user_id: order.user_id,
        method: PaymentMethod::Upi,
        instrument: None,
        amount: order.amounts.total,
        status: if under_way { PaymentStatus::Pending } else { PaymentStatus::Failed },
        failure_code: None,
        reference: None,
        surplus: false,
        refunds: Vec::new(),
        open,
        created_at: then,
        updated_at: then,
    };
    let charge = MockCharge {
        payment_id: id,
        version: 1,
        order_id: order.id,
        method: PaymentMethod::Upi,
        amount: payment.amount,
        outcome,
        refunds: Vec::new(),
        charged_at: then,
    };
    let expect = Expect::Version(order.version);
    order.version += 1;
    order.payments.push(id);
    order.paying = under_way.then_some(id);
    let changes = Changes::new(&Tenant::main()).put(&payment, Expect::New).put(&charge, Expect::New);
    shop.store().commit(changes.put(&order, expect)).await.unwrap();
    id
}

async fn is_confirmed(buyer: &Buyer<'_>, order: &Value, sku: &str) {
    let order = buyer.until_order(order, "it is confirmed", |order| order["status"] == "confirmed").await;
    assert_eq!(order["payment"]["captured"], order["amounts"]["total"]);
    assert_eq!(stock(buyer.shop, sku).await, (10, 0, 10));
    books_agree(buyer.shop, &order).await;
}

async fn a_payment_that_stopped_is_picked_up(shop: &Shop) {
    let Job::Schedule { every, .. } = payments_sweeper::WORKER.job else { panic!("it is a schedule") };
    assert!(every + STOPPED <= Duration::from_secs(30), "{every:?}");
    let buyer = Buyer::new(shop).await;
    let (order, sku) = buyer.ordered("upi").await;
    lost(shop, &order, Some(Open::Charge), STOPPED, MockOutcome::Success).await;
    shop.call("payments-sweeper").await.unwrap();
    is_confirmed(&buyer, &order, &sku).await;
}

async fn a_refund_that_stopped_is_picked_up(shop: &Shop) {
    let buyer = Buyer::new(shop).await;
    let (order, _) = buyer.paid().await;
    let payment = RecordKey::alone(text(&buyer.payments(&order).await[0], "id"));
    let then = beside::now(shop).before(STOPPED);
    beside::edit(shop, &PAYMENT, &payment, |fields| {
        let refund =
            json!({ "nth": 1, "amount": fields["amount"], "reason": "broken", "done": false, "asked_at": then });
        fields.insert("refunds".to_owned(), json!([refund]));
        fields.insert("open".to_owned(), json!("refund"));
        fields.insert("updated_at".to_owned(), json!(then));
    })
    .await;
    shop.call("payments-sweeper").await.unwrap();
    let total = order["amounts"]["total"].clone();
    let order = buyer.until_order(&order, "it went back", |order| order["payment"]["refunded"] == total).await;
    books_agree(shop, &order).await;
}

/// Its webhook was lost; what was declined is asked after once, half an hour later.
async fn a_decline_that_the_provider_thought_better_of_is_found(shop: &Shop) {
    let buyer = Buyer::new(shop).await;
    let (order, sku) = buyer.ordered("upi").await;
    lost(shop, &order, Some(Open::Doubt), 31 * MINUTE, MockOutcome::Success).await;
    shop.call("payments-sweeper").await.unwrap();
    is_confirmed(&buyer, &order, &sku).await;
}

/// It was captured after the last time anybody asked.
async fn money_nobody_heard_of_is_found_and_confirms_its_order(shop: &Shop) {
    let buyer = Buyer::new(shop).await;
    let (order, sku) = buyer.ordered("upi").await;
    lost(shop, &order, None, 2 * HOUR, MockOutcome::Success).await;
    shop.call("payments-reconciler").await.unwrap();
    is_confirmed(&buyer, &order, &sku).await;
}

async fn money_nobody_heard_of_goes_back_when_its_order_is_cancelled(shop: &Shop) {
    let buyer = Buyer::new(shop).await;
    let (order, sku) = buyer.ordered("upi").await;
    buyer.cancel(&order).await.expect(200);
    lost(shop, &order, None, 2 * HOUR, MockOutcome::Success).await;
    shop.call("payments-reconciler").await.unwrap();
    let total = order["amounts"]["total"].clone();
    let order = buyer.until_order(&order, "it went back", |order| order["payment"]["refunded"] == total).await;
    assert_eq!((&order["status"], &order["payment"]["captured"]), (&json!("cancelled"), &total));
    assert_eq!(stock(shop, &sku).await, (12, 0, 12));
    books_agree(shop, &order).await;
}

/// By the till over the shop's own store, as the worker asks it.
async fn differences(shop: &Shop, payment: PaymentId) -> Vec<Difference> {
    let (tenant, app) = (Tenant::main(), shop.cloud.app());
    let (clock, ids) = (app.clock.as_ref(), app.ids.as_ref());
    let hand = Hand { tenant: &tenant, clock, ids, by: Actor::Shop, address: None };
    Till { hand, store: shop.store() }.reconcile(payment, None).await.unwrap()
}

async fn books_that_disagree_are_told(shop: &Shop) {
    let buyer = Buyer::new(shop).await;
    let (honest, _) = buyer.paid().await;
    let payment = text(&buyer.payments(&honest).await[0], "id").parse().unwrap();
    assert_eq!(differences(shop, payment).await, []);

    let (order, _) = buyer.ordered("upi").await;
    let declined = lost(shop, &order, None, 2 * HOUR, MockOutcome::Decline).await;
    assert_eq!(differences(shop, declined).await, []);
    let order = kept(shop, &order).await;
    let entry = LedgerEntry::captured(order.id, declined, order.amounts.total, false, beside::now(shop));
    shop.store().commit(Changes::new(&Tenant::main()).put(&entry, Expect::New)).await.unwrap();
    assert_eq!(differences(shop, declined).await, [Difference::Ledger, Difference::Order]);
    shop.call("payments-reconciler").await.unwrap();
    // A function of its own counts in a process of its own.
    if !shop.settings.iter().any(|(name, _)| name == "LAMBDA_ENDPOINT") {
        let figures = shop.client.get("/metrics").await.expect(200).body;
        for kind in ["ledger", "order"] {
            let counted = format!("reconciliation_differences_total{{kind=\"{kind}\"}}");
            assert!(figures.contains(&counted), "{figures}");
        }
    }
}
