//! One checkout, as the shop's pages do it: something goes into the cart, the quote is looked at, the order placed and
//! paid, and read as confirmed.

use std::time::{Duration, Instant};

use bharatmart_adapters::system::System;
use bharatmart_core::Timestamp;
use bharatmart_core::ports::Ids;
use serde_json::{Value, json};

use super::web::Refused;
use super::{Account, Market};

pub const PLACE: &str = "place the order";
pub const STEPS: [&str; 5] = ["add to cart", "quote", PLACE, "pay", "read as confirmed"];

pub struct Flow {
    /// How long each took.
    pub steps: [Duration; STEPS.len()],
    /// From when it was due.
    pub whole: Duration,
    pub order: String,
    pub number: String,
    pub confirmed: Timestamp,
}

pub async fn checkout(market: &Market, account: &Account, due: Instant) -> Result<Flow, Refused> {
    let (web, token) = (&market.web, account.token.as_str());
    let [mut added, mut quoted, mut placed, mut paid, mut read] = [Duration::ZERO; STEPS.len()];

    let item = json!({ "sku": market.goods.any(), "quantity": 2 });
    timed(&mut added, web.post(token, "/api/v1/cart/items", &item)).await?;
    timed(&mut quoted, web.get(token, "/api/v1/cart/quote?pincode=560001")).await?;
    let body = json!({ "address": address(), "payment_method": "upi" });
    let order = timed(&mut placed, place(market, account, &body)).await?;
    let payment = json!({ "order_id": order["id"], "method": "upi", "upi_id": "success@upi" });
    timed(&mut paid, web.post(token, "/api/v1/payments", &payment)).await?;
    let text = |value: &Value, field: &str| value[field].as_str().unwrap_or_default().to_owned();
    let path = format!("/api/v1/orders/{}", text(&order, "id"));
    let order = timed(&mut read, web.get(token, &path)).await?;

    if order["status"] != "confirmed" {
        return Err(format!("an order that was paid is {}", order["status"]));
    }
    Ok(Flow {
        steps: [added, quoted, placed, paid, read],
        whole: due.elapsed(),
        order: text(&order, "id"),
        number: text(&order, "number"),
        confirmed: Timestamp::parse(&text(&order, "updated_at")).map_err(|invalid| invalid.message.to_string())?,
    })
}

/// What was ordered is remembered, to be compared with what is left.
pub async fn place(market: &Market, account: &Account, body: &Value) -> Result<Value, Refused> {
    let key = System.uuid().to_string();
    let order = market.web.post_once(&account.token, "/api/v1/orders", &key, body).await?;
    market.goods.ordered(&order);
    Ok(order)
}

pub fn address() -> Value {
    json!({
        "label": "home", "full_name": "Asha Rao", "phone": "+919876543210", "line1": "12 MG Road",
        "city": "Bengaluru", "state": "Karnataka", "pincode": "560001",
    })
}

async fn timed<T>(took: &mut Duration, step: impl Future<Output = T>) -> T {
    let begun = Instant::now();
    let done = step.await;
    *took = begun.elapsed();
    done
}
