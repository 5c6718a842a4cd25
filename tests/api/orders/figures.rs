//! What is counted by day. That figures are exact, whatever comes again, `again` shows in a shop of its own.

use bharatmart_core::{Role, Tenant};
use bharatmart_tests::eventually_within;
use serde_json::{Value, json};

use super::buying::{Buyer, PATIENCE, text};
use crate::world::{Shop, on_every_shop};

on_every_shop!(what_happened_is_counted_by_day, wrong_days_are_named,);

async fn summary(shop: &Shop, query: &str) -> Value {
    let path = format!("/api/v1/admin/analytics/summary{query}");
    shop.client.ask("GET", &path).token(&shop.admin).send().await.expect(200).json()
}

/// Others order meanwhile, so each figure grows by at least what this test did.
async fn what_happened_is_counted_by_day(shop: &Shop) {
    let before = summary(shop, "").await["total"].clone();
    let buyer = Buyer::new(shop).await;
    let (order, _) = buyer.paid().await;
    let (second, _) = buyer.paid().await;
    buyer.cancel(&second).await.expect(200);
    let paise = |value: &Value| value["amount"].as_i64().unwrap();
    let total = paise(&order["amounts"]["total"]);
    eventually_within(PATIENCE, "it is counted", || async {
        let after = summary(shop, "").await["total"].clone();
        let grew = |name: &str, by: i64| after[name].as_i64().unwrap() >= before[name].as_i64().unwrap() + by;
        let money = |name: &str, by: i64| paise(&after[name]) >= paise(&before[name]) + by;
        grew("orders_placed", 2)
            && grew("orders_confirmed", 2)
            && grew("orders_cancelled", 1)
            && grew("payments_captured", 2)
            && grew("refunds", 1)
            && money("captured", 2 * total)
            && money("refunded", total)
            && money("orders_value", 2 * total)
    })
    .await;
    let seller = shop.somebody(Role::Customer, &Tenant::main()).await;
    let path = "/api/v1/admin/analytics/summary";
    shop.client.ask("GET", path).token(&seller.token).send().await.expect_problem(403, "forbidden");
    assert_eq!(text(&buyer.order(&order).await, "status"), "confirmed");
}

async fn wrong_days_are_named(shop: &Shop) {
    let ask = async |query: &str| {
        let path = format!("/api/v1/admin/analytics/summary?{query}");
        shop.client.ask("GET", &path).token(&shop.admin).send().await
    };
    ask("from=yesterday").await.expect_field(422, "validation_failed", "from");
    ask("from=2026-01-01&to=2026-12-31").await.expect_field(422, "validation_failed", "from");
    ask("from=2026-02-02&to=2026-02-01").await.expect_field(422, "validation_failed", "from");
    let none = summary(shop, "?from=2020-01-01&to=2020-01-07").await;
    assert_eq!((&none["days"], &none["total"]["orders_placed"]), (&json!([]), &json!(0)));
}
