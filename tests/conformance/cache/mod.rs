//! The caches: no count is lost, and none outlives its window. Each test runs on every engine.

mod worlds;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use bharatmart_adapters::redis::RedisCache;
use bharatmart_core::ports::{Cache, Fault};
use bharatmart_tests::{eventually, servers};

use self::worlds::CacheWorld;
use crate::redis_server::RedisServer;

bharatmart_tests::on_every!(crate::cache::worlds: memory, redis => [
    counters_of_any_name_stand_apart,
    fifty_at_once_are_all_counted,
    a_window_is_not_prolonged_by_later_counts,
    a_probe_reaches_the_cache,
]);

const SECOND: Duration = Duration::from_secs(1);
const HOUR: Duration = Duration::from_secs(3600);

async fn counters_of_any_name_stand_apart(world: CacheWorld) {
    let names = ["key", "ke", "key ", "key \r\n आटा", ""];
    for (name, by) in names.into_iter().zip(1..) {
        assert_eq!(world.cache.count(name, by, HOUR).await.unwrap().value, by, "{name:?}");
    }
    for (name, by) in names.into_iter().zip(1..) {
        assert_eq!(world.cache.count(name, 10, HOUR).await.unwrap().value, by + 10, "{name:?}");
    }
}

async fn fifty_at_once_are_all_counted(world: CacheWorld) {
    let counts = (0..50).map(|_| {
        let cache = Arc::clone(&world.cache);
        tokio::spawn(async move { cache.count("limit", 2, HOUR).await.expect("the cache answers").value })
    });
    let counts = futures_util::future::join_all(counts).await;
    let seen: BTreeSet<u64> = counts.into_iter().map(|count| count.expect("no panic")).collect();
    assert_eq!(seen, (1..=50).map(|nth| nth * 2).collect());
    assert_eq!(world.cache.count("another", 1, HOUR).await.unwrap().value, 1);
}

async fn a_window_is_not_prolonged_by_later_counts(world: CacheWorld) {
    let window = SECOND * 2;
    let first = world.cache.count("limit", 1, window).await.unwrap();
    assert!(first.resets_in <= window && first.resets_in > window / 4, "{first:?}");
    let last = Mutex::new(first);
    let began = Instant::now();
    eventually("the counter starts anew", || async {
        world.pass(window / 8);
        let counted = world.cache.count("limit", 1, window).await.unwrap();
        let before = std::mem::replace(&mut *last.lock().unwrap(), counted);
        let anew = counted.value == 1;
        assert!(anew || (counted.value == before.value + 1 && counted.resets_in <= before.resets_in));
        anew
    })
    .await;
    assert!(began.elapsed() < window * 4);
    let anew = last.lock().unwrap().resets_in;
    assert!(anew > window / 4, "a new window has its whole length, not {anew:?}");
}

async fn a_probe_reaches_the_cache(world: CacheWorld) {
    world.cache.probe().await.expect("the cache is there");
}

#[tokio::test]
async fn shops_with_their_own_prefixes_do_not_see_each_other() {
    let url = servers::redis_url().await;
    let one = RedisCache::connect(&url, &servers::unique_name()).await.unwrap();
    let other = RedisCache::connect(&url, &servers::unique_name()).await.unwrap();
    one.count("key", 5, HOUR).await.unwrap();
    assert_eq!(other.count("key", 1, HOUR).await.unwrap().value, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_redis_cache_that_is_away_says_so_at_once_and_is_found_again_by_itself() {
    let mut server = RedisServer::start().await;
    let cache = RedisCache::connect(&server.url(), "shop").await.unwrap();
    cache.count("limit", 1, HOUR).await.unwrap();
    server.kill().await;
    let began = Instant::now();
    assert!(matches!(cache.count("limit", 1, HOUR).await, Err(Fault::Away { .. })));
    assert!(matches!(cache.probe().await, Err(Fault::Away { .. })));
    assert!(began.elapsed() < SECOND * 3, "two answers took {:?}", began.elapsed());
    server.start_again().await;
    eventually("the cache answers again", || async { cache.count("limit", 1, HOUR).await.is_ok() }).await;
}
