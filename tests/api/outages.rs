//! A server that the shop stands on goes away and comes back: callers hear of it at once, whatever can be done without
//! it is done, and the shop finds it again by itself.

use std::time::{Duration, Instant};

use bharatmart_tests::{Server, eventually, eventually_within, servers};

use crate::alone::{Alone, open};
use crate::client::Answer;
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
        assert_eq!(shop.client.get("/health/ready").await.expect(503).json()["status"], "unready");
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
        assert_eq!(shop.client.get("/health/ready").await.expect(200).json()["status"], "degraded");

        is_back(&shop, &mut server, &["redis-cache", "redis-queue"], &path).await;
        shop.cloud.stop().await;
    });
}
