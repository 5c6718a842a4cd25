//! One deployed and seeded stack for all tests of the run.

use std::collections::BTreeMap;
use std::future::Future;
use std::process::{Command, Stdio};
use std::sync::{Arc, LazyLock, OnceLock, PoisonError, RwLock};
use std::time::Duration;

use bharatmart_adapters::system::System;
use bharatmart_core::{Tenant, queues};
use bharatmart_runtime::config::{ADMIN_PASSWORD, Config};
use bharatmart_runtime::{App, Need, outbox};
use bharatmart_tests::{eventually_within, servers, stores};
use serde_json::json;
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::client::Client;

const DEPLOY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../infra/emulator/deploy.sh");
/// The seed's events are worked off ten at a time, by one writer.
const SEED_IS_FOUND: Duration = Duration::from_secs(120);

pub struct Stack {
    /// The shop's API.
    pub client: Client,
    /// The emulator's own.
    pub aws: Client,
    pub token: String,
    /// The stack's table, queues, files and secrets, as the functions see them.
    pub app: Arc<App>,
    endpoint: String,
    _folder: TempDir,
}

/// Runs a test on the stack, beside the others. One runtime serves stack and tests: a connection lives as long as the
/// run.
pub fn on_the_stack<F: Future>(test: impl FnOnce(&'static Stack) -> F) -> F::Output {
    let stack = deployed();
    let _beside_others = DEPLOYING.read().unwrap_or_else(PoisonError::into_inner);
    runtime().block_on(test(stack))
}

/// The same with nobody beside it: while a deploy replaces functions, requests to them may fail.
pub fn alone_on_the_stack<F: Future>(test: impl FnOnce(&'static Stack) -> F) -> F::Output {
    let stack = deployed();
    let _alone = DEPLOYING.write().unwrap_or_else(PoisonError::into_inner);
    runtime().block_on(test(stack))
}

static DEPLOYING: RwLock<()> = RwLock::new(());

fn runtime() -> &'static Runtime {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap())
}

fn deployed() -> &'static Stack {
    // A deploy that failed fails every test at once, and is not tried again.
    static STACK: LazyLock<Stack> = LazyLock::new(|| runtime().block_on(Stack::deploy()));
    &STACK
}

impl Stack {
    async fn deploy() -> Stack {
        let endpoint = servers::aws_endpoint().await;
        let outputs = deploy(&endpoint, &[]);
        let folder = stores::temporary_folder();
        let config = Config::read(settings(&endpoint, &outputs, &folder)).unwrap();
        let needs = [
            Need::READS_CATALOG,
            Need::COMMITS,
            Need::READS_OUTBOX,
            Need::PROBES_BLOBS,
            Need::sends(&queues::SEARCH),
            Need::secret(ADMIN_PASSWORD),
        ];
        let app = Arc::new(App::open(Arc::new(config), &needs).await.unwrap());
        let client = Client::new(&format!("{endpoint}/_aws/execute-api/{}", outputs["ApiId"]));
        let aws = Client::new(&endpoint);
        let token = admin(&app, &client, &aws).await;
        let products = seed(&app).await;
        wait_for_the_index(&client, products).await;
        Stack { client, aws, token, app, endpoint, _folder: folder }
    }

    /// The same template over what is there, with a setting changed in every function.
    pub fn deploy_again(&self) {
        deploy(&self.endpoint, &["LogLevel=debug"]);
    }
}

/// The first admin, made by the deployed function and logged in at the deployed API.
async fn admin(app: &App, client: &Client, aws: &Client) -> String {
    let made = aws.ask("POST", "/2015-03-31/functions/bharatmart-admin-create/invocations").bytes(b"{}".to_vec());
    let made = made.send().await.expect(200);
    assert!(!made.body.contains("errorMessage"), "{made:?}");
    let password = app.secret(ADMIN_PASSWORD).await.unwrap();
    let body = json!({ "email": "admin@bharatmart.example", "password": password.reveal() });
    let login = client.ask("POST", "/api/v1/auth/login").json(&body).send().await.expect(200).json();
    login["tokens"]["access_token"].as_str().unwrap().to_owned()
}

async fn wait_for_the_index(client: &Client, products: u64) {
    eventually_within(SEED_IS_FOUND, "the index holds the seed", || async {
        let page = client.get("/api/v1/products?limit=1").await.expect(200).json();
        page["total"].as_u64().is_some_and(|total| total >= products)
    })
    .await;
}

/// Blocks: nothing else can go on before it is done.
fn deploy(endpoint: &str, parameters: &[&str]) -> BTreeMap<String, String> {
    let deployed = Command::new(DEPLOY).arg(endpoint).args(parameters).stdin(Stdio::null()).output().unwrap();
    let said = String::from_utf8_lossy(&deployed.stderr);
    assert!(deployed.status.success(), "infra/emulator/deploy.sh failed:\n{said}");
    let outputs = String::from_utf8(deployed.stdout).unwrap();
    outputs.lines().filter_map(|line| line.split_once('=')).map(|(name, value)| (name.into(), value.into())).collect()
}

fn settings(endpoint: &str, outputs: &BTreeMap<String, String>, folder: &TempDir) -> Vec<(String, String)> {
    let settings = [
        ("APP_ENV", "test"),
        ("DATA_DIR", folder.path().to_str().unwrap()),
        ("DATABASE_TYPE", "dynamodb"),
        ("DYNAMODB_TABLE", &outputs["TableName"]),
        ("WORKER_MODE", "sqs"),
        ("QUEUE_URL_PREFIX", &outputs["QueueUrlPrefix"]),
        ("BLOBS_TYPE", "s3"),
        ("BLOBS_BUCKET", &outputs["BucketName"]),
        ("SECRETS_PROVIDER", "aws-secrets-manager"),
        ("SECRETS_PREFIX", "bharatmart/"),
        ("AWS_REGION", "ap-south-1"),
        ("AWS_ENDPOINT_URL", endpoint),
        ("AWS_ACCESS_KEY_ID", "000000000000"),
        ("AWS_SECRET_ACCESS_KEY", "test"),
    ];
    settings.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec()
}

/// As `make seed` does it: the events go the way of any other.
async fn seed(app: &Arc<App>) -> u64 {
    let ports = app.ports();
    let (store, blobs) = (ports.store.unwrap(), ports.blobs.unwrap());
    let shop = Tenant::main();
    let seeded = bharatmart_seed::seed(store.as_ref(), blobs.as_ref(), &shop, &System, &System).await.unwrap();
    outbox::sweep(app, Duration::ZERO).await.unwrap();
    seeded.products as u64
}

/// Of letters alone; in nothing else of the shop, nor of an earlier run on the same emulator.
pub fn a_new_word() -> String {
    (0..12).map(|_| char::from(b'A' + rand::random::<u8>() % 26)).collect()
}
