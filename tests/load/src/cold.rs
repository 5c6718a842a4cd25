//! From exec to the first response, and warm: functions as they go to AWS, under a Runtime API on the loopback, with
//! the emulator's DynamoDB.

use std::process::Stdio;
use std::time::{Duration, Instant};

use bharatmart_adapters::system::System;
use bharatmart_core::ports::Clock;
use bharatmart_core::{Role, Tenant};
use bharatmart_runtime::auth::development_token;
use bharatmart_runtime::config::{DEFAULT_SECRETS, DEV_TOKEN_KEY};
use serde_json::{Value, json};
use tokio::process::{Child, Command};

use crate::figures::{Table, mb, ms, percentile, root};
use crate::process;
use crate::runtime_api::RuntimeApi;
use crate::settings::{self, Settings};

const STARTS: usize = 30;
const WARM: usize = 300;
/// Functions that read or write the store once, one that does not, and the two that search, which are told apart.
const FUNCTIONS: [&str; 5] = ["health-live", "products-get", "products-create", "products-list", "products-search"];

pub async fn measure() -> Table {
    let mut table = Table::new(
        "Cold start and warm latency (Runtime API on loopback, DynamoDB of the emulator)",
        &[
            "function",
            "exec to first response, median",
            "p95",
            "of it CPU",
            "warm, median",
            "warm p99",
            "warm CPU a request",
            "memory, peak",
        ],
    );
    let folder = tempfile::tempdir().unwrap_or_else(|error| panic!("{error}"));
    let settings = settings::aws(folder.path()).await;
    let product = settings::seed(&settings).await;
    index(&settings).await;
    for function in FUNCTIONS {
        table.row(row(function, &settings, &product).await);
    }
    table
}

async fn row(function: &str, settings: &Settings, product: &str) -> Vec<String> {
    let (mut colds, mut cpus) = (Vec::new(), Vec::new());
    for start in 0..STARTS {
        let mut api = RuntimeApi::start().await.unwrap_or_else(|error| panic!("{error}"));
        let event = event(function, product, start);
        let begun = Instant::now();
        let child = run(function, settings, &api);
        expect_success(function, api.invoke(&event).await.as_deref());
        colds.push(begun.elapsed());
        cpus.push(process::cpu_of_first_thread(child.id().unwrap_or_default()));
    }
    colds.sort();
    cpus.sort();

    let mut api = RuntimeApi::start().await.unwrap_or_else(|error| panic!("{error}"));
    let child = run(function, settings, &api);
    let pid = child.id().unwrap_or_default();
    expect_success(function, api.invoke(&event(function, product, 100)).await.as_deref());
    let before = process::cpu_of_first_thread(pid);
    let mut warms = Vec::new();
    for request in 0..WARM {
        let event = event(function, product, 1_000 + request);
        let begun = Instant::now();
        expect_success(function, api.invoke(&event).await.as_deref());
        warms.push(begun.elapsed());
    }
    let cpu = (process::cpu_of_first_thread(pid) - before) / WARM as u32;
    warms.sort();
    vec![
        function.to_owned(),
        ms(percentile(&colds, 0.5)),
        ms(percentile(&colds, 0.95)),
        ms(percentile(&cpus, 0.5)),
        ms(percentile(&warms, 0.5)),
        ms(percentile(&warms, 0.99)),
        ms(cpu),
        mb(process::peak_memory(pid)),
    ]
}

fn run(function: &str, settings: &Settings, api: &RuntimeApi) -> Child {
    let bootstrap = root().join("target/lambda").join(function).join("bootstrap");
    assert!(bootstrap.is_file(), "{} is missing: run make build", bootstrap.display());
    Command::new(bootstrap)
        .env_clear()
        .envs(settings.iter().cloned())
        .env("AWS_LAMBDA_RUNTIME_API", api.address.to_string())
        .env("AWS_LAMBDA_FUNCTION_NAME", function)
        .env("AWS_LAMBDA_FUNCTION_VERSION", "1")
        .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .unwrap_or_else(|error| panic!("{function}: {error}"))
}

/// One of events/, made this request's own.
fn event(function: &str, product: &str, nth: usize) -> String {
    let path = root().join("events").join(format!("{function}.json"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut event: Value = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}"));
    match function {
        "products-get" => {
            event["pathParameters"] = json!({"id": product});
            event["rawPath"] = json!(format!("/api/v1/products/{product}"));
        }
        "products-create" => {
            let key = DEFAULT_SECRETS.iter().find(|(name, _)| *name == DEV_TOKEN_KEY).map_or("", |(_, key)| key);
            let token = development_token(key, Role::Admin, &Tenant::main(), &System).unwrap_or_default();
            event["headers"]["authorization"] = json!(format!("Bearer {token}"));
            // Each is a product of its own, under no key.
            if let Some(headers) = event["headers"].as_object_mut() {
                headers.remove("idempotency-key");
            }
            let unique = format!("BENCH-{}-{nth}", System.now().millis());
            let body = json!({
                "name": unique, "description": "", "brand": "Bench", "category": "home", "gst_rate": 5, "hsn": "1101",
                "variants": [{"sku": unique, "price": {"amount": 100, "currency": "INR"}, "stock": 1}],
            });
            event["body"] = json!(body.to_string());
            event["isBase64Encoded"] = json!(false);
        }
        _ => {}
    }
    event.to_string()
}

fn expect_success(function: &str, answer: Option<&[u8]>) {
    let answer = answer.unwrap_or_else(|| panic!("{function} did not answer"));
    let answer: Value = serde_json::from_slice(answer).unwrap_or_default();
    let status = answer["statusCode"].as_u64().unwrap_or_default();
    assert!((200..300).contains(&status), "{function} answered {answer}");
}

/// Lets the worker write the index, so that lists and searches have one.
async fn index(settings: &Settings) {
    use bharatmart_runtime::config::Config;
    use bharatmart_runtime::telemetry::LogTo;
    let mut settings = settings.clone();
    settings.extend(settings::pairs(&[("LISTEN", "127.0.0.1:0"), ("LOG_LEVEL", "error")]));
    let config = Config::read(settings).unwrap_or_else(|mistakes| panic!("{mistakes}"));
    let cloud = bharatmart_local::LocalCloud::start(config, LogTo::Stdout).await.unwrap_or_else(|why| panic!("{why}"));
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        let snapshot = match cloud.app().ports().search {
            Some(search) => search.snapshot().await.ok().flatten(),
            None => None,
        };
        if snapshot.is_some_and(|snapshot| snapshot.documents >= 240) {
            break;
        }
        assert!(Instant::now() < deadline, "the index was not written");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    cloud.stop().await;
}
