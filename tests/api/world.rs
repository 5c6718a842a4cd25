//! A seeded shop on each engine, shared by the tests of a run: each test brings names and SKUs of its own.

use std::future::Future;
use std::sync::OnceLock;

use bharatmart_adapters::dynamodb::create_table;
use bharatmart_adapters::sqs::create_queues;
use bharatmart_adapters::system::System;
use bharatmart_core::{Role, Tenant};
use bharatmart_local::LocalCloud;
use bharatmart_runtime::auth::development_token;
use bharatmart_runtime::config::{Config, DEFAULT_SECRETS, DEV_TOKEN_KEY};
use bharatmart_runtime::telemetry::LogTo;
use bharatmart_tests::{cloud, servers};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::client::{Answer, Client};
use crate::lambdas::Lambdas;

pub struct Shop {
    pub client: Client,
    pub admin: String,
    pub customer: String,
    pub cloud: LocalCloud,
    pub settings: Vec<(String, String)>,
    pub folder: TempDir,
    _lambdas: Option<Lambdas>,
}

/// `on_every_shop!(a_test, another)` runs each as `sqlite::a_test`, `postgres::a_test` and so on.
macro_rules! on_every_shop {
    ($($test:ident),+ $(,)?) => {
        $crate::world::on_every_shop!(@engine sqlite, [$($test),+]);
        $crate::world::on_every_shop!(@engine postgres, [$($test),+]);
        $crate::world::on_every_shop!(@engine dynamodb, [$($test),+]);
        $crate::world::on_every_shop!(@engine lambdas, [$($test),+]);
    };
    (@engine $engine:ident, [$($test:ident),+]) => {
        mod $engine {
            $(
                #[test]
                fn $test() {
                    let shop = $crate::world::$engine();
                    $crate::world::run(super::$test(shop));
                }
            )+
        }
    };
}
pub(crate) use on_every_shop;

/// One runtime for the shops and the tests: what a test awaits lives as long as the run.
fn runtime() -> &'static Runtime {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap())
}

pub fn run<T>(test: impl Future<Output = T>) -> T {
    runtime().block_on(test)
}

/// SQLite files and an in-process queue.
pub fn sqlite() -> &'static Shop {
    static SHOP: OnceLock<Shop> = OnceLock::new();
    SHOP.get_or_init(|| run(Shop::open(Vec::new(), false)))
}

/// PostgreSQL, with Redis for queue and cache.
pub fn postgres() -> &'static Shop {
    static SHOP: OnceLock<Shop> = OnceLock::new();
    SHOP.get_or_init(|| run(async { Shop::open(postgres_settings(1).await, false).await }))
}

/// The emulator's DynamoDB, SQS and S3.
pub fn dynamodb() -> &'static Shop {
    static SHOP: OnceLock<Shop> = OnceLock::new();
    SHOP.get_or_init(|| run(async { Shop::open(aws_settings().await, false).await }))
}

/// PostgreSQL and Redis again, every function its own process under `cargo lambda watch`.
pub fn lambdas() -> &'static Shop {
    static SHOP: OnceLock<Shop> = OnceLock::new();
    SHOP.get_or_init(|| run(async { Shop::open(postgres_settings(2).await, true).await }))
}

async fn postgres_settings(redis_database: u8) -> Vec<(String, String)> {
    let database = servers::postgres_database().await;
    let redis = format!("{}/{redis_database}", servers::redis_url().await);
    pairs(&[
        ("DATABASE_TYPE", "postgresql"),
        ("DATABASE_URL", &database),
        ("WORKER_MODE", "redis"),
        ("CACHE_TYPE", "redis"),
        ("REDIS_URL", &redis),
    ])
}

