//! Reserving through the shop's use case, by many at once: nothing is sold twice, and each hold ends once.

use std::collections::BTreeMap;
use std::time::Duration;

use bharatmart_adapters::budget;
use bharatmart_adapters::system::System;
use bharatmart_core::identity::Actor;
use bharatmart_core::inventory::{
    HELD_FOR, Location, RESERVATION, Reason, Reservation, ReserveError, Reserving, Short, StockMoved, Wanted, Warehouse,
};
use bharatmart_core::ports::{CommitError, Fault, Store};
use bharatmart_core::record::{Listing, Row};
use bharatmart_core::{Changes, EventKind, Expect, Refusal, ReservationId, Tenant, Write};
use bharatmart_tests::data::{a_category, a_product, at, sku};
use bharatmart_tests::on_every_store;
use bharatmart_tests::stores::StoreWorld;
use rand::rngs::StdRng;
use rand::seq::index::sample;
use rand::{Rng, SeedableRng};

use super::commit;
use super::races::at_once;

on_every_store![
    of_two_hundred_at_once_none_gets_what_another_has,
    two_lines_of_a_sku_are_reserved_together,
    what_lies_at_several_locations_is_reserved_wherever_it_is,
    a_hold_is_ended_by_one_of_all_who_try,
    holds_are_listed_from_a_moment_back,
];

const SKUS: usize = 10;
const EACH: u32 = 50;
/// Longer than any crowd takes on a busy machine: nobody may fail for want of time.
const PATIENCE: Duration = Duration::from_secs(120);

fn main() -> Tenant {
    Tenant::main()
}

fn warehouse(tenant: &Tenant) -> Warehouse<'_> {
    Warehouse { tenant, who: Actor::Shop, clock: &System, ids: &System }
}

/// Ten SKUs of four products with fifty of each; of every other SKU twenty lie in Pune.
async fn shelves(store: &dyn Store) -> Vec<Wanted> {
    let (category, _) = a_category(&main(), "groceries");
    let mut wanted = Vec::new();
    for (nth, skus) in (0..SKUS).collect::<Vec<_>>().chunks(3).enumerate() {
        let in_main = |i: usize| if i.is_multiple_of(2) { EACH } else { EACH - 20 };
        let texts: Vec<_> = skus.iter().map(|i| (format!("S{i}"), in_main(*i))).collect();
        let stock: Vec<_> = texts.iter().map(|(text, count)| (text.as_str(), *count)).collect();
        let created = a_product(&main(), &category, &format!("Product {nth}"), &stock);
        let product = created.product.id;
        commit(store, created.changes).await;
        for i in skus.iter().filter(|i| !i.is_multiple_of(2)) {
            let (sku, location) = (sku(&format!("S{i}")), Location::parse("pune").unwrap());
            let moved = Write::NewStock { product, sku, location, available: 20 };
            let told = StockMoved::by(std::slice::from_ref(&moved), Reason::Opening, "shop");
            let told = told.event(&main(), &System, &System);
            commit(store, Changes::new(&main()).write(moved).event(told)).await;
        }
        wanted.extend(skus.iter().map(|i| Wanted { product, sku: sku(&format!("S{i}")), quantity: 0 }));
    }
    wanted
}

/// Whoever is told that the store is away or busy asks again, as a customer would; he may be served twice by it.
async fn reserve(store: &dyn Store, reference: &str, lines: &[Wanted]) -> Result<Reservation, Short> {
    let tenant = main();
    let reserving = Reserving { catalog: store, commits: store, warehouse: warehouse(&tenant) };
    budget::within(PATIENCE, async {
        for attempt in 1.. {
            match reserving.reserve(&format!("{reference}/{attempt}"), lines, HELD_FOR).await {
                Ok(reservation) => return Ok(reservation),
                Err(ReserveError::Short(short)) => return Err(short),
                Err(ReserveError::Fault(fault)) => ask_again(fault).await,
            }
        }
        unreachable!("it is tried for ever")
    })
    .await
}

async fn ask_again(fault: Fault) {
    let may_pass = matches!(fault, Fault::Away { .. } | Fault::Busy { .. });
    assert!(may_pass && !budget::remaining().is_zero(), "{fault}");
    tokio::task::yield_now().await;
}

/// Every hold there is.
async fn held(store: &dyn Store) -> Vec<Reservation> {
    let rows = store.records(&main(), &RESERVATION, Listing::All, None, 1_000).await.unwrap();
    rows.into_iter().map(|row| Row::read(row).unwrap()).collect()
}

/// All movements that were told of.
async fn movements(store: &dyn Store) -> Vec<StockMoved> {
    let events = store.unsent(at(0), 10_000).await.unwrap();
    let moved = events.iter().filter(|event| event.kind == EventKind::StockMoved);
    moved.map(|event| StockMoved::read(event).unwrap()).collect()
}

/// What each SKU has: available and reserved, at all locations.
async fn figures(store: &dyn Store, shelves: &[Wanted]) -> Vec<(u32, u32)> {
    let mut figures = Vec::new();
    for Wanted { product, sku, .. } in shelves {
        let levels = store.stock(&main(), *product, sku).await.unwrap().expect("it is stocked");
        figures.push((levels.available(), levels.reserved()));
    }
    figures
}

