//! From exec to the first response, and warm: functions as they go to AWS, under a Runtime API on the loopback, with
//! the emulator's DynamoDB.

use std::process::Stdio;
use std::time::{Duration, Instant};

use bharatmart_adapters::system::System;
use bharatmart_core::ports::Clock;
use serde_json::{Value, json};
use tokio::process::{Child, Command};

use crate::figures::{Table, mb, ms, percentile, root};
use crate::runtime_api::RuntimeApi;
use crate::settings::{self, Settings};
use crate::{admin, process};

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
    let made = Made { product, token: token(&settings).await };
    for function in FUNCTIONS {
        table.row(row(function, &settings, &made).await);
    }
    table
}

/// What the requests are about, and who asks.
struct Made {
    product: String,
    token: String,
}

/// The first admin's, made and logged in by the functions that do so.
async fn token(settings: &Settings) -> String {
    once("admin-create", settings, "{}").await;
    let mut login: Value = sample("auth-login");
    login["body"] = json!(admin::login());
    login["isBase64Encoded"] = json!(false);
    let answer: Value =
        serde_json::from_str(&once("auth-login", settings, &login.to_string()).await).unwrap_or_default();
    admin::token(answer["body"].as_str().unwrap_or_default())
}

async fn once(function: &str, settings: &Settings, event: &str) -> String {
    let mut api = RuntimeApi::start().await.unwrap_or_else(|error| panic!("{error}"));
    let _running = run(function, settings, &api);
    let answer = api.invoke(event).await.unwrap_or_else(|| panic!("{function} did not answer"));
    String::from_utf8_lossy(&answer).into_owned()
}

async fn row(function: &str, settings: &Settings, made: &Made) -> Vec<String> {
    let (mut colds, mut cpus) = (Vec::new(), Vec::new());
    for start in 0..STARTS {
        let mut api = RuntimeApi::start().await.unwrap_or_else(|error| panic!("{error}"));
        let event = event(function, made, start);
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
    expect_success(function, api.invoke(&event(function, made, 100)).await.as_deref());
    let before = process::cpu_of_first_thread(pid);
    let mut warms = Vec::new();
    for request in 0..WARM {
        let event = event(function, made, 1_000 + request);
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

fn sample(function: &str) -> Value {
    let path = root().join("events").join(format!("{function}.json"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}"))
}

/// One of events/, made this request's own.
fn event(function: &str, made: &Made, nth: usize) -> String {
    let mut event = sample(function);
    match function {
        "products-get" => {
            let product = &made.product;
            event["pathParameters"] = json!({"id": product});
            event["rawPath"] = json!(format!("/api/v1/products/{product}"));
        }
        "products-create" => {
            event["headers"]["authorization"] = json!(format!("Bearer {}", made.token));
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
