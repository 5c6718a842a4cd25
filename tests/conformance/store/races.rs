//! Many callers at once, on connections of their own, get what one after another would have got.

use std::future::Future;
use std::sync::Arc;

use bharatmart_core::changes::{Applied, ClaimKind};
use bharatmart_core::inventory::{Location, Piece, Stock, reserve};
use bharatmart_core::ports::{CommitError, Store};
use bharatmart_core::{Changes, Expect, ProductId, Refusal, Tenant, Write};
use bharatmart_tests::data::{a_category, a_product, an_event, at, sku};
use bharatmart_tests::on_every_store;
use bharatmart_tests::stores::StoreWorld;
use futures_util::future::join_all;

use super::{commit, refusal};

on_every_store![
    sixty_buyers_for_twenty_units_get_twenty,
    two_lines_of_a_sku_count_together,
    carts_that_share_skus_in_any_order_all_end,
    a_counter_lets_as_many_through_as_its_limit,
    a_name_goes_to_one_of_many,
    a_version_is_replaced_by_one_of_many,
    an_event_delivered_ten_times_at_once_is_applied_once,
];

/// Commits made by each of `n` callers at once, every other one on a second connection; answers how many were taken.
/// Every refusal must be `expected`.
pub(super) async fn taken(
    world: &StoreWorld,
    n: usize,
    expected: &Refusal,
    changes: impl Fn(usize) -> Changes,
) -> usize {
    let second = world.open_again().await;
    let answers = at_once(n, |i| {
        let store = if i % 2 == 0 { world.store.clone() } else { second.clone() };
        let changes = changes(i);
        async move { store.commit(changes).await }
    })
    .await;
    let taken = answers.iter().filter(|answer| answer.is_ok()).count();
    for refused in answers.into_iter().filter_map(Result::err) {
        assert!(matches!(&refused, CommitError::Refused(refusal) if refusal == expected), "{refused}");
    }
    taken
}

pub(super) async fn at_once<T: Send + 'static, F>(n: usize, work: impl Fn(usize) -> F) -> Vec<T>
where
    F: Future<Output = T> + Send + 'static,
{
    let started = (0..n).map(|i| tokio::spawn(work(i))).collect::<Vec<_>>();
    join_all(started).await.into_iter().map(|done| done.expect("it does not panic")).collect()
}

async fn with_stock(store: &Arc<dyn Store>, stock: &[(&str, u32)]) -> ProductId {
    let main = Tenant::main();
    let (category, _) = a_category(&main, "groceries");
    let created = a_product(&main, &category, "Atta", stock);
    commit(&**store, created.changes).await;
    created.product.id
}

fn want(product: ProductId, text: &str, quantity: u32) -> Piece {
    Piece { product_id: product, sku: sku(text), location: Location::main(), quantity }
}

fn reserving(lines: &[Piece]) -> Changes {
    Changes { writes: reserve(lines), ..Changes::new(&Tenant::main()) }
}

async fn stock_of(store: &Arc<dyn Store>, product: ProductId, text: &str) -> Stock {
    store.stock(&Tenant::main(), product, &sku(text)).await.unwrap().expect("it is stocked").at(&Location::main())
}

async fn sixty_buyers_for_twenty_units_get_twenty(world: StoreWorld) {
    let product = with_stock(&world.store, &[("ATTA", 20)]).await;
    let sold_out = Refusal::InsufficientStock(sku("ATTA"));

    let bought = taken(&world, 60, &sold_out, |i| {
        reserving(&[want(product, "ATTA", 1)]).event(an_event(&Tenant::main(), at(i as i64)))
    })
    .await;

    assert_eq!(bought, 20);
    assert_eq!(stock_of(&world.store, product, "ATTA").await, Stock { available: 0, reserved: 20, sold: 0 });
    let told = world.store.newest_events(100).await.unwrap();
    assert_eq!(told.len(), 22, "each sale, the product and its first stock, and no sale that was refused");
}

async fn two_lines_of_a_sku_count_together(world: StoreWorld) {
    let product = with_stock(&world.store, &[("ATTA", 5)]).await;
    let lines = |first, second| reserving(&[want(product, "ATTA", first), want(product, "ATTA", second)]);
    assert_eq!(refusal(&*world.store, lines(3, 3)).await, Refusal::InsufficientStock(sku("ATTA")));
    assert_eq!(stock_of(&world.store, product, "ATTA").await, Stock { available: 5, reserved: 0, sold: 0 });
    commit(&*world.store, lines(3, 2)).await;
    assert_eq!(stock_of(&world.store, product, "ATTA").await, Stock { available: 0, reserved: 5, sold: 0 });
}

/// Locks taken in the order of the lines would let these wait for one another for ever.
async fn carts_that_share_skus_in_any_order_all_end(world: StoreWorld) {
    let product = with_stock(&world.store, &[("A", 30), ("B", 30), ("C", 30)]).await;
    let orders = [["A", "B", "C"], ["C", "B", "A"], ["B", "C", "A"]];
    let never = Refusal::InsufficientStock(sku("NONE"));
    let bought = taken(&world, 30, &never, |i| reserving(&orders[i % 3].map(|text| want(product, text, 1)))).await;
    assert_eq!(bought, 30);
    for text in ["A", "B", "C"] {
        assert_eq!(stock_of(&world.store, product, text).await, Stock { available: 0, reserved: 30, sold: 0 });
    }
}

async fn a_counter_lets_as_many_through_as_its_limit(world: StoreWorld) {
    let reached = Refusal::LimitReached("day".to_owned());
    let count = |_| Changes::new(&Tenant::main()).write(Write::Count { counter: "day".to_owned(), by: 3, at_most: 31 });
    assert_eq!(taken(&world, 30, &reached, count).await, 10);
}

async fn a_name_goes_to_one_of_many(world: StoreWorld) {
    let kind = ClaimKind::CategorySlug;
    let refused = Refusal::NameTaken { kind, name: "toys".to_owned() };
    let claim = |i: usize| {
        let claim = Write::Claim { kind, name: "toys".to_owned(), owner: format!("owner {i}") };
        Changes::new(&Tenant::main()).write(claim)
    };
    assert_eq!(taken(&world, 20, &refused, claim).await, 1);
}

async fn a_version_is_replaced_by_one_of_many(world: StoreWorld) {
    let (category, with_category) = a_category(&Tenant::main(), "toys");
    commit(&*world.store, with_category).await;
    let renamed = |i: usize| {
        let category = bharatmart_core::catalog::Category { name: format!("Toys {i}"), version: 2, ..category.clone() };
        Write::Category { category, expect: Expect::Version(1) }
    };
    let changed = Refusal::VersionChanged(renamed(0).key());
    assert_eq!(taken(&world, 20, &changed, |i| Changes::new(&Tenant::main()).write(renamed(i))).await, 1);
}

async fn an_event_delivered_ten_times_at_once_is_applied_once(world: StoreWorld) {
    let product = with_stock(&world.store, &[("ATTA", 20)]).await;
    let event = an_event(&Tenant::main(), at(0)).id;
    let applied = Refusal::AlreadyApplied(event);
    let deliver = |_| {
        let mut changes = reserving(&[want(product, "ATTA", 2)]);
        changes.applied.push(Applied { consumer: "orders", event, expires_at: at(60) });
        changes
    };
    assert_eq!(taken(&world, 10, &applied, deliver).await, 1);
    assert_eq!(stock_of(&world.store, product, "ATTA").await, Stock { available: 18, reserved: 2, sold: 0 });
}
