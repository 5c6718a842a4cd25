//! Stock over HTTP, and its books: a file a subject. Holds are made from beside the shop, as an order makes them; one of
//! the past by a clock of the past.

mod adjust;
mod log;
mod low_stock;
mod release;
mod show;

use std::sync::Arc;
use std::time::Duration;

use bharatmart_adapters::system::System;
use bharatmart_core::identity::Actor;
use bharatmart_core::inventory::{HELD_FOR, Location, Piece, Reservation, StockMoved, Warehouse};
use bharatmart_core::ports::{Clock, Ids};
use bharatmart_core::{Changes, Event, EventKind, ProductId, ReservationId, Sku, Tenant, Timestamp};
use bharatmart_runtime::config::Config;
use bharatmart_runtime::telemetry::Traces;
use bharatmart_runtime::{App, Runner, outbox};
use bharatmart_tests::eventually_within;
use bharatmart_workers::{outbox_sweeper, stock_keeper};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::client::Answer;
use crate::world::{Shop, product};

/// The other tests of the run keep queues and workers busy.
const PATIENCE: Duration = Duration::from_secs(30);

/// Some product with twelve of its one SKU.
struct Item {
    product: ProductId,
    sku: Sku,
    name: String,
}

impl Item {
    async fn new(shop: &Shop) -> Item {
        let name = format!("stocked{}", shop.unique());
        let created = shop.create(&product(&name)).await.expect(201).json();
        let sku = Sku::parse(created["variants"][0]["sku"].as_str().unwrap()).unwrap();
        Item { product: created["id"].as_str().unwrap().parse().unwrap(), sku, name }
    }

    async fn stock(&self, shop: &Shop) -> Value {
        shop.client.get(&format!("/api/v1/inventory/{}", self.sku)).await.expect(200).json()
    }

    async fn locations(&self, shop: &Shop, token: &str) -> Answer {
        let path = format!("/api/v1/inventory/{}/locations", self.sku);
        shop.client.ask("GET", &path).token(token).send().await
    }

    async fn adjust(&self, shop: &Shop, body: &Value) -> Answer {
        let path = format!("/api/v1/inventory/{}/adjust", self.sku);
        shop.client.ask("POST", &path).token(&shop.admin).json(body).send().await
    }

    async fn move_by(&self, shop: &Shop, delta: i64) {
        self.adjust(shop, &json!({ "delta": delta, "reason": "counted" })).await.expect(200);
    }

    /// A page of the log, by its query.
    async fn log_page(&self, shop: &Shop, query: &str) -> Value {
        let path = format!("/api/v1/inventory/{}/log?{query}", self.sku);
        shop.client.ask("GET", &path).token(&shop.admin).send().await.expect(200).json()
    }

    /// The whole log, newest first, once the keeper has made so many entries; there are no more, and they sum to the
    /// stock.
    async fn kept_log(&self, shop: &Shop, entries: usize) -> Vec<Value> {
        let log = || async { rows(&self.log_page(shop, "limit=100").await) };
        let what = format!("the log has {entries} entries");
        eventually_within(PATIENCE, &what, || async { log().await.len() >= entries }).await;
        let log = log().await;
        assert_eq!(log.len(), entries, "{log:?}");
        let sum = |field: &str| log.iter().map(|entry| entry[field].as_i64().unwrap()).sum::<i64>();
        let stock = self.stock(shop).await;
        for figure in ["on_hand", "reserved", "available"] {
            assert_eq!(stock[figure], sum(&format!("{figure}_delta")), "{figure}: {log:?}");
        }
        log
    }

    /// Events of a kind that tell of this SKU.
    async fn told(&self, shop: &Shop, kind: EventKind) -> Vec<Event> {
        let events = shop.store().newest_events(2_000).await.unwrap();
        events.into_iter().filter(|event| event.kind == kind && event.data["sku"] == self.sku.as_str()).collect()
    }

    /// What happened in the past was told of then, or is left to the sweeper.
    async fn reserve(&self, shop: &Shop, quantity: u32, ago: Duration, life: Duration) -> Reservation {
        let (tenant, then) = (Tenant::main(), Then(ago));
        let warehouse = Warehouse { tenant: &tenant, who: Actor::Shop, clock: &then, ids: &then };
        let piece = Piece { product_id: self.product, sku: self.sku.clone(), location: Location::main(), quantity };
        let (held, changes) = warehouse.hold(&format!("ord_{}", shop.unique()), vec![piece], life);
        shop.store().commit(changes).await.unwrap();
        held
    }

    async fn hold(&self, shop: &Shop, quantity: u32, ago: Duration, life: Duration) -> Reservation {
        let held = self.reserve(shop, quantity, ago, life).await;
        send_events(shop).await;
        held
    }

    async fn held(&self, shop: &Shop, quantity: u32) -> Reservation {
        self.hold(shop, quantity, Duration::ZERO, HELD_FOR).await
    }
}

/// Some time ago.
struct Then(Duration);

impl Clock for Then {
    fn now(&self) -> Timestamp {
        System.now().before(self.0)
    }
}

impl Ids for Then {
    fn uuid(&self) -> Uuid {
        let first = ReservationId::first_of(self.now()).uuid().as_u128();
        Uuid::from_u128(first | u128::from(rand::random::<u64>() >> 2))
    }
}

fn rows(page: &Value) -> Vec<Value> {
    page["data"].as_array().unwrap().clone()
}

async fn app(shop: &Shop, needs: &'static [bharatmart_runtime::Need]) -> Arc<App> {
    let config = Config::read(shop.settings.clone()).unwrap();
    Arc::new(App::open(Arc::new(config), needs).await.unwrap())
}

/// What was committed from beside the shop goes out as its sweeper would send it.
pub async fn send_events(shop: &Shop) {
    outbox::sweep(&app(shop, outbox_sweeper::WORKER.needs).await, Duration::ZERO).await.unwrap();
}

async fn end(shop: &Shop, changes: Changes) {
    shop.store().commit(changes).await.unwrap();
    send_events(shop).await;
}

async fn sell(shop: &Shop, held: &Reservation) {
    let tenant = Tenant::main();
    let warehouse = Warehouse { tenant: &tenant, who: Actor::Shop, clock: &System, ids: &System };
    end(shop, warehouse.sell_hold(held)).await;
}

async fn give_back(shop: &Shop, held: &Reservation) {
    let tenant = Tenant::main();
    let warehouse = Warehouse { tenant: &tenant, who: Actor::Shop, clock: &System, ids: &System };
    end(shop, warehouse.release_hold(held, "changed their mind")).await;
}

/// A keeper of its own, as another process of the deployment would be.
async fn keeper(shop: &Shop) -> Runner {
    Runner { app: app(shop, stock_keeper::WORKER.needs).await, traces: Traces::default() }
}

fn moved_event(told: &StockMoved) -> Event {
    told.event(&Tenant::main(), &System, &System)
}
