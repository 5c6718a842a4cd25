//! What is changed in one process of the shop is seen in another within the seconds that are promised: each remembers a
//! little, and for no longer.

use std::time::Duration;

use bharatmart_local::LocalCloud;
use bharatmart_runtime::config::Config;
use bharatmart_runtime::telemetry::LogTo;
use bharatmart_tests::eventually_within;
use serde_json::json;

use crate::catalog::{Desk, each};
use crate::client::{Answer, Client};
use crate::world::{Shop, host, on_every_shop, pairs};

on_every_shop!(
    a_category_that_changes_elsewhere_is_seen_within_ten_seconds,
    a_flag_that_changes_elsewhere_is_seen_within_five_seconds,
);

/// For the look itself, on a machine that has much else to do.
const SLACK: Duration = Duration::from_secs(5);

struct Elsewhere {
    cloud: LocalCloud,
    client: Client,
    host: String,
}

impl Elsewhere {
    /// Another process of the same shop, which only answers.
    async fn of(shop: &Shop, desk: &Desk<'_>) -> Self {
        let mut settings = shop.settings.clone();
        settings.retain(|(name, _)| name != "LAMBDA_ENDPOINT");
        settings.extend(pairs(&[("SEED", "false"), ("WORKER_MODE", "none"), ("LISTEN", "127.0.0.1:0")]));
        let cloud = LocalCloud::start(Config::read(settings).unwrap(), LogTo::Stdout).await.unwrap();
        Elsewhere { client: Client::new(&cloud.url()), cloud, host: host(&desk.tenant) }
    }

    async fn get(&self, path: &str) -> Answer {
        self.client.ask("GET", &format!("/api/v1/{path}")).header("host", &self.host).send().await
    }
}

async fn a_category_that_changes_elsewhere_is_seen_within_ten_seconds(shop: &Shop) {
    const PROMISED: Duration = Duration::from_secs(10);
    let desk = Desk::open(shop).await;
    let elsewhere = Elsewhere::of(shop, &desk).await;
    let names = async || each(&elsewhere.get("categories").await.expect(200).json(), "name");
    assert_eq!(names().await, ["Groceries"]);
    desk.patch("categories/groceries", &json!({ "name": "Kirana" })).await.expect(200);
    eventually_within(PROMISED + SLACK, "the new name is seen", || async { names().await == ["Kirana"] }).await;
    desk.category(&json!({ "name": "Tea" })).await;
    // One that is asked for by its name is looked up.
    assert_eq!(elsewhere.get("categories/tea").await.expect(200).json()["name"], "Tea");
    desk.managing("DELETE", "categories/tea").send().await.expect(204);
    eventually_within(PROMISED + SLACK, "it is gone", || async { names().await == ["Kirana"] }).await;
    elsewhere.get("categories/tea").await.expect_problem(404, "not_found");
    elsewhere.cloud.stop().await;
}

async fn a_flag_that_changes_elsewhere_is_seen_within_five_seconds(shop: &Shop) {
    const PROMISED: Duration = Duration::from_secs(5);
    let desk = Desk::open(shop).await;
    let elsewhere = Elsewhere::of(shop, &desk).await;
    let flags = async || elsewhere.get("flags").await.expect(200).json()["data"].clone();
    assert_eq!(flags().await, json!({}));
    for percent in [100, 0, 100] {
        let body = json!({ "enabled": true, "percent": percent });
        desk.send("PUT", "admin/flags/checkout.new", &body).await.expect(200);
        let seen = json!({ "checkout.new": percent == 100 });
        eventually_within(PROMISED + SLACK, "the flag is seen", || async { flags().await == seen }).await;
    }
    elsewhere.cloud.stop().await;
}
