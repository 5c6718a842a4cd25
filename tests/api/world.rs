//! A seeded shop on each engine, shared by the tests of a run: each test brings names and SKUs of its own.

use std::future::Future;
use std::ops::Deref;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use bharatmart_adapters::dynamodb::create_table;
use bharatmart_adapters::sqs::create_queues;
use bharatmart_core::identity::User;
use bharatmart_core::ports::Store;
use bharatmart_core::record::Row;
use bharatmart_core::{Changes, Expect, Record, RecordKey, Role, Tenant};
use bharatmart_local::LocalCloud;
use bharatmart_runtime::config::Config;
use bharatmart_runtime::telemetry::LogTo;
use bharatmart_tests::{cloud, free_port, servers};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tokio::sync::RwLock;

use crate::client::{Answer, Client};
use crate::lambdas::Lambdas;

pub const ADMIN_EMAIL: &str = "admin@bharatmart.example";
pub const ADMIN_PASSWORD: &str = "first admin of the tests";
const DOMAIN: &str = "shops.example";

pub struct Shop {
    pub client: Client,
    /// Access tokens of the first admin and of some customer.
    pub admin: LoggedIn,
    pub customer: LoggedIn,
    pub cloud: LocalCloud,
    pub settings: Vec<(String, String)>,
    pub folder: TempDir,
    _lambdas: Option<Lambdas>,
}

/// The access token of somebody who stays logged in: the tests may take longer than a token lives.
pub struct LoggedIn(Arc<Mutex<&'static str>>);

impl LoggedIn {
    async fn of(url: String, email: String, password: String) -> Self {
        const ANEW_AFTER: Duration = Duration::from_secs(300);
        const IF_IT_FAILED: Duration = Duration::from_secs(2);
        let client = Client::new(&url);
        // A few hundred bytes, a few times a run.
        let kept = |answer: Answer| &*token_of(answer).leak();
        let current = Arc::new(Mutex::new(kept(try_login(&client, &email, &password).await)));
        let known = current.clone();
        tokio::spawn(async move {
            let mut wait = ANEW_AFTER;
            loop {
                tokio::time::sleep(wait).await;
                let answer = try_login(&client, &email, &password).await;
                // A shop that is busy for once is asked again.
                wait = if answer.status == 200 { ANEW_AFTER } else { IF_IT_FAILED };
                if answer.status == 200 {
                    *known.lock().unwrap() = kept(answer);
                }
            }
        });
        LoggedIn(current)
    }
}

impl Deref for LoggedIn {
    type Target = str;

    fn deref(&self) -> &str {
        *self.0.lock().unwrap()
    }
}

/// Somebody with an account.
pub struct Somebody {
    pub id: String,
    pub email: String,
    pub password: String,
    pub token: String,
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
    let _beside_others = QUIET.blocking_read();
    runtime().block_on(test)
}

/// Held for writing by a test that measures: the machine does nothing else for the suite meanwhile.
pub static QUIET: RwLock<()> = RwLock::const_new(());

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

/// PostgreSQL and Redis again, every function its own process behind the Lambda API of `cargo lambda watch`.
pub fn lambdas() -> &'static Shop {
    static SHOP: OnceLock<Shop> = OnceLock::new();
    SHOP.get_or_init(|| run(async { Shop::open(postgres_settings(2).await, true).await }))
}

