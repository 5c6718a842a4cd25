//! Events reach the index once, whatever is repeated, killed or run at once.

use std::sync::Arc;
use std::time::Duration;

use aws_lambda_events::sqs::{SqsEvent, SqsMessage};
use bharatmart_core::catalog::ProductTold;
use bharatmart_core::ports::Message;
use bharatmart_core::{Event, EventKind, ProductId, Tenant, queues};
use bharatmart_runtime::config::Config;
use bharatmart_runtime::telemetry::Traces;
use bharatmart_runtime::{App, Runner};
use bharatmart_tests::eventually;
use bharatmart_workers::{outbox_sweeper, search_indexer};
use futures_util::future::join_all;

use crate::world::{Shop, on_every_shop, product};

on_every_shop!(
    an_event_delivered_three_times_is_in_the_index_once,
    two_indexers_at_once_never_both_write,
    an_indexer_without_the_lease_writes_nothing,
    a_batch_answers_which_of_its_messages_failed,
    a_poison_message_becomes_a_dead_letter_and_the_rest_is_applied,
    an_event_left_unsent_is_swept_up,
);

/// A worker of its own, as another process of the deployment would be.
async fn indexer(shop: &Shop) -> Runner {
    let folder = tempfile::tempdir_in(shop.folder.path()).unwrap().keep();
    let mut settings = shop.settings.clone();
    settings.push(("SEARCH_DIR".to_owned(), folder.to_str().unwrap().to_owned()));
    let config = Arc::new(Config::read(settings).unwrap());
    let app = App::open(config, search_indexer::WORKER.needs).await.unwrap();
    Runner { app: Arc::new(app), traces: Traces::default() }
}

fn event_of(shop: &Shop, product: ProductId) -> Event {
    let app = shop.cloud.app();
    let data = ProductTold { product_id: product, version: 1 };
    let (clock, ids) = (app.clock.as_ref(), app.ids.as_ref());
    Event::new(EventKind::ProductChanged, &Tenant::main(), product.to_string(), &data, clock, ids)
}

