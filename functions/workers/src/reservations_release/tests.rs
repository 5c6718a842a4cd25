//! The worker on a shop of its own: SQLite, and holds of the past.

use std::path::Path;
use std::sync::Arc;

use bharatmart_adapters::system::System;
use bharatmart_core::catalog::{NewProduct, ProductInput, create, new_category};
use bharatmart_core::inventory::{Location, Piece};
use bharatmart_core::ports::{Clock, Store};
use bharatmart_core::{Changes, EventKind, Expect, Sku, Slug, Write};
use bharatmart_runtime::config::Config;
use bharatmart_runtime::telemetry::Traces;
use bharatmart_runtime::{App, Runner};
use serde_json::json;

use super::*;

fn held(made: i64, until: i64) -> Reservation {
    let created_at = Timestamp::from_millis(made);
    Reservation {
        id: ReservationId::first_of(created_at),
        version: 1,
        reference: "ord_1".to_owned(),
        pieces: Vec::new(),
        created_at,
        held_until: Timestamp::from_millis(until),
    }
}

#[test]
fn of_a_backlog_the_oldest_that_are_due_come_first() {
    let mut oldest = Oldest { most: 3, due: VecDeque::new() };
    let now = Timestamp::from_millis(100);
    oldest.add(vec![held(60, 90), held(50, 90), held(40, 101)], now);
    oldest.add(vec![held(30, 90), held(20, 100), held(10, 500)], now);
    let made: Vec<_> = oldest.due.iter().map(|held| held.created_at.millis()).collect();
    assert_eq!(made, [20, 30, 50]);
}

async fn runner(folder: &Path) -> Runner {
    let settings = [("APP_ENV", "test"), ("WORKER_MODE", "none"), ("DATA_DIR", folder.to_str().unwrap())];
    let config = Config::read(settings.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec()).unwrap();
    Runner { app: Arc::new(App::open(Arc::new(config), WORKER.needs).await.unwrap()), traces: Traces::default() }
}

/// A shop with one product, of which so many orders hold one each.
async fn shop(store: &dyn Store, tenant: &Tenant, orders: u32) {
    let (category, changes) = new_category(tenant, Slug::parse("tea").unwrap(), "Tea", 0, &System, &System);
    store.commit(changes).await.unwrap();
    let input = json!({
        "name": "Assam", "description": "Strong.", "brand": "Hills", "category": "tea", "gst_rate": 5, "hsn": "0902",
        "variants": [{ "sku": "ASSAM", "price": { "amount": 100, "currency": "INR" }, "stock": orders }],
    });
    let input = NewProduct::parse(serde_json::from_value::<ProductInput>(input).unwrap()).unwrap();
    let created = create(tenant, &input, &category, Vec::new(), 1, &System, &System);
    let product_id = created.product.id;
    store.commit(created.changes).await.unwrap();
    let (sku, location) = (Sku::parse("ASSAM").unwrap(), Location::main());
    for nth in 0..orders {
        // Long enough ago that all are due.
        let created_at = System.now().before(2 * HELD_FOR + Duration::from_secs(nth.into()));
        let piece = Piece { product_id, sku: sku.clone(), location: location.clone(), quantity: 1 };
        let held =
            Reservation { pieces: vec![piece], held_until: created_at.after(HELD_FOR), ..held(created_at.millis(), 0) };
        let reserve = Write::MoveStock {
            product: product_id,
            sku: sku.clone(),
            location: location.clone(),
            available: -1,
            reserved: 1,
            sold: 0,
        };
        store.commit(Changes::new(tenant).put(&held, Expect::New).write(reserve)).await.unwrap();
    }
}

#[tokio::test]
async fn a_long_backlog_of_one_shop_keeps_no_other_waiting() {
    let folder = tempfile::tempdir().unwrap();
    let runner = runner(folder.path()).await;
    let store = runner.app.ports().store.unwrap().clone();
    let [first, second, third] = ["a-first", "b-second", "c-third"].map(|name| Tenant::parse(name).unwrap());
    for (tenant, orders) in [(&first, 3), (&second, 2 * TURN as u32 + 50), (&third, 3)] {
        shop(store.as_ref(), tenant, orders).await;
    }
    runner.tick(&WORKER, Duration::from_secs(60)).await.unwrap();
    let mut released = store.newest_events(1_000).await.unwrap();
    released.retain(|event| event.kind == EventKind::StockMoved && event.data["reason"] == "released");
    released.sort_by_key(|event| event.id);
    let order: Vec<_> = released.iter().map(|event| &event.tenant).collect();
    assert_eq!(order.len(), 2 * TURN + 56, "all of it is released");
    for other in [&first, &third] {
        let last = order.iter().rposition(|tenant| *tenant == other).unwrap();
        let before = order[..last].iter().filter(|tenant| ***tenant == second).count();
        assert!(before <= TURN, "{other} waited for {before} of another shop");
    }
}