/// What all movements that were told of sum to.
async fn told(store: &dyn Store, shelves: &[Wanted]) -> Vec<(u32, u32)> {
    let mut sums: BTreeMap<_, (i64, i64)> = BTreeMap::new();
    for line in movements(store).await.into_iter().flat_map(|moved| moved.lines) {
        let sum = sums.entry(line.sku).or_default();
        *sum = (sum.0 + line.available, sum.1 + line.reserved);
    }
    let figure = |sum: i64| u32::try_from(sum).expect("not below zero");
    let figures = |(available, reserved): (i64, i64)| (figure(available), figure(reserved));
    shelves.iter().map(|shelf| figures(sums[&shelf.sku])).collect()
}

fn pieces_of<'a>(held: impl IntoIterator<Item = &'a Reservation>, shelf: &Wanted) -> u32 {
    let pieces = held.into_iter().flat_map(|held| &held.pieces);
    pieces.filter(|piece| piece.sku == shelf.sku).map(|piece| piece.quantity).sum()
}

/// What two hundred customers want: one to five SKUs each, one to three of each, some on two lines.
fn customers(shelves: &[Wanted]) -> Vec<Vec<Wanted>> {
    let mut chance = StdRng::seed_from_u64(200);
    let mut customer = || {
        let count = chance.random_range(1..=5);
        let mut lines: Vec<_> = sample(&mut chance, shelves.len(), count)
            .into_iter()
            .map(|i| Wanted { quantity: chance.random_range(1..=3), ..shelves[i].clone() })
            .collect();
        if lines.len() < 5 && chance.random_bool(0.3) {
            lines.push(Wanted { quantity: 1, ..lines[0].clone() });
        }
        lines
    };
    (0..200).map(|_| customer()).collect()
}

/// Every other one on a second connection.
async fn reserved_at_once(world: &StoreWorld, customers: Vec<Vec<Wanted>>) -> Vec<Result<Reservation, Short>> {
    let stores = [world.store.clone(), world.open_again().await];
    at_once(customers.len(), |i| {
        let (store, lines) = (stores[i % 2].clone(), customers[i].clone());
        async move { reserve(&*store, &format!("ord_{i}"), &lines).await }
    })
    .await
}

async fn of_two_hundred_at_once_none_gets_what_another_has(world: StoreWorld) {
    let shelves = shelves(&*world.store).await;
    let customers = customers(&shelves);
    let answers = reserved_at_once(&world, customers.clone()).await;
    let figures = figures(&*world.store, &shelves).await;
    assert_eq!(told(&*world.store, &shelves).await, figures);
    let held = held(&*world.store).await;
    for (shelf, (available, reserved)) in shelves.iter().zip(&figures) {
        assert_eq!(available + reserved, EACH, "{}", shelf.sku);
        assert_eq!(*reserved, pieces_of(&held, shelf), "{}", shelf.sku);
    }
    // Stock only went: whoever was told that there is too little could not be served at the end either.
    for (answer, lines) in answers.iter().zip(&customers) {
        match answer {
            Ok(reservation) => {
                let asked: u32 = lines.iter().map(|line| line.quantity).sum();
                assert_eq!(reservation.pieces.iter().map(|piece| piece.quantity).sum::<u32>(), asked);
                assert!(held.contains(reservation), "{reservation:?}");
            }
            Err(short) => {
                let place = shelves.iter().position(|shelf| shelf.sku == short.sku).unwrap();
                assert!(figures[place].0 < short.wanted, "{short:?} with {:?}", figures[place]);
            }
        }
    }
    let served = answers.iter().flatten().count();
    assert!((60..200).contains(&served), "{served} of 200 were served: there is not enough for all");
}

async fn two_lines_of_a_sku_are_reserved_together(world: StoreWorld) {
    let shelves = shelves(&*world.store).await;
    let lines = |first, second| [first, second].map(|quantity| Wanted { quantity, ..shelves[0].clone() });
    let short = reserve(&*world.store, "ord_1", &lines(30, 21)).await.unwrap_err();
    assert_eq!(short, Short { sku: sku("S0"), wanted: 51, available: 50 });
    assert_eq!(figures(&*world.store, &shelves).await[0], (50, 0));
    let held = reserve(&*world.store, "ord_2", &lines(30, 20)).await.unwrap();
    assert_eq!(held.pieces.len(), 1);
    assert_eq!(figures(&*world.store, &shelves).await[0], (0, 50));
}

async fn what_lies_at_several_locations_is_reserved_wherever_it_is(world: StoreWorld) {
    let shelves = shelves(&*world.store).await;
    let places = async |quantity| {
        let held = reserve(&*world.store, "ord_1", &[Wanted { quantity, ..shelves[1].clone() }]).await.unwrap();
        held.pieces.iter().map(|piece| (piece.location.to_string(), piece.quantity)).collect::<Vec<_>>()
    };
    let piece = |location: &str, quantity| (location.to_owned(), quantity);
    assert_eq!(places(15).await, [piece("main", 15)]);
    assert_eq!(places(18).await, [piece("pune", 18)]);
    assert_eq!(places(17).await, [piece("main", 15), piece("pune", 2)]);
    assert_eq!(figures(&*world.store, &shelves).await[1], (0, 50));
}

/// Half of the customers pay, half go; meanwhile two sweeps try to give back what all of them hold.
async fn a_hold_is_ended_by_one_of_all_who_try(world: StoreWorld) {
    let shelves = shelves(&*world.store).await;
    reserved_at_once(&world, customers(&shelves)).await;
    let held = held(&*world.store).await;
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
    let expected: Vec<_> = shelves.iter().map(|shelf| (EACH - pieces_of(sold.iter().copied(), shelf), 0)).collect();
    assert_eq!(figures(&*world.store, &shelves).await, expected);
    assert_eq!(told(&*world.store, &shelves).await, expected);
    assert_eq!(self::held(&*world.store).await, []);
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