/// As a queue gives them out.
pub fn batch(events: &[Event]) -> SqsEvent {
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

const TIME: Duration = Duration::from_secs(20);

/// While others hold the lease for long the worker answers that all failed, and the messages come again.
async fn until_applied(runner: &Runner, events: &[Event]) {
    eventually("the batch is applied", || async {
        runner.batch(&search_indexer::WORKER, batch(events), TIME).await.batch_item_failures.is_empty()
    })
    .await;
}

async fn an_event_delivered_three_times_is_in_the_index_once(shop: &Shop) {
    let word = format!("thrice{}", shop.unique());
    let created = shop.create(&product(&word)).await.expect(201).json();
    let event = event_of(shop, created["id"].as_str().unwrap().parse().unwrap());
    let runner = indexer(shop).await;
    // Three times in one batch, and twice more after it.
    until_applied(&runner, &[event.clone(), event.clone(), event.clone()]).await;
    until_applied(&runner, std::slice::from_ref(&event)).await;
    until_applied(&indexer(shop).await, std::slice::from_ref(&event)).await;
    eventually("the product is found once", || async {
        shop.client.get(&format!("/api/v1/search?q={word}")).await.expect(200).json()["total"] == 1
    })
    .await;
    let store = shop.cloud.app().ports().store.unwrap();
    let applied = store.applied(&Tenant::main(), search_indexer::WORKER.name, &[event.id]).await.unwrap();
    assert_eq!(applied, [event.id], "the inbox holds its mark");
}

async fn two_indexers_at_once_never_both_write(shop: &Shop) {
    let word = format!("both{}", shop.unique());
    let (mut events, runners) = (Vec::new(), [indexer(shop).await, indexer(shop).await]);
    for _ in 0..4 {
        let created = shop.create(&product(&word)).await.expect(201).json();
        events.push(event_of(shop, created["id"].as_str().unwrap().parse().unwrap()));
    }
    let search = shop.cloud.app().ports().search.cloned();
    let fence = |search: &Option<Arc<dyn bharatmart_core::ports::Search>>| {
        let search = search.clone();
        async move {
            match search {
                Some(search) => search.snapshot().await.unwrap().map(|snapshot| snapshot.fence),
                None => None,
            }
        }
    };
    let before = fence(&search).await;
    // Each has its own half, over and over, both at once.
    join_all(runners.iter().zip(events.chunks(2)).map(|(runner, half)| until_applied(runner, half))).await;
    eventually("all four are found, each once", || async {
        shop.client.get(&format!("/api/v1/search?q={word}")).await.expect(200).json()["total"] == 4
    })
    .await;
    assert!(fence(&search).await >= before, "a fence went back");
}

async fn an_indexer_without_the_lease_writes_nothing(shop: &Shop) {
    let created = shop.create(&product(&format!("patient{}", shop.unique()))).await.expect(201).json();
    let event = event_of(shop, created["id"].as_str().unwrap().parse().unwrap());
    let (store, clock) = (shop.cloud.app().ports().store.unwrap().clone(), shop.cloud.app().clock.clone());
    let runner = indexer(shop).await;
    let held = || async {
        let minute = Duration::from_secs(60);
        store.take_lease(search_indexer::LEASE, "somebody else", minute, clock.now()).await.unwrap()
    };
    let mut lease = None;
    while lease.is_none() {
        lease = held().await;
        tokio::task::yield_now().await;
    }
    // Too little time to wait for its turn.
    let answer =
        runner.batch(&search_indexer::WORKER, batch(std::slice::from_ref(&event)), Duration::from_secs(2)).await;
    let applied = store.applied(&Tenant::main(), search_indexer::WORKER.name, &[event.id]).await.unwrap();
    store.release_lease(search_indexer::LEASE, lease.unwrap().fence).await.unwrap();
    assert_eq!(answer.batch_item_failures.len(), 1, "{answer:?}");
    assert_eq!(applied, [], "it was applied under somebody else's lease");
    until_applied(&runner, std::slice::from_ref(&event)).await;
}

/// A message nobody can read fails alone.
async fn a_batch_answers_which_of_its_messages_failed(shop: &Shop) {
    let created = shop.create(&product(&format!("mixed{}", shop.unique()))).await.expect(201).json();
    let good = event_of(shop, created["id"].as_str().unwrap().parse().unwrap());
    let runner = indexer(shop).await;
    until_applied(&runner, std::slice::from_ref(&good)).await;
    let mut mixed = batch(&[good.clone(), good]);
    mixed.records[1].message_id = Some("the poison".to_owned());
    mixed.records[1].body = Some("{\"this\": \"is no event\"}".to_owned());
    let answer = runner.batch(&search_indexer::WORKER, mixed, TIME).await;
    let failed: Vec<_> = answer.batch_item_failures.iter().map(|failure| failure.item_identifier.as_str()).collect();
    assert_eq!(failed, ["the poison"]);
}

async fn a_poison_message_becomes_a_dead_letter_and_the_rest_is_applied(shop: &Shop) {
    let word = format!("survivor{}", shop.unique());
    let created = shop.create(&product(&word)).await.expect(201).json();
    let good = event_of(shop, created["id"].as_str().unwrap().parse().unwrap());
    let queueing = shop.cloud.app().ports().queue.unwrap().clone();
    let poison = format!("poison-{}", shop.unique());
    let message =
        |id: &str, body: String| Message { id: id.to_owned(), body, traceparent: None, delay: Duration::ZERO };
    let messages = [
        message(&poison, "{\"this\": \"is no event\"}".to_owned()),
        message(&good.id.to_string(), serde_json::to_string(&good).unwrap()),
    ];
    queueing.send(&queues::SEARCH, &messages).await.unwrap();
    eventually("the poison is a dead letter", || async {
        let dead = queueing.dead_letters(&queues::SEARCH, 100).await.unwrap();
        dead.iter().any(|letter| letter.message.body.contains("is no event"))
    })
    .await;
    let store = shop.cloud.app().ports().store.unwrap().clone();
    eventually("the rest of its batch is applied", || async {
        let consumer = search_indexer::WORKER.name;
        !store.applied(&Tenant::main(), consumer, &[good.id]).await.unwrap().is_empty()
    })
    .await;
}

/// A crash between commit and sending leaves an event in the outbox.
async fn an_event_left_unsent_is_swept_up(shop: &Shop) {
    let word = format!("leftover{}", shop.unique());
    let app = shop.cloud.app();
    let store = app.ports().store.unwrap().clone();
    let created = shop.create(&product(&word)).await.expect(201).json();
    let event = event_of(shop, created["id"].as_str().unwrap().parse().unwrap());
    let changes = bharatmart_core::Changes::new(&Tenant::main()).event(event.clone());
    store.commit(changes).await.unwrap();
    let config = Arc::new(Config::read(shop.settings.clone()).unwrap());
    let sweeper = App::open(config, outbox_sweeper::WORKER.needs).await.unwrap();
    let sent = bharatmart_runtime::outbox::sweep(&Arc::new(sweeper), Duration::ZERO).await.unwrap();
    assert!(sent >= 1);
    eventually("it reached the worker", || async {
        let consumer = search_indexer::WORKER.name;
        !store.applied(&Tenant::main(), consumer, &[event.id]).await.unwrap().is_empty()
    })
    .await;
    let later = app.clock.now().after(Duration::from_secs(60));
    let unsent = store.unsent(later, 100).await.unwrap();
    assert!(unsent.iter().all(|left| left.id != event.id), "it is marked sent");
}
