//! Stock that is held: each hold ends once, whoever tries, and all holds can be walked from a moment back.

use std::time::Duration;

use bharatmart_adapters::budget;
use bharatmart_adapters::system::System;
use bharatmart_core::identity::Actor;
use bharatmart_core::inventory::{HELD_FOR, Location, Piece, RESERVATION, Reason, Reservation, StockMoved, Warehouse};
use bharatmart_core::ports::{CommitError, Fault, Store};
use bharatmart_core::record::{Listing, Row};
use bharatmart_core::{Changes, EventKind, Expect, Refusal, ReservationId, Tenant};
use bharatmart_tests::data::{a_category, a_product, at, sku};
use bharatmart_tests::on_every_store;
use bharatmart_tests::stores::StoreWorld;

use super::commit;
use super::races::at_once;

on_every_store![a_hold_is_ended_by_one_of_all_who_try, holds_are_listed_from_a_moment_back];

const HOLDS: u32 = 60;
const EACH: u32 = 3;
/// Longer than any crowd takes on a busy machine: nobody may fail for want of time.
const PATIENCE: Duration = Duration::from_secs(120);

fn main() -> Tenant {
    Tenant::main()
}

fn warehouse(tenant: &Tenant) -> Warehouse<'_> {
    Warehouse { tenant, who: Actor::Shop, clock: &System, ids: &System }
}

/// All movements that were told of.
async fn movements(store: &dyn Store) -> Vec<StockMoved> {
    let events = store.unsent(at(0), 10_000).await.unwrap();
    let moved = events.iter().filter(|event| event.kind == EventKind::StockMoved);
    moved.map(|event| StockMoved::read(event).unwrap()).collect()
}

async fn ask_again(fault: Fault) {
    let may_pass = matches!(fault, Fault::Away { .. } | Fault::Busy { .. });
    assert!(may_pass && !budget::remaining().is_zero(), "{fault}");
    tokio::task::yield_now().await;
}

/// Half of the customers pay, half go; meanwhile two sweeps try to give back what all of them hold.
async fn a_hold_is_ended_by_one_of_all_who_try(world: StoreWorld) {
    let (category, _) = a_category(&main(), "groceries");
    let created = a_product(&main(), &category, "Rice", &[("HOT", HOLDS * EACH)]);
    let product = created.product.id;
    commit(&*world.store, created.changes).await;
    let tenant = main();
    let mut held = Vec::new();
    for nth in 0..HOLDS {
        let piece = Piece { product_id: product, sku: sku("HOT"), location: Location::main(), quantity: EACH };
        let (reservation, changes) = warehouse(&tenant).hold(&format!("ord_{nth}"), vec![piece], HELD_FOR);
        commit(&*world.store, changes).await;
        held.push(reservation);
    }
    let stores = [world.store.clone(), world.open_again().await];
    at_once(held.len() * 3, |i| {
        let (store, held) = (stores[i % 2].clone(), held[i / 3].clone());
        let pays = i % 3 == 0 && (i / 3) % 2 == 0;
        async move { budget::within(PATIENCE, end(&*store, &held, pays)).await }
    })
    .await;
    let moved = movements(&*world.store).await;
    let ends_of = |held: &Reservation, reason: Reason| {
        let is_end = |moved: &&StockMoved| moved.reference.as_ref() == Some(&held.reference) && moved.reason == reason;
        moved.iter().filter(is_end).count()
    };
    let (sold, released): (Vec<_>, Vec<_>) = held.iter().partition(|held| ends_of(held, Reason::Sold) == 1);
    assert!(sold.iter().all(|held| ends_of(held, Reason::Released) == 0), "sold and given back");
    assert!(released.iter().all(|held| ends_of(held, Reason::Released) == 1), "each is given back once");
    let levels = world.store.stock(&main(), product, &sku("HOT")).await.unwrap().unwrap();
    let gone = EACH * u32::try_from(sold.len()).unwrap();
    assert_eq!((levels.available(), levels.reserved()), (HOLDS * EACH - gone, 0));
    let left = world.store.records(&main(), &RESERVATION, Listing::All, None, 10).await.unwrap();
    assert!(left.is_empty(), "{left:?}");
}

/// By whoever pays, or by a customer or a sweep that gives it back; until it is ended, by this caller or another.
async fn end(store: &dyn Store, held: &Reservation, pays: bool) {
    let tenant = main();
    let warehouse = warehouse(&tenant);
    loop {
        let changes = if pays { warehouse.sell_hold(held) } else { warehouse.release_hold(held, "not paid in time") };
        match store.commit(changes).await {
            Ok(()) | Err(CommitError::Refused(Refusal::VersionChanged(_))) => return,
            Err(CommitError::Fault(fault)) => ask_again(fault).await,
            Err(refused) => panic!("{refused}"),
        }
    }
}

async fn holds_are_listed_from_a_moment_back(world: StoreWorld) {
    let minute = |minutes: i64| at(minutes * 60);
    for made in [0, 1, 2, 2, 3] {
        let uuid = ReservationId::first_of(minute(made)).uuid().as_u128() | u128::from(rand::random::<u32>());
        let held = Reservation {
            id: ReservationId::from_uuid(uuid::Uuid::from_u128(uuid)),
            version: 1,
            reference: "ord_1".to_owned(),
            pieces: Vec::new(),
            created_at: minute(made),
            held_until: minute(made + 15),
        };
        commit(&*world.store, Changes::new(&main()).put(&held, Expect::New)).await;
    }
    let before = async |moment| {
        let bound = ReservationId::first_of(moment).to_string();
        let rows = world.store.records(&main(), &RESERVATION, Listing::All, Some(&bound), 10).await.unwrap();
        let made = |row| Row::read::<Reservation>(row).unwrap().created_at;
        rows.into_iter().map(made).collect::<Vec<_>>()
    };
    assert_eq!(before(minute(0)).await, []);
    assert_eq!(before(minute(2)).await, [minute(1), minute(0)]);
    assert_eq!(before(minute(3)).await, [minute(2), minute(2), minute(1), minute(0)]);
    assert_eq!(before(minute(9)).await.len(), 5);
}
