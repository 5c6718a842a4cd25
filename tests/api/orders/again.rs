//! What comes again is done once: batches given to workers beside the shop's own, several times and to two at once, as
//! other processes of the deployment would have them. Events that are nowhere committed reach no other worker.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use bharatmart_core::record::Document;
use bharatmart_core::{Event, EventKind, Tenant};
use bharatmart_runtime::config::Config;
use bharatmart_runtime::telemetry::Traces;
use bharatmart_runtime::{App, Runner, Worker};
use bharatmart_tests::eventually_within;
use bharatmart_workers::{analytics_counter, notification_sender, order_keeper};
use futures_util::future::join;
use serde_json::{Value, json};

use super::buying::{Buyer, PATIENCE, text};
use crate::catalog::Desk;
use crate::events::batch;
use crate::identity::beside;
use crate::identity::people::mails_to;
use crate::world::{Shop, on_every_shop};

on_every_shop!(
    a_batch_that_comes_three_times_is_counted_once,
    a_batch_that_comes_three_times_writes_one_letter_for_each_event,
);

const DAY: Duration = Duration::from_secs(24 * 3600);

struct Again<'a> {
    worker: &'static Worker,
    runners: [Runner; 2],
    events: &'a [Event],
}

impl<'a> Again<'a> {
    async fn of(shop: &Shop, worker: &'static Worker, events: &'a [Event]) -> Self {
        let config = Arc::new(Config::read(shop.settings.clone()).unwrap());
        let open = || async {
            let app = App::open(config.clone(), worker.needs).await.unwrap();
            Runner { app: Arc::new(app), traces: Traces::default() }
        };
        Again { worker, runners: [open().await, open().await], events }
    }

    /// What a busy store kept it from comes again, as the queue has it.
    async fn give(&self, nth: usize, events: &[Event]) {
        let give = || async {
            let answer = self.runners[nth].batch(self.worker, batch(events), Duration::from_secs(20)).await;
            answer.batch_item_failures.is_empty()
        };
        eventually_within(PATIENCE, "the batch is done", give).await;
    }

    /// A part of it, then all of it to both at once, and once more.
    async fn three_times(&self) {
        self.give(0, &self.events[..self.events.len() / 2]).await;
        join(self.give(0, self.events), self.give(1, self.events)).await;
        self.give(1, self.events).await;
    }
}

fn happened(shop: &Shop, tenant: &Tenant, kind: EventKind, data: Value) -> Event {
    let app = shop.cloud.app();
    Event::new(kind, tenant, "again".to_owned(), data, app.clock.as_ref(), app.ids.as_ref())
}

/// In a shop of its own, so that its figures are these events and no others.
async fn a_batch_that_comes_three_times_is_counted_once(shop: &Shop) {
    let desk = Desk::open(shop).await;
    let event = |kind, data| happened(shop, &desk.tenant, kind, data);
    let mut events = [
        event(EventKind::OrderPlaced, json!({ "total": 10_000 })),
        event(EventKind::OrderPlaced, json!({ "total": 25_000 })),
        event(EventKind::OrderConfirmed, json!({})),
        event(EventKind::OrderShipped, json!({})),
        event(EventKind::OrderDelivered, json!({})),
        event(EventKind::PaymentCaptured, json!({ "amount": 10_000 })),
        event(EventKind::PaymentFailed, json!({})),
        event(EventKind::OrderCancelled, json!({})),
        event(EventKind::PaymentRefunded, json!({ "refund_amount": 4_000 })),
    ];
    // Two of them of the day before.
    for earlier in [1, 8] {
        events[earlier].time = events[earlier].time.before(DAY);
    }
    Again::of(shop, &analytics_counter::WORKER, &events).await.three_times().await;
    let summary = desk.managing("GET", "admin/analytics/summary").send().await.expect(200).json();
    let money = |amount: u64| json!({ "amount": amount, "currency": "INR" });
    let figures = json!({
        "day": summary["total"]["day"],
        "orders_placed": 2, "orders_value": money(35_000),
        "orders_confirmed": 1, "orders_shipped": 1, "orders_delivered": 1, "orders_cancelled": 1,
        "payments_captured": 1, "captured": money(10_000), "payments_failed": 1,
        "refunds": 1, "refunded": money(4_000),
    });
    assert_eq!(summary["total"], figures);
    let placed: Vec<_> = summary["days"].as_array().unwrap().iter().map(|day| &day["orders_placed"]).collect();
    assert_eq!(placed, [1, 1], "{summary}");
}

/// Asked for once by the keeper, and each letter that was asked for sent once.
async fn a_batch_that_comes_three_times_writes_one_letter_for_each_event(shop: &Shop) {
    let buyer = Buyer::new(shop).await;
    // Nobody is written to at an address that is not proved.
    let proved = |fields: &mut Document| drop(fields.insert("email_verified".to_owned(), true.into()));
    beside::edit_user(shop, &buyer.who.id, proved).await;
    let (order, _) = buyer.ordered("upi").await;
    let kinds = [EventKind::OrderConfirmed, EventKind::OrderDelivered, EventKind::OrderCancelled];
    let data = json!({ "order_id": order["id"] });
    let events = kinds.map(|kind| happened(shop, &Tenant::main(), kind, data.clone()));
    Again::of(shop, &order_keeper::WORKER, &events).await.three_times().await;
    let notices = || async {
        let mut told = shop.store().newest_events(2_000).await.unwrap();
        told.retain(|event| event.kind == EventKind::NotificationRequested && event.data["order"]["id"] == order["id"]);
        told
    };
    // And the one of its placement.
    eventually_within(PATIENCE, "its placement is told", || async { notices().await.len() >= 4 }).await;
    let notices = notices().await;
    let templates: BTreeSet<_> = notices.iter().map(|notice| notice.data["template"].as_str().unwrap()).collect();
    assert_eq!((notices.len(), templates.len()), (4, 4), "{notices:#?}");
    Again::of(shop, &notification_sender::WORKER, &notices).await.three_times().await;
    let mails = mails_to(shop, &buyer.who.email).await;
    let letters: Vec<_> = mails.iter().filter(|mail| mail.contains(text(&order, "number"))).collect();
    let different: BTreeSet<_> = letters.iter().collect();
    assert_eq!((letters.len(), different.len()), (4, 4), "{letters:#?}");
}
