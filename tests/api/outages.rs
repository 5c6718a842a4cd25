//! A server that the shop stands on goes away and comes back: callers hear of it at once, whatever can be done without
//! it is done, and the shop finds it again by itself.

use std::time::{Duration, Instant};

use bharatmart_adapters::budget;
use bharatmart_core::{ProductId, Tenant};
use bharatmart_tests::{Server, eventually, eventually_within, servers};
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::alone::{Alone, open};
use crate::client::Answer;
use crate::orders::buying::order_of;
use crate::world::{product, run};

/// From the return of a server until everything is as it was.
const RECOVERY: Duration = Duration::from_secs(30);
const AT_FIRST: [(&str, &str); 4] =
    [("SEED", "true"), ("DATABASE_TYPE", "sqlite"), ("WORKER_MODE", "in-process"), ("CACHE_TYPE", "memory")];

/// The shop, and the path of a product in it.
async fn shop(with: &[(&str, &str)]) -> (Alone, String) {
    let settings: Vec<_> = AT_FIRST.iter().chain(with).copied().collect();
    let shop = open(Vec::new(), &settings).await;
    let ask = shop.client.ask("POST", "/api/v1/products").token(&shop.admin().await);
    let ask = ask.header("idempotency-key", "before-the-outage").json(&product("Lasting Cardamom"));
    let made = ask.send().await.expect(201).json();
    (shop, format!("/api/v1/products/{}", made["id"].as_str().unwrap()))
}

/// The breaker of a dependency, as the health page shows it.
async fn breaker(shop: &Alone, dependency: &str) -> String {
    let health = shop.client.get("/health").await.expect(200).json();
    let breakers = health["breakers"].as_array().unwrap();
    let found = breakers.iter().find(|breaker| breaker["dependency"] == dependency);
    found.unwrap_or_else(|| panic!("no {dependency}: {health}"))["state"].as_str().unwrap().to_owned()
}

async fn is(shop: &Alone, dependency: &str, state: &str) -> bool {
    breaker(shop, dependency).await == state
}

/// What is down, as readiness tells it; the rest is up.
async fn down(shop: &Alone, status: u16, word: &str) -> Vec<String> {
    let ready = shop.client.get("/health/ready").await.expect(status).json();
    assert_eq!(ready["status"], word, "{ready}");
    let dependencies = ready["dependencies"].as_array().unwrap().iter();
    let mut down: Vec<_> =
        dependencies.filter(|of| of["status"] != "up").map(|of| of["name"].as_str().unwrap().to_owned()).collect();
    down.sort_unstable();
    down
}

#[track_caller]
fn says_when_to_come_again(answer: &Answer) {
    assert_eq!(answer.status, 503, "{answer:?}");
    assert!(answer.header("retry-after").parse::<u32>().is_ok_and(|seconds| seconds > 0), "{answer:?}");
}

async fn is_back(shop: &Alone, server: &mut Server, dependencies: &[&str], path: &str) {
    let begun = Instant::now();
    server.start_again().await;
    for dependency in dependencies {
        let what = format!("{dependency} is asked again");
        eventually_within(RECOVERY - begun.elapsed(), &what, || is(shop, dependency, "closed")).await;
    }
    eventually_within(RECOVERY - begun.elapsed(), "the product is shown", || async {
        shop.client.get(path).await.status == 200
    })
    .await;
}

#[test]
fn while_postgresql_is_away_callers_are_told_at_once_and_soon_after_its_return_they_are_served() {
    run(async {
        let (mut server, url) = servers::own_postgres().await;
        let (shop, path) = shop(&[("DATABASE_TYPE", "postgresql"), ("DATABASE_URL", &url)]).await;
        assert_eq!(breaker(&shop, "postgresql").await, "closed");

        server.stop().await;
        eventually("PostgreSQL is left alone", || async {
            says_when_to_come_again(&shop.client.get(&path).await);
            is(&shop, "postgresql", "open").await
        })
        .await;
        let begun = Instant::now();
        for _ in 0..50 {
            says_when_to_come_again(&shop.client.get(&path).await);
        }
        assert!(begun.elapsed() < Duration::from_secs(5), "50 answers took {:?}", begun.elapsed());
        assert_eq!(down(&shop, 503, "unready").await, ["store"]);
        eventually("the figures show it", || async {
            let figures = shop.client.get("/metrics").await.expect(200).body;
            figures.contains("breaker_state{dependency=\"postgresql\"} 2")
                && figures.contains("retries_total{dependency=\"postgresql\"}")
        })
        .await;

        is_back(&shop, &mut server, &["postgresql"], &path).await;
        shop.cloud.stop().await;
    });
}

#[test]
fn while_redis_is_away_the_shop_is_served_without_it_and_soon_after_its_return_all_is_as_before() {
    run(async {
        let (mut server, url) = servers::own_redis().await;
        let (shop, path) = shop(&[("WORKER_MODE", "redis"), ("CACHE_TYPE", "redis"), ("REDIS_URL", &url)]).await;
        server.stop().await;
        eventually("Redis is left alone", || async {
            shop.client.get(&path).await.expect(200);
            is(&shop, "redis-cache", "open").await && is(&shop, "redis-queue", "open").await
        })
        .await;
        let begun = Instant::now();
        for _ in 0..50 {
            shop.client.get(&path).await.expect(200);
        }
        assert!(begun.elapsed() < Duration::from_secs(5), "50 answers took {:?}", begun.elapsed());
        assert_eq!(down(&shop, 200, "degraded").await, ["cache", "queue"]);

        is_back(&shop, &mut server, &["redis-cache", "redis-queue"], &path).await;
        shop.cloud.stop().await;
    });
}

