//! An order nobody pays. Its time is let pass from beside.

use bharatmart_core::inventory::RESERVATION;
use bharatmart_core::orders::{ORDER, Order};
use bharatmart_core::record::RecordKey;
use bharatmart_core::{ReservationId, Timestamp};
use serde_json::{Value, json};
use std::time::Duration;

use super::buying::{Buyer, path, stock, text};
use crate::identity::beside;
use crate::world::{Shop, on_every_shop};

on_every_shop!(
    an_order_nobody_pays_is_cancelled_when_its_time_is_up,
    an_order_that_was_paid_without_its_hearing_is_confirmed_when_its_time_is_up,
);

/// As if the order had been placed twenty minutes ago.
async fn time_passes(shop: &Shop, order: &Value) {
    let then: Timestamp = beside::now(shop).before(Duration::from_secs(20 * 60));
    let until = then.after(Duration::from_secs(15 * 60));
    let key = RecordKey::alone(text(order, "id"));
    let kept = beside::read(shop, &ORDER, &key).await.unwrap();
    let order: Order = serde_json::from_value(Value::Object(kept)).unwrap();
    // Reservations are found by the time in their id: an older one takes its place.
    let old = RecordKey::alone(order.reservation.unwrap());
    let mut held = beside::read(shop, &RESERVATION, &old).await.unwrap();
    let mut bytes = *order.reservation.unwrap().uuid().as_bytes();
    bytes[..6].copy_from_slice(&then.millis().to_be_bytes()[2..]);
    let id = ReservationId::from_uuid(uuid::Uuid::from_bytes(bytes));
    held.insert("id".to_owned(), json!(id));
    held.insert("held_until".to_owned(), json!(until));
    beside::replace(shop, &RESERVATION, &old, held).await;
    beside::edit(shop, &ORDER, &key, |fields| {
        fields.insert("reservation".to_owned(), json!(id));
        fields.insert("reserved_until".to_owned(), json!(until));
        fields.insert("placed_at".to_owned(), json!(then));
    })
    .await;
}

async fn an_order_nobody_pays_is_cancelled_when_its_time_is_up(shop: &Shop) {
    let buyer = Buyer::new(shop).await;
    let (order, sku) = buyer.ordered("upi").await;
    time_passes(shop, &order).await;
    shop.call("reservations-release").await.unwrap();
    let order = buyer.until_order(&order, "it is cancelled", |order| order["status"] == "cancelled").await;
    assert_eq!(stock(shop, &sku).await, (12, 0, 12));
    let told = buyer.get(&format!("{}/timeline", path(&order))).await.expect(200).json();
    let last = told["data"].as_array().unwrap().last().unwrap().clone();
    assert_eq!((text(&last, "by"), text(&last, "reason")), ("shop", "expired"));
}

async fn an_order_that_was_paid_without_its_hearing_is_confirmed_when_its_time_is_up(shop: &Shop) {
    let buyer = Buyer::new(shop).await;
    let (order, sku) = buyer.ordered("upi").await;
    let pending = buyer.pay(&order, "timeout@upi").await.expect(201).json();
    assert_eq!(pending["status"], "pending");
    time_passes(shop, &order).await;
    shop.call("reservations-release").await.unwrap();
    let order = buyer.until_order(&order, "the provider was asked", |order| order["status"] != "pending_payment").await;
    assert_eq!((&order["status"], stock(shop, &sku).await), (&json!("confirmed"), (10, 0, 10)));
}
