//! The shop hears of what runs low: once a crossing.

use std::cell::Cell;

use bharatmart_core::EventKind;
use bharatmart_tests::eventually_within;
use serde_json::{Value, json};

use super::{Item, PATIENCE, rows};
use crate::identity::people::messages;
use crate::world::{ADMIN_EMAIL, Shop, on_every_shop};

on_every_shop!(
    a_crossing_is_told_once_until_there_is_enough_again,
    lists_show_that_little_or_nothing_is_left,
    what_runs_low_is_listed_with_its_product,
    a_list_of_what_runs_low_is_walked_once_by_its_cursor,
);

async fn crossings(shop: &Shop, item: &Item) -> Vec<Value> {
    let mut told = item.told(shop, EventKind::InventoryLowStock).await;
    told.sort_by_key(|event| event.id);
    told.iter().map(|event| json!([event.data["class"], event.data["available"]])).collect()
}

async fn mails(shop: &Shop, item: &Item) -> Vec<String> {
    let texts = messages(shop, ADMIN_EMAIL).await.into_iter().map(|mail| mail["text"].as_str().unwrap().to_owned());
    texts.filter(|text| text.contains(item.sku.as_str())).collect()
}

async fn a_crossing_is_told_once_until_there_is_enough_again(shop: &Shop) {
    let item = Item::new(shop).await;
    let entries = Cell::new(1);
    let move_by = async |delta| {
        item.move_by(shop, delta).await;
        entries.set(entries.get() + 1);
        item.kept_log(shop, entries.get()).await;
    };
    item.kept_log(shop, 1).await;
    assert_eq!(crossings(shop, &item).await, Vec::<Value>::new());
    move_by(-7).await;
    assert_eq!(crossings(shop, &item).await, [json!(["low", 5])]);
    move_by(-3).await;
    move_by(-2).await;
    assert_eq!(crossings(shop, &item).await.len(), 1, "further down is no crossing");
    move_by(4).await;
    move_by(-1).await;
    assert_eq!(crossings(shop, &item).await.len(), 1, "a little more is not enough");
    move_by(10).await;
    move_by(-13).await;
    assert_eq!(crossings(shop, &item).await, [json!(["low", 5]), json!(["out", 0])]);
    eventually_within(PATIENCE, "whoever runs the shop is written to", || async {
        mails(shop, &item).await.len() == 2
    })
    .await;
    let mails = mails(shop, &item).await;
    assert!(mails.iter().all(|text| text.contains(&item.name)), "{mails:?}");
    assert!(mails.iter().any(|text| text.contains("5 are left")), "{mails:?}");
}

async fn lists_show_that_little_or_nothing_is_left(shop: &Shop) {
    let item = Item::new(shop).await;
    let shows = async |availability: &str| {
        let path = format!("/api/v1/search?q={}", item.name);
        eventually_within(PATIENCE, "the list shows it", || async {
            let page = shop.client.get(&path).await.expect(200).json();
            page["data"][0]["variants"][0]["availability"] == availability
        })
        .await;
    };
    shows("in_stock").await;
    item.held(shop, 9).await;
    shows("low").await;
    let rest = item.held(shop, 3).await;
    shows("out").await;
    super::give_back(shop, &rest).await;
    shows("low").await;
    item.move_by(shop, 40).await;
    shows("in_stock").await;
}

async fn listed(shop: &Shop, class: &str, item: &Item) -> Option<Value> {
    let mut query = format!("limit=100&{class}");
    loop {
        let path = format!("/api/v1/admin/inventory/low-stock?{query}");
        let page = shop.client.ask("GET", &path).token(&shop.admin).send().await.expect(200).json();
        let found = rows(&page).into_iter().find(|row| row["sku"] == item.sku.as_str());
        match (found, page["next_cursor"].as_str()) {
            (None, Some(cursor)) => query = format!("limit=100&{class}&cursor={cursor}"),
            (found, _) => return found,
        }
    }
}

async fn what_runs_low_is_listed_with_its_product(shop: &Shop) {
    let item = Item::new(shop).await;
    item.kept_log(shop, 1).await;
    assert_eq!(listed(shop, "", &item).await, None);
    item.move_by(shop, -10).await;
    item.kept_log(shop, 2).await;
    let low = json!({
        "sku": item.sku.as_str(), "product_id": item.product, "name": item.name, "available": 2, "class": "low",
    });
    assert_eq!(listed(shop, "", &item).await, Some(low.clone()));
    assert_eq!(listed(shop, "class=low", &item).await, Some(low));
    assert_eq!(listed(shop, "class=out", &item).await, None);
    item.move_by(shop, -2).await;
    item.kept_log(shop, 3).await;
    assert_eq!(listed(shop, "class=low", &item).await, None);
    assert_eq!(listed(shop, "class=out", &item).await.unwrap()["available"], 0);
    let wrong = shop.client.ask("GET", "/api/v1/admin/inventory/low-stock?class=some").token(&shop.admin).send().await;
    wrong.expect_field(422, "validation_failed", "class");
}

async fn a_list_of_what_runs_low_is_walked_once_by_its_cursor(shop: &Shop) {
    let items = [Item::new(shop).await, Item::new(shop).await, Item::new(shop).await];
    for (item, delta) in items.iter().zip([-12, -11, -12]) {
        item.move_by(shop, delta).await;
        item.kept_log(shop, 2).await;
    }
    let (mut walked, mut query) = (Vec::new(), "limit=2".to_owned());
    loop {
        let path = format!("/api/v1/admin/inventory/low-stock?{query}");
        let page = shop.client.ask("GET", &path).token(&shop.admin).send().await.expect(200).json();
        walked.extend(rows(&page).iter().map(|row| row["sku"].as_str().unwrap().to_owned()));
        let Some(cursor) = page["next_cursor"].as_str() else { break };
        query = format!("limit=2&cursor={cursor}");
    }
    assert!(walked.is_sorted_by(|a, b| a > b), "each once, by SKU from Z to A: {walked:?}");
    assert!(items.iter().all(|item| walked.contains(&item.sku.to_string())), "{walked:?}");
}
