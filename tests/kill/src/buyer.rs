//! Somebody who buys, pays in every way there is, thinks better of it now and then, and remembers what the shop said.

use std::time::Duration;

use bharatmart_core::{OrderId, PaymentId};
use futures_util::future::{join, join_all};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use serde_json::{Value, json};
use tokio::sync::watch;

use crate::client::{Answer, Ask, Client, text};
use crate::shop::{COUPON, HOT, Shop};

/// What somebody was told, and may rely on.
#[derive(Clone, Debug)]
pub struct Promise {
    pub order: OrderId,
    pub user: String,
    pub total: i64,
    pub lines: Vec<(String, u32)>,
    /// Payments that were told to be captured.
    pub captured: Vec<PaymentId>,
    pub cancelled: bool,
}

pub struct Buyer {
    client: Client,
    shelf: Vec<(String, u32)>,
    id: String,
    token: String,
    random: StdRng,
}

/// Somebody looks around for so long, in milliseconds, before each order: so orders come at moments of their own, which
/// are not those of the kills.
const LOOKS_AROUND: std::ops::Range<u64> = 0..10_000;

pub async fn sign_up(shop: &Shop, seed: u64, buyers: usize) -> Vec<Buyer> {
    let mut signed_up = Vec::new();
    for nth in 0..buyers {
        let random = StdRng::seed_from_u64(seed.wrapping_mul(1_000) + nth as u64);
        signed_up.push(Buyer::sign_up(shop, random).await);
    }
    signed_up
}

/// What they were promised, who each get so many orders, spread over so many kills: the last order of each comes after all
/// of these.
pub async fn buy(buyers: Vec<Buyer>, orders: usize, kills: watch::Receiver<u32>, in_all: u32) -> Vec<Promise> {
    let buying = |buyer: Buyer| tokio::spawn(buyer.buy(orders, kills.clone(), in_all));
    let promised = join_all(buyers.into_iter().map(buying)).await;
    promised.into_iter().flat_map(|of_one| of_one.expect("no buyer met what cannot be")).collect()
}

impl Buyer {
    async fn sign_up(shop: &Shop, random: StdRng) -> Self {
        let email = format!("{:016x}@example.in", rand::random::<u64>());
        let body = json!({ "email": email, "password": "rains in Ratnagiri", "name": "Asha Rao" });
        let (client, shelf) = (shop.client.clone(), shop.shelf.clone());
        let mut buyer = Buyer { client, shelf, id: String::new(), token: String::new(), random };
        let answer = buyer.ask("POST", "auth/signup", &key(), &body).await.expect(201);
        buyer.id = text(&answer["user"], "id").to_owned();
        buyer.token = text(&answer["tokens"], "access_token").to_owned();
        buyer
    }

    async fn buy(mut self, orders: usize, mut kills: watch::Receiver<u32>, in_all: u32) -> Vec<Promise> {
        let mut promises: Vec<Promise> = Vec::new();
        while promises.len() < orders {
            let before = in_all as usize * promises.len() / (orders - 1);
            kills.wait_for(|done| *done as usize >= before).await.expect("kills go on while somebody buys");
            tokio::time::sleep(Duration::from_millis(self.random.random_range(LOOKS_AROUND))).await;
            let mut promise = self.place().await;
            self.pay(&mut promise).await;
            if self.random.random_bool(0.2) {
                self.cancel(&mut promise).await;
            }
            self.look(&promise).await;
            promises.push(promise);
        }
        promises
    }

    /// Something else, if there is not enough of what they wanted.
    async fn place(&mut self) -> Promise {
        loop {
            if let Some(promise) = self.place_this().await {
                return promise;
            }
        }
    }

