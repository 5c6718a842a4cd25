//! The catalogue as its managers change it, and what customers see of it. Each test works in a shop of its own beside the
//! others: nobody else's categories and products are counted there.

mod audit;
mod banners;
mod categories;
mod deleting;
mod flags;
mod products;
mod wishlist;

use std::time::Duration;

use bharatmart_core::{Role, Tenant};
use bharatmart_tests::eventually_within;
use serde_json::{Value, json};

use crate::client::{Answer, Ask};
use crate::world::{Shop, Somebody, host, product};

/// A function remembers the categories for ten seconds; the index follows in its turn.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// A new shop of the deployment, and who manages it.
pub struct Desk<'a> {
    pub shop: &'a Shop,
    pub tenant: Tenant,
    pub admin: Somebody,
    host: String,
}

impl<'a> Desk<'a> {
    /// With one category, groceries.
    pub async fn open(shop: &'a Shop) -> Desk<'a> {
        let tenant = Tenant::parse(&format!("t{}", shop.unique())).unwrap();
        let admin = shop.somebody(Role::Admin, &tenant).await;
        let desk = Desk { shop, host: host(&tenant), tenant, admin };
        desk.category(&json!({ "name": "Groceries" })).await;
        desk
    }

    pub async fn somebody(&self, role: Role) -> Somebody {
        self.shop.somebody(role, &self.tenant).await
    }

    /// As nobody.
    pub fn ask(&self, method: &str, path: &str) -> Ask<'a> {
        self.shop.client.ask(method, &format!("/api/v1/{path}")).header("host", &self.host)
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.ask("GET", path).send().await
    }

    /// As its first admin.
    pub fn managing(&self, method: &str, path: &str) -> Ask<'a> {
        self.ask(method, path).token(&self.admin.token)
    }

    pub async fn send(&self, method: &str, path: &str, body: &Value) -> Answer {
        self.managing(method, path).json(body).send().await
    }

    /// Whatever version it has.
    pub async fn patch(&self, path: &str, body: &Value) -> Answer {
        self.managing("PATCH", path).header("if-match", "*").json(body).send().await
    }

    pub async fn product(&self, name: &str) -> Value {
        self.send("POST", "products", &product(name)).await.expect(201).json()
    }

    pub async fn category(&self, body: &Value) -> Value {
        self.send("POST", "categories", body).await.expect(201).json()
    }

    /// How many a search finds.
    pub async fn found(&self, word: &str) -> u64 {
        self.get(&format!("search?q={word}")).await.expect(200).json()["total"].as_u64().unwrap()
    }

    pub async fn until(&self, what: &str, ask: impl AsyncFn() -> bool) {
        eventually_within(PATIENCE, what, || ask()).await;
    }
}

pub fn text<'v>(value: &'v Value, field: &str) -> &'v str {
    value[field].as_str().unwrap_or_else(|| panic!("no {field} in {value}"))
}

/// The values of a field of each row.
pub fn each(page: &Value, field: &str) -> Vec<String> {
    page["data"].as_array().unwrap().iter().map(|row| text(row, field).to_owned()).collect()
}