pub async fn aws_settings() -> Vec<(String, String)> {
    let (endpoint, sdk, name) = (servers::aws_endpoint().await, servers::aws().await, servers::unique_name());
    create_table(&sdk, &name).await.unwrap();
    let queues = create_queues(&sdk, &format!("{name}-"), bharatmart_core::queues::ALL).await.unwrap();
    let bucket = cloud::bucket(&sdk).await;
    pairs(&[
        ("DATABASE_TYPE", "dynamodb"),
        ("DYNAMODB_TABLE", &name),
        ("WORKER_MODE", "sqs"),
        ("QUEUE_URL_PREFIX", queues.prefix()),
        ("BLOBS_TYPE", "s3"),
        ("BLOBS_BUCKET", &bucket),
        ("AWS_REGION", "ap-south-1"),
        ("AWS_ENDPOINT_URL", &endpoint),
        ("AWS_ACCESS_KEY_ID", "test"),
        ("AWS_SECRET_ACCESS_KEY", "test"),
    ])
}

pub fn pairs(settings: &[(&str, &str)]) -> Vec<(String, String)> {
    settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

impl Shop {
    async fn open(engine: Vec<(String, String)>, as_lambdas: bool) -> Shop {
        let folder = bharatmart_tests::stores::temporary_folder();
        let mut settings = engine;
        settings.extend(pairs(&[
            ("APP_ENV", "test"),
            ("DATA_DIR", folder.path().to_str().unwrap()),
            ("LISTEN", "127.0.0.1:0"),
            ("LOG_LEVEL", "warn"),
            ("SEARCH_REFRESH_MS", "100"),
            ("CORS_ORIGINS", "https://shop.example"),
            ("TENANT_DOMAIN", "shops.example"),
            ("FRONTEND_DIR", concat!(env!("CARGO_MANIFEST_DIR"), "/../frontend")),
        ]));
        let lambdas = if as_lambdas {
            let lambdas = Lambdas::start(&settings).await;
            settings.push(("LAMBDA_ENDPOINT".to_owned(), lambdas.endpoint()));
            Some(lambdas)
        } else {
            None
        };
        let config = Config::read(settings.clone()).unwrap();
        let cloud = LocalCloud::start(config, LogTo::Stdout).await.unwrap();
        let shop = Shop {
            client: Client::new(&cloud.url()),
            admin: token(Role::Admin),
            customer: token(Role::Customer),
            cloud,
            settings,
            folder,
            _lambdas: lambdas,
        };
        shop.wait_until_indexed().await;
        shop
    }

    /// The seed's events have all reached the index.
    async fn wait_until_indexed(&self) {
        let patience = std::time::Duration::from_secs(120);
        let indexed = async {
            loop {
                let answer = self.client.get("/api/v1/products?limit=1").await;
                if answer.status == 200 && answer.json()["total"].as_u64().is_some_and(|total| total >= 240) {
                    return;
                }
                tokio::time::sleep(std::time::Duration::from_millis(50)).await;
            }
        };
        tokio::time::timeout(patience, indexed).await.expect("the seed is indexed");
    }

    pub async fn create(&self, input: &Value) -> Answer {
        self.client.ask("POST", "/api/v1/products").token(&self.admin).json(input).send().await
    }

    pub async fn create_with_key(&self, input: &Value, key: &str) -> Answer {
        let ask = self.client.ask("POST", "/api/v1/products").token(&self.admin).header("idempotency-key", key);
        ask.json(input).send().await
    }

    pub fn unique(&self) -> String {
        unique()
    }
}

pub fn token(role: Role) -> String {
    token_of(role, &Tenant::main())
}

pub fn token_of(role: Role, tenant: &Tenant) -> String {
    let key = DEFAULT_SECRETS.iter().find(|(name, _)| *name == DEV_TOKEN_KEY).unwrap().1;
    development_token(key, role, tenant, &System).unwrap()
}

fn unique() -> String {
    format!("{:016x}", rand::random::<u64>())
}

/// A product a person could sell, under a SKU of its own.
pub fn product(name: &str) -> Value {
    json!({
        "name": name,
        "description": "Made for a test.",
        "brand": "Kisan Kitchen",
        "category": "groceries",
        "gst_rate": 5,
        "hsn": "0910",
        "tags": ["spice"],
        "variants": [
            {"sku": format!("T-{}", unique()), "price": {"amount": 14900, "currency": "INR"}, "stock": 12}
        ]
    })
}
