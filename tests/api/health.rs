//! Alive, ready, and how it is.

use crate::world::{Shop, on_every_shop};

on_every_shop!(it_is_alive_and_ready_with_every_dependency_named, the_index_shows_its_age);

async fn it_is_alive_and_ready_with_every_dependency_named(shop: &Shop) {
    assert_eq!(shop.client.get("/health/live").await.expect(200).json()["status"], "up");
    let ready = shop.client.get("/health/ready").await.expect(200);
    assert_eq!(ready.header("cache-control"), "no-store");
    let ready = ready.json();
    assert_eq!(ready["status"], "ready", "{ready}");
    let names: Vec<_> = ready["dependencies"].as_array().unwrap().iter().map(|d| d["name"].clone()).collect();
    for name in ["store", "queue", "cache", "blobs"] {
        assert!(names.iter().any(|known| known == name), "{names:?}");
    }
}

async fn the_index_shows_its_age(shop: &Shop) {
    let health = shop.client.get("/health").await.expect(200).json();
    assert_eq!(health["status"], "up", "{health}");
    assert!(health["search"]["documents"].as_u64().unwrap() >= 240, "{health}");
    assert!(health["search"]["published_at"].as_str().unwrap().ends_with('Z'));
}
