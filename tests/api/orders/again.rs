//! What comes again is done once: batches given to workers beside the shop's own, several times and to two at once, as
//! other processes of the deployment would have them. Events that are nowhere committed reach no other worker.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use bharatmart_adapters::system::System;
use bharatmart_core::orders::{OrderState, OrderStatus};
use bharatmart_core::payments::{PaymentState, PaymentStatus};
use bharatmart_core::record::Document;
use bharatmart_core::{Event, EventKind, OrderId, Paise, PaymentId, Tenant, UserId};
use bharatmart_runtime::config::Config;
use bharatmart_runtime::telemetry::Traces;
use bharatmart_runtime::{App, Runner, Worker};
use bharatmart_tests::eventually_within;
use bharatmart_workers::{analytics_counter, notification_sender, order_keeper};
use futures_util::future::join;
use serde::Serialize;
use serde_json::json;

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

fn happened<D: Serialize + 'static>(shop: &Shop, tenant: &Tenant, kind: EventKind, data: &D) -> Event {
    let app = shop.cloud.app();
    Event::new(kind, tenant, "again".to_owned(), data, app.clock.as_ref(), app.ids.as_ref())
}

/// Of an order that is nowhere else.
fn an_order(total: u32) -> OrderState {
    let (order_id, user_id) = (OrderId::new(&System), UserId::new(&System));
    let (number, status) = ("BM-2026-000001".to_owned(), OrderStatus::Confirmed);
    OrderState { order_id, number, user_id, status, total: Paise::from_rupees(total) }
}

fn a_payment(amount: u32, refund: Option<u32>) -> PaymentState {
    let (payment_id, order_id, user_id) = (PaymentId::new(&System), OrderId::new(&System), UserId::new(&System));
    let (amount, refunded) = (Paise::from_rupees(amount), Paise::from_rupees(refund.unwrap_or_default()));
    let (status, refund_amount) = (PaymentStatus::Captured, refund.map(Paise::from_rupees));
    PaymentState { payment_id, order_id, user_id, amount, refunded, status, failure_code: None, refund_amount }
}

/// In a shop of its own, so that its figures are these events and no others.
async fn a_batch_that_comes_three_times_is_counted_once(shop: &Shop) {
    let desk = Desk::open(shop).await;
    let order = |kind, total| happened(shop, &desk.tenant, kind, &an_order(total));
    let payment = |kind, refund| happened(shop, &desk.tenant, kind, &a_payment(100, refund));
    let mut events = [
        order(EventKind::OrderPlaced, 100),
        order(EventKind::OrderPlaced, 250),
        order(EventKind::OrderConfirmed, 100),
        order(EventKind::OrderShipped, 100),
        order(EventKind::OrderDelivered, 100),
        payment(EventKind::PaymentCaptured, None),
        payment(EventKind::PaymentFailed, None),
        order(EventKind::OrderCancelled, 250),
        payment(EventKind::PaymentRefunded, Some(40)),
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
    let told = OrderState { order_id: text(&order, "id").parse().unwrap(), ..an_order(100) };
    let events = kinds.map(|kind| happened(shop, &Tenant::main(), kind, &told));
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