/// No queue, no worker, hence no index and no mail: what is sold is sold.
#[test]
fn checkout_needs_the_store_alone_and_what_is_missing_is_told() {
    run(async {
        let shop = open(Vec::new(), &[("WORKER_MODE", "none"), ("CACHE_TYPE", "memory")]).await;
        let admin = shop.admin().await;
        let make = async |path: &str, body: &Value| {
            shop.client.ask("POST", path).token(&admin).json(body).send().await.expect(201).json()
        };
        make("/api/v1/categories", &json!({ "name": "Groceries" })).await;
        let mut made = Value::Null;
        for name in ["Cumin", "Clove", "Fennel", "Mustard", "Cardamom"] {
            made = make("/api/v1/products", &product(name)).await;
        }
        let path = format!("/api/v1/products/{}", made["id"].as_str().unwrap());
        for list in ["/api/v1/products?limit=5", "/api/v1/products?category=groceries&limit=5"] {
            let page = shop.client.get(list).await.expect(200).json();
            assert_eq!((&page["degraded"], page["data"].as_array().unwrap().len()), (&json!(true), 5), "{page}");
        }
        for search in ["/api/v1/search?q=atta", "/api/v1/products?brand=Kisan%20Kitchen"] {
            let answer = shop.client.get(search).await;
            says_when_to_come_again(&answer);
            assert_eq!(answer.json()["code"], "search_unavailable");
        }
        let lasting = shop.client.get(&path).await.expect(200).json();
        let asha = json!({ "email": "asha@example.in", "password": "monsoon in Madurai", "name": "Asha Rao" });
        let asha = shop.client.ask("POST", "/api/v1/auth/signup").json(&asha).send().await.expect(201).json();
        let token = asha["tokens"]["access_token"].as_str().unwrap();
        let post = async |path: &str, body: Value| {
            let ask = shop.client.ask("POST", path).token(token).header("idempotency-key", path);
            ask.json(&body).send().await.expect(201).json()
        };
        let sku = lasting["variants"][0]["sku"].as_str().unwrap();
        let order = post("/api/v1/orders", order_of(&[(sku, 2)], "upi")).await;
        let body = json!({ "order_id": order["id"], "method": "upi", "upi_id": "success@upi" });
        assert_eq!(post("/api/v1/payments", body).await["status"], "captured");
        let path = format!("/api/v1/orders/{}", order["id"].as_str().unwrap());
        let order = shop.client.ask("GET", &path).token(token).send().await.expect(200).json();
        assert_eq!(order["status"], "confirmed");
        shop.cloud.stop().await;
    });
}

/// More calls than one dependency may have under way in a process.
const CROWD: usize = 600;

#[test]
fn a_slow_store_holds_so_many_callers_and_leaves_the_rest_of_the_shop_alone() {
    run(async {
        let (_server, url) = servers::own_postgres().await;
        let (shop, path) = shop(&[("DATABASE_TYPE", "postgresql"), ("DATABASE_URL", &url)]).await;
        let id: ProductId = path.rsplit('/').next().unwrap().parse().unwrap();
        let search = "/api/v1/search?q=cardamom";
        eventually("it is found", || async { shop.client.get(search).await.json()["total"] != 0 }).await;
        let (slowing, connection) = tokio_postgres::connect(&url, tokio_postgres::NoTls).await.unwrap();
        tokio::spawn(connection);
        slowing.batch_execute("BEGIN; LOCK TABLE products IN ACCESS EXCLUSIVE MODE").await.unwrap();

        let store = shop.cloud.app().ports().store.unwrap().clone();
        let call = move || {
            let store = store.clone();
            async move { budget::within(Duration::from_secs(60), store.products(&Tenant::main(), &[id])).await }
        };
        let crowd = tokio::spawn(join_all((0..CROWD).map(|_| call())));
        eventually("the figures show that there is no more room", || async {
            // Room that something of the shop's own had when the crowd came, and has left since.
            tokio::spawn(call());
            let figures = shop.client.get("/metrics").await.expect(200).body;
            figures.contains("dependency_calls{dependency=\"postgresql\"} 512")
                && figures.contains("dependency_turned_away_total{dependency=\"postgresql\"}")
        })
        .await;
        let answer = shop.client.get(&path).await;
        says_when_to_come_again(&answer);
        assert_eq!(answer.json()["code"], "busy", "{answer:?}");
        assert_eq!(breaker(&shop, "postgresql").await, "closed", "to be slow is not to be away");
        shop.client.get("/health/live").await.expect(200);
        assert_ne!(shop.client.get(search).await.expect(200).json()["total"], 0);

        slowing.batch_execute("ROLLBACK").await.unwrap();
        let answered = crowd.await.unwrap().into_iter().filter(Result::is_ok).count();
        assert!((500..=512).contains(&answered), "{answered}");
        shop.client.get(&path).await.expect(200);
        shop.cloud.stop().await;
    });
}
