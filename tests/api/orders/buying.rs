//! Somebody who buys, and what becomes of it.

use std::time::Duration;

use bharatmart_core::payments::{Balance, LEDGER_ENTRY, LedgerEntry};
use bharatmart_core::record::{Listing, Row};
use bharatmart_core::{Role, Tenant};
use bharatmart_tests::eventually_within;
use serde_json::{Value, json};

use crate::cart::shopping::for_sale;
use crate::client::{Answer, Ask};
use crate::world::{Shop, Somebody};

/// Workers take their turns, and a webhook some seconds.
pub const PATIENCE: Duration = Duration::from_secs(60);

pub struct Buyer<'a> {
    pub shop: &'a Shop,
    pub who: Somebody,
}

pub fn address() -> Value {
    json!({
        "label": "home", "full_name": "Asha Rao", "phone": "+919876543210", "line1": "12 MG Road",
        "city": "Bengaluru", "state": "Karnataka", "pincode": "560001",
    })
}

/// What is sent to place an order of these.
pub fn order_of(lines: &[(&str, i64)], method: &str) -> Value {
    let lines: Vec<_> = lines.iter().map(|(sku, quantity)| json!({ "sku": sku, "quantity": quantity })).collect();
    json!({ "lines": lines, "address": address(), "payment_method": method })
}

impl<'a> Buyer<'a> {
    pub async fn new(shop: &'a Shop) -> Self {
        Self::with_role(shop, Role::Customer).await
    }

    pub async fn with_role(shop: &'a Shop, role: Role) -> Self {
        Buyer { shop, who: shop.somebody(role, &Tenant::main()).await }
    }

    pub fn ask(&self, method: &str, path: &str) -> Ask<'a> {
        self.shop.client.ask(method, &format!("/api/v1/{path}")).token(&self.who.token)
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.ask("GET", path).send().await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.ask("POST", path).json(body).send().await
    }

    pub async fn place_with_key(&self, body: &Value, key: &str) -> Answer {
        self.ask("POST", "orders").header("idempotency-key", key).json(body).send().await
    }

    pub async fn place(&self, body: &Value) -> Answer {
        self.place_with_key(body, &self.shop.unique()).await
    }

    /// An order of one thing nobody else buys, and its SKU: two of twelve, at ₹150.
    pub async fn ordered(&self, method: &str) -> (Value, String) {
        let sku = for_sale(self.shop, 15_000, 12).await;
        (self.place(&order_of(&[(&sku, 2)], method)).await.expect(201).json(), sku)
    }

    pub async fn pay(&self, order: &Value, upi: &str) -> Answer {
        let body = json!({ "order_id": order["id"], "method": "upi", "upi_id": upi });
        self.post("payments", &body).await
    }

    /// A paid order, and its SKU.
    pub async fn paid(&self) -> (Value, String) {
        let (order, sku) = self.ordered("upi").await;
        let payment = self.pay(&order, "success@upi").await.expect(201).json();
        assert_eq!(payment["status"], "captured", "{payment}");
        (self.order(&order).await, sku)
    }

    /// The order as it is now.
    pub async fn order(&self, order: &Value) -> Value {
        self.get(&path(order)).await.expect(200).json()
    }

    pub async fn payments(&self, order: &Value) -> Vec<Value> {
        let listed = self.get(&format!("payments?order_id={}", text(order, "id"))).await.expect(200).json();
        listed["data"].as_array().unwrap().clone()
    }

    pub async fn cancel(&self, order: &Value) -> Answer {
        self.post(&format!("{}/cancel", path(order)), &json!({ "reason": "thought better of it" })).await
    }

    pub async fn until_order(&self, order: &Value, what: &str, is: impl Fn(&Value) -> bool) -> Value {
        eventually_within(PATIENCE, what, || async { is(&self.order(order).await) }).await;
        self.order(order).await
    }
}

pub fn path(order: &Value) -> String {
    format!("orders/{}", text(order, "id"))
}

pub fn text<'v>(value: &'v Value, field: &str) -> &'v str {
    value[field].as_str().unwrap_or_else(|| panic!("no {field}: {value}"))
}

/// On hand, reserved, available.
pub async fn stock(shop: &Shop, sku: &str) -> (u64, u64, u64) {
    let stock = shop.client.get(&format!("/api/v1/inventory/{sku}")).await.expect(200).json();
    let figure = |name: &str| stock[name].as_u64().unwrap();
    (figure("on_hand"), figure("reserved"), figure("available"))
}

/// Captured − refunded = kept: the books of an order come to what the order says.
pub async fn books_agree(shop: &Shop, order: &Value) {
    let listing = Listing::Within(text(order, "id"));
    let rows = shop.store().records(&Tenant::main(), &LEDGER_ENTRY, listing, None, 100).await.unwrap();
    let entries: Vec<LedgerEntry> = rows.into_iter().map(|row| Row::read(row).unwrap()).collect();
    let balance = Balance::of(&entries);
    let figure = |name: &str| order["payment"][name]["amount"].as_i64().unwrap();
    let (captured, refunded) = (figure("captured"), figure("refunded"));
    assert_eq!((balance.captured.get(), balance.refunded.get()), (captured, refunded), "{entries:?}");
    assert_eq!(balance.kept().get(), captured - refunded);
}

/// As the shop's staff moves it.
pub async fn moved(shop: &Shop, order: &Value, to: &str) -> Answer {
    let path = format!("/api/v1/admin/orders/{}/transitions", text(order, "id"));
    let body = json!({ "to": to, "tracking": "DL 4711" });
    shop.client.ask("POST", &path).token(&shop.admin).json(&body).send().await
}

/// `subtotal − discount + delivery = total = taxable + cgst + sgst + igst`.
pub fn adds_up(amounts: &Value) {
    let paise = |name: &str| amounts[name]["amount"].as_i64().unwrap_or_else(|| panic!("no {name}: {amounts}"));
    let total = paise("total");
    assert_eq!(total, paise("subtotal") - paise("discount") + paise("delivery"), "{amounts}");
    assert_eq!(total, paise("taxable") + paise("cgst") + paise("sgst") + paise("igst"), "{amounts}");
}
