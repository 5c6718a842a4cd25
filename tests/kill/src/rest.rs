//! Waiting until the shop has nothing more to do by itself.

use std::time::{Duration, Instant};

use bharatmart_adapters::system::System;
use bharatmart_core::payments::{Open, Payment};
use bharatmart_core::ports::{Clock, Outbox};
use bharatmart_core::record::Listing;
use serde_json::Value;

use crate::client::text;
use crate::read::Reader;
use crate::shop::Shop;

/// A message that failed again and again while servers were hit waits some minutes for its last try; an attempt the
/// provider never heard of is given up after one.
const PATIENCE: Duration = Duration::from_secs(5 * 60);

/// Sends dead letters back, as whoever runs the shop would. What still moves when the time is over is a problem.
pub async fn comes(shop: &mut Shop, reader: &Reader) -> Vec<String> {
    shop.log_in_again().await;
    let (begun, mut sent_back) = (Instant::now(), 0);
    loop {
        sent_back += send_back(shop).await;
        let moving = moving(shop, reader).await;
        if moving.is_empty() || begun.elapsed() > PATIENCE {
            println!("{sent_back} dead letters were sent back");
            return moving;
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

async fn queues(shop: &Shop) -> Vec<Value> {
    let listed = shop.as_admin("GET", "ops/queues", &Value::Null).await.expect(200);
    listed["data"].as_array().unwrap().clone()
}

async fn send_back(shop: &Shop) -> u64 {
    let mut sent = 0;
    for queue in queues(shop).await.iter().filter(|queue| queue["dead"] != 0) {
        let path = format!("ops/queues/{}/redrive", text(queue, "name"));
        let redriven = shop.as_admin("POST", &path, &Value::Null).await.expect(200);
        sent += redriven["redriven"].as_u64().unwrap();
    }
    sent
}

async fn moving(shop: &Shop, reader: &Reader) -> Vec<String> {
    let mut moving = Vec::new();
    for open in [Open::Charge, Open::Refund] {
        let payments: Vec<Payment> = reader.list(Listing::By(open.name())).await;
        moving.extend(payments.iter().map(|payment| format!("payment {} is open: {}", payment.id, open.name())));
    }
    let unsent = reader.store.unsent(System.now().after(Duration::from_secs(60)), 1_000).await.unwrap();
    if !unsent.is_empty() {
        moving.push(format!("{} events are not sent, {} first", unsent.len(), unsent[0].kind.name()));
    }
    for queue in queues(shop).await {
        let waits = |figure: &&str| queue[*figure] != 0;
        let waiting: Vec<_> = ["ready", "in_flight", "delayed", "dead"].into_iter().filter(waits).collect();
        if !waiting.is_empty() {
            moving.push(format!("the queue {} is not empty: {waiting:?} of {queue}", text(&queue, "name")));
        }
    }
    moving
}
