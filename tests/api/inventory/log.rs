//! The log of a SKU: each movement once, whatever is repeated, killed or run at once.

use std::time::Duration;

use aws_lambda_events::sqs::{SqsEvent, SqsMessage};
use bharatmart_adapters::system::System;
use bharatmart_core::catalog::ProductRef;
use bharatmart_core::inventory::{Location, MovedLine, Reason, STOCK_LEVEL, SkuMoved, StockLevel, StockMoved, enter};
use bharatmart_core::record::Row;
use bharatmart_core::{Changes, Event, RecordKey, Tenant, Write};
use bharatmart_runtime::Runner;
use bharatmart_workers::stock_keeper;
use futures_util::future::join_all;
use rand::seq::SliceRandom;

use super::{Item, give_back, keeper, moved_event, rows, sell};
use crate::identity::beside;
use crate::identity::people::claims;
use crate::world::{Shop, on_every_shop};

on_every_shop!(
    movements_sum_to_the_stock,
    a_log_is_walked_once_by_its_cursor,
    an_event_that_comes_often_and_at_once_is_entered_once,
    a_keeper_that_died_between_two_skus_leaves_the_rest_to_the_next,
    events_in_any_order_leave_the_level_true,
    a_message_nobody_can_read_fails_alone,
);

async fn movements_sum_to_the_stock(shop: &Shop) {
    let item = Item::new(shop).await;
    item.move_by(shop, 30).await;
    let (first, second) = (item.held(shop, 7).await, item.held(shop, 4).await);
    sell(shop, &first).await;
    give_back(shop, &second).await;
    item.move_by(shop, -2).await;
    let log = item.kept_log(shop, 7).await;
    let mut reasons: Vec<_> = log.iter().map(|entry| entry["reason"].as_str().unwrap()).collect();
    reasons.sort_unstable();
    assert_eq!(reasons, ["adjusted", "adjusted", "opening", "released", "reserved", "reserved", "sold"]);
    let entry = |reason: &str| log.iter().find(|entry| entry["reason"] == reason).unwrap();
    let figures = |reason: &str| {
        let entry = entry(reason);
        ["on_hand_delta", "reserved_delta", "available_delta"].map(|field| entry[field].as_i64().unwrap())
    };
    assert_eq!(figures("opening"), [12, 0, 12]);
    assert_eq!(figures("sold"), [-7, -7, 0]);
    assert_eq!(figures("released"), [0, -4, 4]);
    assert_eq!(entry("sold")["reference"], first.reference.as_str());
    assert_eq!((&entry("released")["note"], &entry("released")["who"]), (&"changed their mind".into(), &"shop".into()));
    assert_eq!(
        (&entry("adjusted")["note"], &entry("adjusted")["who"]),
        (&"counted".into(), &claims(&shop.admin)["sub"])
    );
    let times: Vec<_> = log.iter().map(|entry| entry["at"].as_str().unwrap()).collect();
    assert!(times.is_sorted_by(|a, b| a >= b), "newest first: {times:?}");
}

async fn a_log_is_walked_once_by_its_cursor(shop: &Shop) {
    let item = Item::new(shop).await;
    for delta in 1..=6 {
        item.move_by(shop, delta).await;
    }
    let whole = item.kept_log(shop, 7).await;
    let (mut walked, mut query) = (Vec::new(), "limit=3".to_owned());
    loop {
        let page = item.log_page(shop, &query).await;
        walked.extend(rows(&page));
        let Some(cursor) = page["next_cursor"].as_str() else { break };
        query = format!("limit=3&cursor={cursor}");
    }
    assert_eq!(walked, whole);
    let other = Item::new(shop).await;
    let path = format!("/api/v1/inventory/{}/log?{query}", other.sku);
    let refused = shop.client.ask("GET", &path).token(&shop.admin).send().await;
    refused.expect_field(422, "validation_failed", "cursor");
}

fn batch(events: &[Event]) -> SqsEvent {
    let mut batch = SqsEvent::default();
    for event in events {
        let mut message = SqsMessage::default();
        message.message_id = Some(event.id.to_string());
        message.receipt_handle = Some("none".to_owned());
        message.body = Some(serde_json::to_string(event).unwrap());
        batch.records.push(message);
    }
    batch
}