    /// `None`: there was not enough of something, or the coupon was used up.
    async fn place_this(&mut self) -> Option<Promise> {
        let mut lines: Vec<(String, u32)> = Vec::new();
        for _ in 0..self.random.random_range(1..=3) {
            let among = if self.random.random_bool(0.15) { 0..HOT.0 } else { HOT.0..self.shelf.len() };
            let (sku, _) = &self.shelf[self.random.random_range(among)];
            if !lines.iter().any(|(known, _)| known == sku) {
                lines.push((sku.clone(), self.random.random_range(1..=2)));
            }
        }
        let wanted: Vec<_> = lines.iter().map(|(sku, quantity)| json!({ "sku": sku, "quantity": quantity })).collect();
        let mut body = json!({ "lines": wanted, "address": address(), "payment_method": "upi" });
        if self.random.random_bool(0.25) {
            body["coupon"] = json!(COUPON);
        }
        let (key, clicks_twice) = (key(), self.random.random_bool(0.3));
        let place = || self.ask("POST", "orders", &key, &body);
        let answer = match clicks_twice {
            // A double click: at two processes, maybe.
            true => {
                let (one, other) = join(place(), place()).await;
                assert_eq!((one.status, &one.body["id"]), (other.status, &other.body["id"]), "{one:?} {other:?}");
                one
            }
            false => place().await,
        };
        match answer.code() {
            "insufficient_stock" | "coupon_limit_reached" => return None,
            _ => {}
        }
        let order = answer.expect(201);
        Some(Promise {
            order: text(&order, "id").parse().unwrap(),
            user: self.id.clone(),
            total: order["amounts"]["total"]["amount"].as_i64().unwrap(),
            lines,
            captured: Vec::new(),
            cancelled: false,
        })
    }

    async fn pay(&mut self, promise: &mut Promise) {
        let with: &[&str] = match self.random.random_range(0..100) {
            0..55 => &["success@upi"],
            55..63 => &["decline@upi", "success@upi"],
            63..71 => &["timeout@upi"],
            71..77 => &["late@upi"],
            77..81 => &["late@upi", "success@upi"],
            81..87 => &["double@upi"],
            87..93 => &["slow@upi"],
            _ => &[],
        };
        for upi in with {
            self.pay_with(promise, upi).await;
        }
    }

    async fn pay_with(&self, promise: &mut Promise, upi: &str) {
        let body = json!({ "order_id": promise.order, "method": "upi", "upi_id": upi });
        let answer = self.ask("POST", "payments", &key(), &body).await;
        // An attempt of theirs that they were not told of: the shop looks after it.
        if ["payment_in_progress", "already_paid"].contains(&answer.code()) {
            return;
        }
        let mut payment = answer.expect(201);
        let id: PaymentId = text(&payment, "id").parse().unwrap();
        if payment["status"] == "pending" {
            payment = self.ask("POST", &format!("payments/{id}/verify"), "", &Value::Null).await.expect(200);
        }
        if payment["status"] == "captured" {
            promise.captured.push(id);
        }
    }

    async fn cancel(&self, promise: &mut Promise) {
        let reason = json!({ "reason": "thought better of it" });
        let order = self.ask("POST", &format!("orders/{}/cancel", promise.order), &key(), &reason).await.expect(200);
        assert_eq!(order["status"], "cancelled");
        promise.cancelled = true;
    }

    /// What was promised is seen from then on, through whatever is killed.
    async fn look(&self, promise: &Promise) {
        let order = self.ask("GET", &format!("orders/{}", promise.order), "", &Value::Null).await.expect(200);
        let seen = text(&order, "status");
        let expected: &[&str] = match promise {
            Promise { cancelled: true, .. } => &["cancelled"],
            Promise { captured, .. } if captured.is_empty() => &["pending_payment", "confirmed"],
            _ => &["confirmed"],
        };
        assert!(expected.contains(&seen), "{promise:?} is {seen}");
    }

    async fn ask(&self, method: &'static str, path: &str, key: &str, body: &Value) -> Answer {
        self.client.ask(Ask { method, path, token: &self.token, key, body }).await
    }
}

fn key() -> String {
    format!("{:032x}", rand::random::<u128>())
}

fn address() -> Value {
    json!({
        "label": "home", "full_name": "Asha Rao", "phone": "+919876543210", "line1": "12 MG Road",
        "city": "Bengaluru", "state": "Karnataka", "pincode": "560001",
    })
}
