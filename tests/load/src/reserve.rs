//! How fast stock is reserved: by many at once of one SKU, and of ten. It tells whether a SKU that sells fast must be
//! spread over several rows.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use bharatmart_adapters::budget;
use bharatmart_adapters::postgres::PostgresStore;
use bharatmart_adapters::sqlite::SqliteStore;
use bharatmart_adapters::system::System;
use bharatmart_core::Tenant;
use bharatmart_core::identity::Actor;
use bharatmart_core::inventory::{HELD_FOR, Reserving, Wanted, Warehouse};
use bharatmart_core::ports::Store;
use bharatmart_tests::data::{a_category, a_product};

use crate::figures::{Table, ms, percentile};
use crate::settings;

const FOR: Duration = Duration::from_secs(5);
const CALLERS: u64 = 16;
const SKUS: usize = 10;

pub async fn measure() -> Table {
    let columns = ["store", "SKUs", "reservations/s", "p50", "p99"];
    let mut table = Table::new("Reserving, 16 callers at once, one unit each", &columns);
    let folder = tempfile::tempdir().unwrap_or_else(|error| panic!("{error}"));
    let sqlite = SqliteStore::open(&folder.path().join("shop.db")).unwrap_or_else(|fault| panic!("{fault}"));
    let postgres = settings::postgres(folder.path()).await;
    let url = postgres.iter().find(|(name, _)| name == "DATABASE_URL").map_or("", |(_, url)| url.as_str());
    let postgres = PostgresStore::connect(url, 8).await.unwrap_or_else(|fault| panic!("{fault}"));
    let stores: [(&str, Arc<dyn Store>); 2] =
        [("SQLite (synchronous=FULL)", Arc::new(sqlite)), ("PostgreSQL (fsync on)", Arc::new(postgres))];
    for (name, store) in stores {
        let shelves = Arc::new(shelves(&*store).await);
        for skus in [1, SKUS] {
            let mut took = crowd(&store, &shelves, skus).await;
            took.sort_unstable();
            let rate = format!("{:.0}", took.len() as f64 / FOR.as_secs_f64());
            let [half, most] = [0.5, 0.99].map(|share| ms(percentile(&took, share)));
            table.row(vec![name.to_owned(), skus.to_string(), rate, half, most]);
        }
    }
    table
}

/// Products of one SKU each, with more than anybody can reserve.
async fn shelves(store: &dyn Store) -> Vec<Wanted> {
    let (category, _) = a_category(&Tenant::main(), "groceries");
    let mut wanted = Vec::new();
    for i in 0..SKUS {
        let text = format!("HOT-{i}");
        let created = a_product(&Tenant::main(), &category, &text, &[(&text, 10_000_000)]);
        let sku = created.product.variants[0].sku.clone();
        wanted.push(Wanted { product: created.product.id, sku, quantity: 1 });
        store.commit(created.changes).await.unwrap_or_else(|error| panic!("{error}"));
    }
    wanted
}

async fn crowd(store: &Arc<dyn Store>, shelves: &Arc<Vec<Wanted>>, skus: usize) -> Vec<Duration> {
    let (begun, turn) = (Instant::now(), Arc::new(AtomicU64::new(0)));
    let callers: Vec<_> = (0..CALLERS)
        .map(|_| {
            let (store, shelves, turn) = (store.clone(), shelves.clone(), turn.clone());
            tokio::spawn(async move {
                let mut took = Vec::new();
                while begun.elapsed() < FOR {
                    let nth = turn.fetch_add(1, Ordering::Relaxed) as usize;
                    let asked = Instant::now();
                    reserve(&*store, &shelves[nth % skus]).await;
                    took.push(asked.elapsed());
                }
                took
            })
        })
        .collect();
    let mut took = Vec::new();
    for caller in callers {
        took.extend(caller.await.unwrap_or_else(|error| panic!("{error}")));
    }
    took
}

async fn reserve(store: &dyn Store, wanted: &Wanted) {
    let tenant = Tenant::main();
    let warehouse = Warehouse { tenant: &tenant, who: Actor::Shop, clock: &System, ids: &System };
    let reserving = Reserving { catalog: store, commits: store, warehouse };
    let reserved = reserving.reserve("ord_1", std::slice::from_ref(wanted), HELD_FOR);
    budget::within(Duration::from_secs(30), reserved).await.unwrap_or_else(|error| panic!("{error}"));
}