async fn keep(runner: &Runner, events: &[Event]) {
    let answer = runner.batch(&stock_keeper::WORKER, batch(events), Duration::from_secs(60)).await;
    assert!(answer.batch_item_failures.is_empty(), "{answer:?}");
}

/// Moves stock from beside the shop; the event goes nowhere by itself for a while.
async fn moved(shop: &Shop, items: &[&Item], delta: i64) -> Event {
    let write = |item: &&Item| Write::MoveStock {
        product: item.product,
        sku: item.sku.clone(),
        location: Location::main(),
        available: delta,
        reserved: 0,
        sold: 0,
    };
    let writes: Vec<_> = items.iter().map(write).collect();
    let event = moved_event(&StockMoved::by(&writes, Reason::Adjusted, "shop"));
    let changes = Changes { writes, ..Changes::new(&Tenant::main()) };
    shop.store().commit(changes.event(event.clone())).await.unwrap();
    event
}

async fn an_event_that_comes_often_and_at_once_is_entered_once(shop: &Shop) {
    let items = [Item::new(shop).await, Item::new(shop).await];
    let event = moved(shop, &[&items[0], &items[1]], 5).await;
    let runners = [keeper(shop).await, keeper(shop).await, keeper(shop).await];
    let twice = [event.clone(), event.clone()];
    join_all(runners.iter().map(|runner| keep(runner, &twice))).await;
    keep(&runners[0], std::slice::from_ref(&event)).await;
    for item in &items {
        item.kept_log(shop, 2).await;
    }
}

async fn a_keeper_that_died_between_two_skus_leaves_the_rest_to_the_next(shop: &Shop) {
    let items = [Item::new(shop).await, Item::new(shop).await];
    for item in &items {
        item.kept_log(shop, 1).await;
    }
    let event = moved(shop, &[&items[0], &items[1]], 5).await;
    let told = SkuMoved::read(&event).unwrap();
    let stocked = shop.store().product(&Tenant::main(), &ProductRef::Id(items[0].product)).await.unwrap().unwrap();
    let level = level(shop, &items[0]).await;
    let first = enter(&Tenant::main(), &told[..1], Some(&level), &stocked, &System, &System);
    shop.store().commit(first).await.unwrap();
    keep(&keeper(shop).await, &[event]).await;
    for item in &items {
        item.kept_log(shop, 2).await;
    }
}

async fn level(shop: &Shop, item: &Item) -> StockLevel {
    let key = RecordKey::alone(&item.sku);
    let fields = beside::read(shop, &STOCK_LEVEL, &key).await.expect("its books are kept");
    Row::read(fields).unwrap()
}

async fn events_in_any_order_leave_the_level_true(shop: &Shop) {
    let item = Item::new(shop).await;
    let mut events = Vec::new();
    for delta in [5, -9, 30, -12, 4, -22, 1, 3] {
        events.push(moved(shop, &[&item], delta).await);
    }
    events.shuffle(&mut rand::rng());
    let runners = [keeper(shop).await, keeper(shop).await];
    join_all(runners.iter().zip(events.chunks(4)).map(|(runner, events)| keep(runner, events))).await;
    item.kept_log(shop, 9).await;
    assert_eq!(level(shop, &item).await.available, 12);
}

async fn a_message_nobody_can_read_fails_alone(shop: &Shop) {
    let item = Item::new(shop).await;
    let good = moved(shop, &[&item], 5).await;
    let mut poison = moved_event(&StockMoved { lines: Vec::<MovedLine>::new(), ..StockMoved::read(&good).unwrap() });
    poison.data = serde_json::json!({ "lines": "none" });
    let answer =
        keeper(shop).await.batch(&stock_keeper::WORKER, batch(&[poison.clone(), good]), Duration::from_secs(60)).await;
    let failed: Vec<_> = answer.batch_item_failures.iter().map(|failure| failure.item_identifier.clone()).collect();
    assert_eq!(failed, [poison.id.to_string()]);
    item.kept_log(shop, 2).await;
}
