//! The caches: never a value past its time, no count lost. Each test runs on every engine.

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
    a_value_is_what_was_put_last,
    any_bytes_are_kept,
    a_value_is_gone_when_its_time_has_passed,
    a_value_without_time_is_not_kept,
    what_is_forgotten_is_gone,
    fifty_at_once_are_all_counted,
    a_window_is_not_prolonged_by_later_counts,
    a_counter_is_no_value,
    a_probe_reaches_the_cache,
]);

const SECOND: Duration = Duration::from_secs(1);
const HOUR: Duration = Duration::from_secs(3600);

async fn put(world: &CacheWorld, key: &str, value: &[u8], ttl: Duration) {
    world.cache.put(key, value.to_vec(), ttl).await.expect("the cache answers");
}

async fn get(world: &CacheWorld, key: &str) -> Option<Vec<u8>> {
    world.cache.get(key).await.expect("the cache answers")
}

async fn a_value_is_what_was_put_last(world: CacheWorld) {
    assert_eq!(get(&world, "key").await, None);
    put(&world, "key", b"old", HOUR).await;
    put(&world, "key", b"new", HOUR).await;
    assert_eq!(get(&world, "key").await.as_deref(), Some(b"new".as_slice()));
    assert_eq!(get(&world, "ke").await, None);
}

async fn any_bytes_are_kept(world: CacheWorld) {
    let bytes: Vec<u8> = (0..=255).cycle().take(100_000).collect();
    put(&world, "key \r\n आटा", &bytes, HOUR).await;
    put(&world, "empty", b"", HOUR).await;
    assert_eq!(get(&world, "key \r\n आटा").await, Some(bytes));
    assert_eq!(get(&world, "empty").await, Some(Vec::new()));
}

async fn a_value_is_gone_when_its_time_has_passed(world: CacheWorld) {
    put(&world, "long", b"value", HOUR).await;
    put(&world, "short", b"value", SECOND).await;
    let known_at = Instant::now();
    eventually("the value is gone", || async {
        let asked_in_time = known_at.elapsed() < SECOND;
        let value = get(&world, "short").await;
        assert!(asked_in_time || value.is_none(), "a value outlived its time");
        world.pass(SECOND / 4);
        value.is_none()
    })
    .await;
    assert!(get(&world, "long").await.is_some());
    put(&world, "short", b"again", HOUR).await;
    assert!(get(&world, "short").await.is_some());
}

async fn a_value_without_time_is_not_kept(world: CacheWorld) {
    put(&world, "key", b"value", HOUR).await;
    put(&world, "key", b"value", Duration::ZERO).await;
    assert_eq!(get(&world, "key").await, None);
}

async fn what_is_forgotten_is_gone(world: CacheWorld) {
    put(&world, "key", b"value", HOUR).await;
    world.cache.count("key", 5, HOUR).await.unwrap();
    world.cache.forget("key").await.unwrap();
    world.cache.forget("never known").await.unwrap();
    assert_eq!(get(&world, "key").await, None);
    assert_eq!(world.cache.count("key", 1, HOUR).await.unwrap().value, 1);
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

async fn a_counter_is_no_value(world: CacheWorld) {
    put(&world, "key", b"value", HOUR).await;
    assert_eq!(world.cache.count("key", 3, HOUR).await.unwrap().value, 3);
    assert_eq!(get(&world, "key").await.as_deref(), Some(b"value".as_slice()));
}

async fn a_probe_reaches_the_cache(world: CacheWorld) {
    world.cache.probe().await.expect("the cache is there");
}

#[tokio::test]
async fn shops_with_their_own_prefixes_do_not_see_each_other() {
    let url = servers::redis_url().await;
    let one = RedisCache::connect(&url, &servers::unique_name()).await.unwrap();
    let other = RedisCache::connect(&url, &servers::unique_name()).await.unwrap();
    one.put("key", b"value".to_vec(), HOUR).await.unwrap();
    assert_eq!(other.get("key").await.unwrap(), None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_redis_cache_that_is_away_says_so_at_once_and_is_found_again_by_itself() {
    let mut server = RedisServer::start().await;
    let cache = RedisCache::connect(&server.url(), "shop").await.unwrap();
    cache.put("key", b"value".to_vec(), HOUR).await.unwrap();
    server.kill().await;
    let began = Instant::now();
    assert!(matches!(cache.get("key").await, Err(Fault::Away { .. })));
    assert!(matches!(cache.count("limit", 1, HOUR).await, Err(Fault::Away { .. })));
    assert!(matches!(cache.probe().await, Err(Fault::Away { .. })));
    assert!(began.elapsed() < SECOND * 3, "three answers took {:?}", began.elapsed());
    server.start_again().await;
    eventually("the cache answers again", || async { cache.get("key").await.is_ok() }).await;
}
