//! The shop while one call in five to its ports fails: it answers what is true or that it cannot, and never that
//! something was done which was not.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use bharatmart_core::Tenant;
use bharatmart_local::LocalCloud;
use bharatmart_runtime::config::Config;
use bharatmart_runtime::telemetry::LogTo;
use bharatmart_runtime::{App, Standing};
use futures_util::future::join_all;
use serde_json::Value;

use crate::alone::{Alone, open};
use crate::client::{Answer, Client};
use crate::docs;
use crate::world::{pairs, product, run};

const PRODUCTS: usize = 40;
/// Of one request. It makes eight calls or so, and a claim that was lost waits for its lease to end.
const MOST_TRIES: usize = 40;

/// The shop of a folder, hurt.
async fn hurt(folder: &Path, faults: &[(&str, &str)]) -> (LocalCloud, Client) {
    let mut settings = pairs(&[
        ("APP_ENV", "test"),
        ("DATA_DIR", folder.to_str().unwrap()),
        ("LISTEN", "127.0.0.1:0"),
        ("LOG_LEVEL", "error"),
        ("SEARCH_REFRESH_MS", "100"),
        ("LIMITS_EXEMPT_LOOPBACK", "true"),
        ("CHAOS_ENABLED", "true"),
    ]);
    settings.extend(pairs(faults));
    let cloud = LocalCloud::start(Config::read(settings).unwrap(), LogTo::Stdout).await.unwrap();
    let client = Client::new(&cloud.url());
    (cloud, client)
}

async fn well(folder: &Path) -> Alone {
    open(Vec::new(), &[("SEED", "true"), ("DATA_DIR", folder.to_str().unwrap())]).await
}

/// What was asked for, or that it cannot be had now and when to come again. Nothing else is honest here.
#[track_caller]
fn had(answer: &Answer) -> bool {
    let status = answer.status.as_u16();
    if status < 300 {
        return true;
    }
    let in_progress = status == 409 && answer.json()["code"] == "request_in_progress";
    assert!(status == 503 || in_progress, "{answer:?}");
    assert!(answer.header("retry-after").parse::<u32>().is_ok_and(|seconds| seconds > 0), "{answer:?}");
    false
}

