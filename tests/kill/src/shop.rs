//! The shop that is to be hit: two processes, each gateway and workers, on one PostgreSQL and one Redis; what it sells,
//! and a coupon that runs out.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use bharatmart_adapters::system::System;
use bharatmart_core::ports::Clock;
use bharatmart_tests::{Server, servers, stores};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::sync::Mutex;

use crate::client::{Answer, Ask, Client, text};

const ADMIN: &str = "admin@bharatmart.example";
const ADMIN_PASSWORD: &str = "monsoon-in-madurai";
pub const COUPON: &str = "KILL10";
/// Far fewer than there are orders that would use it.
pub const COUPON_LIMIT: u32 = 60;
const COUPON_LIMIT_OF_ONE: u32 = 4;
/// So much of what everybody wants, and of what there is enough of.
pub const HOT: (usize, u32) = (4, 20);
const PLENTY: (usize, u32) = (8, 600);

/// What is killed: a process of the shop, or a server it needs.
pub struct Victim {
    pub kind: &'static str,
    pub server: Arc<Mutex<Server>>,
}

pub struct Shop {
    pub client: Client,
    pub victims: Vec<Victim>,
    pub postgres: String,
    /// SKU and how many were put up; the first ones are hot.
    pub shelf: Vec<(String, u32)>,
    admin: String,
    _folder: TempDir,
}

impl Shop {
    pub async fn open() -> Self {
        let (postgres, postgres_url) = servers::own_durable_postgres().await;
        let (redis, redis_url) = servers::own_durable_redis().await;
        let folder = stores::temporary_folder();
        let mut settings = vec![
            ("APP_ENV", "test"),
            ("DEPLOYMENT_MODE", "multi-tier"),
            ("DATABASE_TYPE", "postgresql"),
            ("DATABASE_URL", &postgres_url),
            ("WORKER_MODE", "redis"),
            ("CACHE_TYPE", "redis"),
            ("REDIS_URL", &redis_url),
            ("DATA_DIR", folder.path().to_str().unwrap()),
            ("SEED", "false"),
            ("LOG_LEVEL", "warn"),
            ("LIMITS_EXEMPT_LOOPBACK", "true"),
            ("ADMIN_EMAIL", ADMIN),
            ("SECRET_ADMIN_PASSWORD", ADMIN_PASSWORD),
        ];
        make_admin(&settings);
        let (first, first_url) = servers::own_shop(&program(), &settings).await;
        // One shop: a token of one process is good at the other.
        settings.push(("PUBLIC_URL", &first_url));
        let (second, second_url) = servers::own_shop(&program(), &settings).await;
        let victim = |(kind, server)| Victim { kind, server: Arc::new(Mutex::new(server)) };
        let victims = [("shop", first), ("shop", second), ("PostgreSQL", postgres), ("Redis", redis)].map(victim);
        let client = Client::new(vec![first_url, second_url]);
        let admin = login(&client).await;
        let mut shop =
            Shop { client, victims: victims.into(), postgres: postgres_url, shelf: Vec::new(), admin, _folder: folder };
        shop.stock_up().await;
        shop
    }

    async fn stock_up(&mut self) {
        self.as_admin("POST", "categories", &json!({ "name": "Groceries" })).await.expect(201);
        for (many, stock) in [HOT, PLENTY] {
            for _ in 0..many {
                let nth = self.shelf.len();
                let sku = format!("KILL-{nth}");
                let price = json!({ "amount": 25_000 + 1_000 * nth, "currency": "INR" });
                let product = json!({
                    "name": format!("Basmati No {nth}"),
                    "description": "Bought while the shop is hit.",
                    "brand": "Kisan Kitchen",
                    "category": "groceries",
                    "gst_rate": 5,
                    "hsn": "1006",
                    "variants": [{ "sku": sku, "price": price, "stock": stock }],
                });
                self.as_admin("POST", "products", &product).await.expect(201);
                self.shelf.push((sku, stock));
            }
        }
        let (now, day) = (System.now(), Duration::from_secs(24 * 3600));
        let coupon = json!({
            "code": COUPON,
            "benefit": "percent",
            "percent": 10,
            "starts_at": now.before(day),
            "ends_at": now.after(day),
            "total_limit": COUPON_LIMIT,
            "user_limit": COUPON_LIMIT_OF_ONE,
        });
        self.as_admin("POST", "admin/coupons", &coupon).await.expect(201);
    }

    pub async fn as_admin(&self, method: &'static str, path: &str, body: &Value) -> Answer {
        self.client.ask(Ask { method, path, token: &self.admin, key: "", body }).await
    }

    /// A token lasts a quarter of an hour.
    pub async fn log_in_again(&mut self) {
        self.admin = login(&self.client).await;
    }

    /// The last lines of each, when something is wrong.
    pub fn tell_what_it_said(&self) {
        for victim in &self.victims {
            let Ok(server) = victim.server.try_lock() else { continue };
            let said = server.said();
            let lines: Vec<_> = said.lines().filter(|line| is_worth_telling(line)).collect();
            eprintln!("\n{}:", victim.kind);
            lines[lines.len().saturating_sub(40)..].iter().for_each(|line| eprintln!("  {line}"));
        }
    }
}

/// That somebody was away everybody knows.
fn is_worth_telling(line: &str) -> bool {
    let says = |words: &[&str]| words.iter().any(|word| line.contains(word));
    says(&["ERROR", "panicked", "PANIC"]) && !says(&[" away", "starting up", "BusyLoading"])
}

/// The local cloud, built beside this program.
fn program() -> PathBuf {
    let path = std::env::current_exe().unwrap().with_file_name("bharatmart-local");
    assert!(path.is_file(), "{} is not built; `make test-kill` builds it", path.display());
    path
}

fn make_admin(settings: &[(&str, &str)]) {
    let mut command = std::process::Command::new(program());
    command.args(["run", "admin-create"]).env_clear().envs(settings.iter().copied()).current_dir("/");
    let made = command.output().unwrap();
    assert!(made.status.success(), "no admin was made: {}", String::from_utf8_lossy(&made.stderr));
}

async fn login(client: &Client) -> String {
    let body = json!({ "email": ADMIN, "password": ADMIN_PASSWORD });
    let ask = Ask { method: "POST", path: "auth/login", token: "", key: "", body: &body };
    let answer = client.ask(ask).await.expect(200);
    text(&answer["tokens"], "access_token").to_owned()
}