pub async fn postgres_settings(redis_database: u8) -> Vec<(String, String)> {
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
        let here = format!("127.0.0.1:{}", free_port());
        let mut settings = engine;
        settings.extend(pairs(&[
            ("APP_ENV", "test"),
            ("DATA_DIR", folder.path().to_str().unwrap()),
            ("LISTEN", &here),
            // The mock payment provider must find its way back, and tokens be good in a second process.
            ("PUBLIC_URL", &format!("http://{here}")),
            ("LOG_LEVEL", "warn"),
            ("SEARCH_REFRESH_MS", "100"),
            ("CORS_ORIGINS", "https://shop.example"),
            ("TENANT_DOMAIN", DOMAIN),
            ("ADMIN_EMAIL", ADMIN_EMAIL),
            ("SECRET_ADMIN_PASSWORD", ADMIN_PASSWORD),
            // All tests come from one address.
            ("LIMITS_EXEMPT_LOOPBACK", "true"),
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
        let client = Client::new(&cloud.url());
        create_admin(&cloud).await;
        let admin = LoggedIn::of(cloud.url(), ADMIN_EMAIL.to_owned(), ADMIN_PASSWORD.to_owned()).await;
        let (email, password) = (format!("{}@example.in", unique()), format!("pass {}", unique()));
        let body = json!({ "email": email, "password": password, "name": "Asha Rao" });
        client.ask("POST", "/api/v1/auth/signup").json(&body).send().await.expect(201);
        let customer = LoggedIn::of(cloud.url(), email, password).await;
        let shop = Shop { client, admin, customer, cloud, settings, folder, _lambdas: lambdas };
        shop.wait_until_indexed().await;
        shop
    }

    pub fn store(&self) -> &dyn Store {
        self.cloud.app().ports().store.unwrap().as_ref()
    }

    /// A new account of a shop, with a role that an admin gave it.
    pub async fn somebody(&self, role: Role, tenant: &Tenant) -> Somebody {
        let host = host(tenant);
        let (email, password) = (format!("{}@example.in", unique()), format!("pass {}", unique()));
        let body = json!({ "email": email, "password": password, "name": "Asha Rao" });
        let signup = self.client.ask("POST", "/api/v1/auth/signup").header("host", &host).json(&body).send().await;
        let signed_up = signup.expect(201).json();
        let id = signed_up["user"]["id"].as_str().unwrap().to_owned();
        let mut token = signed_up["tokens"]["access_token"].as_str().unwrap().to_owned();
        if role != Role::Customer {
            self.give(&id, role, tenant).await;
            let body = json!({ "email": email, "password": password });
            let login = self.client.ask("POST", "/api/v1/auth/login").header("host", &host).json(&body).send().await;
            token = login.expect(200).json()["tokens"]["access_token"].as_str().unwrap().to_owned();
        }
        Somebody { id, email, password, token }
    }

    /// From beside the shop: who else would make the first admin of a second shop?
    async fn give(&self, id: &str, role: Role, tenant: &Tenant) {
        let user = self.store().record(tenant, User::KIND, &RecordKey::alone(id)).await.unwrap().unwrap();
        let mut user: User = Row::read(user).unwrap();
        let expect = Expect::Version(user.version);
        user.role = role;
        user.version += 1;
        self.store().commit(Changes::new(tenant).put(&user, expect)).await.unwrap();
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

    /// A function that is called by hand.
    pub async fn call(&self, worker: &str) -> Result<(), String> {
        call(&self.cloud, worker).await
    }

    pub fn unique(&self) -> String {
        unique()
    }
}

/// As whoever deploys the shop does it.
pub async fn create_admin(cloud: &LocalCloud) {
    call(cloud, "admin-create").await.unwrap();
}

pub async fn call(cloud: &LocalCloud, worker: &str) -> Result<(), String> {
    let worker = bharatmart_functions::workers().into_iter().find(|known| known.name == worker).unwrap();
    cloud.run_once(worker).await
}

/// An access token.
pub async fn login(client: &Client, email: &str, password: &str) -> String {
    token_of(try_login(client, email, password).await)
}

async fn try_login(client: &Client, email: &str, password: &str) -> Answer {
    client.ask("POST", "/api/v1/auth/login").json(&json!({ "email": email, "password": password })).send().await
}

fn token_of(answer: Answer) -> String {
    answer.expect(200).json()["tokens"]["access_token"].as_str().unwrap().to_owned()
}

/// What a browser says it wants, for a tenant's shop.
pub fn host(tenant: &Tenant) -> String {
    format!("{tenant}.{DOMAIN}")
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