/// Asks until it is answered, or long enough, each time under the same key and another request id; tells what was made.
async fn make(client: &Client, admin: &str, nth: usize) -> Option<Value> {
    let wanted = product(&format!("Unhurt Saffron {nth}"));
    for attempt in 0..MOST_TRIES {
        let ask = client.ask("POST", "/api/v1/products").token(admin).json(&wanted);
        let ask = ask.header("idempotency-key", &format!("hurt-{nth}"));
        let answer = ask.header("x-request-id", &format!("make-{nth}-{attempt}")).send().await;
        if had(&answer) {
            let made = answer.expect(201).json();
            assert_eq!(made["name"], wanted["name"]);
            assert_eq!(made["variants"][0]["price"], wanted["variants"][0]["price"]);
            return Some(made);
        }
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
    None
}

/// The categories without how many products each has: that is not told while the index is away.
fn uncounted(answer: &Answer) -> Value {
    let mut shown = answer.json();
    for category in shown["data"].as_array_mut().unwrap() {
        category["count"].take();
    }
    shown
}

/// How many products of that name there are in the store.
async fn kept(app: &App) -> BTreeMap<String, usize> {
    let store = app.ports().store.unwrap();
    let mut kept = BTreeMap::new();
    let all = store.newest_products(&Tenant::main(), None, None, 1_000).await.unwrap();
    for row in store.products(&Tenant::main(), &all).await.unwrap() {
        *kept.entry(row.product.name.to_string()).or_default() += 1;
    }
    kept
}

#[test]
fn with_faults_in_every_fifth_call_no_answer_is_a_lie_and_nothing_is_lost() {
    run(async {
        let folder = bharatmart_tests::stores::temporary_folder();
        let shop = well(folder.path()).await;
        let admin = shop.admin().await;
        let catalogue = kept(shop.cloud.app()).await;
        let categories = uncounted(&shop.client.get("/api/v1/categories").await.expect(200));
        shop.cloud.stop().await;

        let (cloud, client) = hurt(folder.path(), &[("CHAOS_FAILURE_RATE", "0.2"), ("CHAOS_SEED", "7")]).await;
        assert_eq!(cloud.app().chaos(), Standing::On { faults: 2, seed: 7 });
        let made = join_all((0..PRODUCTS).map(|nth| make(&client, &admin, nth))).await;
        let acknowledged: Vec<_> = made.iter().flatten().collect();
        assert!(acknowledged.len() > PRODUCTS / 4, "{} were made", acknowledged.len());
        let (mut right, mut away) = (0, 0);
        for made in &acknowledged {
            let path = format!("/api/v1/products/{}", made["id"].as_str().unwrap());
            for path in [path.as_str(), "/api/v1/categories", "/api/v1/products?limit=5"] {
                let answer = client.get(path).await;
                if !had(&answer) {
                    away += 1;
                    continue;
                }
                right += 1;
                let shown = answer.expect(200);
                match path {
                    "/api/v1/categories" => assert_eq!(uncounted(&shown), categories),
                    "/api/v1/products?limit=5" => assert_eq!(shown.json()["data"].as_array().unwrap().len(), 5),
                    _ => assert_eq!(shown.json()["name"], made["name"]),
                }
            }
        }
        assert!(right > away && away > 0, "{right} right answers, {away} of none");
        let figures = client.get("/metrics").await.expect(200).body;
        for fault in ["error_before", "error_after"] {
            let of_store = format!("faults_injected_total{{fault=\"{fault}\",port=\"store\",operation=\"commit\"}}");
            assert!(figures.contains(&of_store), "{figures}");
        }
        cloud.stop().await;

        let shop = well(folder.path()).await;
        for made in &acknowledged {
            let path = format!("/api/v1/products/{}", made["id"].as_str().unwrap());
            assert_eq!(shop.client.get(&path).await.expect(200).json()["name"], made["name"]);
        }
        let mut all = kept(shop.cloud.app()).await;
        for (nth, made) in made.iter().enumerate() {
            // What was not acknowledged may be there, too.
            let kept = all.remove(&format!("Unhurt Saffron {nth}"));
            assert!(kept == Some(1) || kept.is_none() && made.is_none(), "{nth} is there {kept:?} times");
        }
        assert_eq!(all, catalogue);
        shop.cloud.stop().await;
    });
}

#[test]
fn the_requests_of_the_page_on_faults_work() {
    run(async {
        let folder = bharatmart_tests::stores::temporary_folder();
        let plan = r#"{"faults":[{"fault":"busy","share":0.5,"until":"2100-01-01T00:00:00Z"}]}"#;
        let (cloud, _) = hurt(folder.path(), &[("CHAOS_PLAN", plan), ("SEED", "false")]).await;
        let requests = docs::requests("docs/chaos.md");
        assert!(!requests.is_empty());
        for block in requests {
            let text = docs::typed(&block, &cloud.url(), "").await;
            for told in [" 200\n", " 503\n", "faults_injected_total{fault=\"busy\",port=\""] {
                assert!(text.contains(told), "{told:?}\n{text}");
            }
        }
        cloud.stop().await;
    });
}

#[test]
fn a_broken_plan_stops_no_shop_and_injects_nothing() {
    run(async {
        let folder = bharatmart_tests::stores::temporary_folder();
        let broken = [("CHAOS_PLAN", "{\"faults\":[{}]}"), ("CHAOS_FAILURE_RATE", "1"), ("SEED", "false")];
        let (cloud, client) = hurt(folder.path(), &broken).await;
        client.get("/api/v1/categories").await.expect(200);
        let Standing::Broken(why) = cloud.app().chaos() else { panic!("{:?}", cloud.app().chaos()) };
        assert!(why.contains("faults[0].until must be given"), "{why}");
        cloud.stop().await;
    });
}
