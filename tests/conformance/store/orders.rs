//! Orders through the shop's till, by many at once: what is sold and what is left come to what there was.

use std::time::Duration;

use bharatmart_adapters::budget;
use bharatmart_adapters::system::System;
use bharatmart_core::cart::CartProblem;
use bharatmart_core::delivery::Reach;
use bharatmart_core::identity::Actor;
use bharatmart_core::orders::till::{House, PlaceRefused, Placing, Till, TillStore, unsealed};
use bharatmart_core::orders::{Basket, CodRules, Line, Numbers, OrderAsked, ShipTo, Whereto};
use bharatmart_core::payments::PaymentMethod;
use bharatmart_core::ports::{Clock, CommitError, Fault, Store};
use bharatmart_core::pricing::{Coupon, CouponCode, Terms};
use bharatmart_core::{Changes, Expect, Hand, Paise, ProductId, Sku, State, Tenant, UserId};
use bharatmart_tests::data::{a_category, a_product, sku};
use bharatmart_tests::on_every_store;
use bharatmart_tests::steps::Steps;
use bharatmart_tests::stores::StoreWorld;
use futures_util::stream::{self, StreamExt};
use rand::rngs::StdRng;
use rand::seq::index::sample;
use rand::{Rng, SeedableRng};

use super::commit;
use crate::samples::{a_coupon, a_user, user_id};

on_every_store![
    of_a_thousand_buyers_of_a_hundred_things_a_hundred_are_served,
    two_hundred_buyers_of_several_things_leave_what_they_did_not_buy,
    fifty_lines_are_looked_up_in_one_step_more_than_one,
];

/// Longer than any crowd takes on a busy machine: nobody may fail for want of time.
const PATIENCE: Duration = Duration::from_secs(240);
/// As many requests as a gateway lets in at once.
const AT_ONCE: usize = 100;

fn ship_to() -> ShipTo {
    let text = str::to_owned;
    ShipTo {
        full_name: text("Asha Rao"),
        phone: text("+919876543210"),
        line1: text("12 MG Road"),
        line2: None,
        landmark: None,
        city: text("Bengaluru"),
        state: text("Karnataka"),
        pincode: text("560001"),
    }
}

fn asked(lines: Vec<Line>) -> OrderAsked {
    OrderAsked {
        basket: Basket::Lines(lines),
        whereto: Whereto::Here(ship_to()),
        method: PaymentMethod::Upi,
        coupon: None,
        slot: None,
        note: None,
        gstin: None,
    }
}

/// So many with accounts.
async fn buyers(store: &dyn Store, count: usize) -> Vec<UserId> {
    let users: Vec<_> = (0..count).map(|_| user_id()).collect();
    for some in users.chunks(50) {
        let put = |changes: Changes, user: &UserId| changes.put(&a_user(*user), Expect::New);
        commit(store, some.iter().fold(Changes::new(&Tenant::main()), put)).await;
    }
    users
}

async fn put_up(store: &dyn Store, stock: &[(&str, u32)]) -> ProductId {
    let (category, _) = a_category(&Tenant::main(), "groceries");
    let created = a_product(&Tenant::main(), &category, "Rice", stock);
    let id = created.product.id;
    commit(store, created.changes).await;
    id
}

/// Whether the order was taken; if not, there was too little. Whoever is told that the store is busy asks again.
async fn buys(store: &dyn TillStore, numbers: &Numbers, user: UserId, asked: &OrderAsked) -> bool {
    let (tenant, reach, cod) = (Tenant::main(), Reach::default(), CodRules::default());
    let (seller, free) = (State::default(), Paise::ZERO);
    let terms = Terms { seller, delivery: free, free_from: free, minimum: free, coupons: true };
    let hand = Hand { tenant: &tenant, clock: &System, ids: &System, by: Actor::User(user), address: None };
    let till = Till { hand, store };
    let house = House { terms: &terms, reach: &reach, cod: &cod, numbers };
    budget::within(PATIENCE, async {
        loop {
            match till.place(Placing { user, asked, house }, &unsealed).await {
                Ok(_) => return true,
                Err(PlaceRefused::Problems(problems)) => {
                    let short = |problem: &CartProblem| matches!(problem, CartProblem::InsufficientStock { .. });
                    assert!(problems.iter().all(short), "{problems:?}");
                    return false;
                }
                Err(PlaceRefused::Commit(CommitError::Fault(Fault::Busy { .. } | Fault::Away { .. }))) => {
                    tokio::task::yield_now().await;
                }
                Err(other) => panic!("{other}"),
            }
        }
    })
    .await
}

async fn left(store: &dyn Store, product: ProductId, sku: &Sku) -> (u32, u32) {
    let levels = store.stock(&Tenant::main(), product, sku).await.unwrap().unwrap();
    (levels.available(), levels.reserved())
}

async fn of_a_thousand_buyers_of_a_hundred_things_a_hundred_are_served(world: StoreWorld) {
    let (store, numbers): (&dyn Store, _) = (world.store.as_ref(), Numbers::default());
    let product = put_up(store, &[("HOT", 100)]).await;
    let users = buyers(store, 1_000).await;
    let asked = asked(vec![Line { sku: sku("HOT"), quantity: 1 }]);
    let served = stream::iter(users)
        .map(|user| buys(store, &numbers, user, &asked))
        .buffer_unordered(AT_ONCE)
        .filter(|served| std::future::ready(*served))
        .count()
        .await;
    assert_eq!(served, 100);
    assert_eq!(left(store, product, &sku("HOT")).await, (0, 100));
}

async fn two_hundred_buyers_of_several_things_leave_what_they_did_not_buy(world: StoreWorld) {
    let (store, numbers): (&dyn Store, _) = (world.store.as_ref(), &Numbers::default());
    let skus: Vec<String> = (0..10).map(|nth| format!("S{nth}")).collect();
    let stock: Vec<_> = skus.iter().map(|sku| (sku.as_str(), 50)).collect();
    let product = put_up(store, &stock).await;
    let mut chance = StdRng::seed_from_u64(7);
    let baskets: Vec<OrderAsked> = (0..200)
        .map(|_| {
            let kinds = chance.random_range(1..=5);
            let of =
                |nth: usize, chance: &mut StdRng| Line { sku: sku(&skus[nth]), quantity: chance.random_range(1..=4) };
            let picked = sample(&mut chance, skus.len(), kinds).into_vec();
            asked(picked.into_iter().map(|nth| of(nth, &mut chance)).collect())
        })
        .collect();
    let users = buyers(store, 200).await;
    let buying = users
        .into_iter()
        .zip(&baskets)
        .map(|(user, asked)| async move { (buys(store, numbers, user, asked).await, asked) });
    let bought: Vec<_> = stream::iter(buying).buffer_unordered(AT_ONCE).collect().await;
    for name in &skus {
        let of_sku = |asked: &&OrderAsked| match &asked.basket {
            Basket::Lines(lines) => {
                lines.iter().filter(|line| line.sku == sku(name)).map(|line| line.quantity).sum::<u32>()
            }
            Basket::Cart(_) => 0,
        };
        let sold: u32 = bought.iter().filter(|(served, _)| *served).map(|(_, asked)| of_sku(asked)).sum();
        let (available, reserved) = left(store, product, &sku(name)).await;
        assert_eq!((available + reserved, reserved), (50, sold), "{name}");
    }
    assert!(bought.iter().any(|(served, _)| !served), "there was less than was wanted");
}

/// Twenty-five SKUs are asked after at once, and a coupon's record and uses together.
async fn fifty_lines_are_looked_up_in_one_step_more_than_one(world: StoreWorld) {
    let skus: Vec<String> = (0..50).map(|nth| format!("S{nth}")).collect();
    let stock: Vec<_> = skus.iter().map(|sku| (sku.as_str(), 50)).collect();
    let (category, _) = a_category(&Tenant::main(), "groceries");
    for some in stock.chunks(25) {
        let name = format!("Kinds from {}", some[0].0);
        commit(&*world.store, a_product(&Tenant::main(), &category, &name, some).changes).await;
    }
    let coupon = Coupon { starts_at: System.now().before(PATIENCE), ..a_coupon() };
    commit(&*world.store, Changes::new(&Tenant::main()).put(&coupon, Expect::New)).await;
    let (steps, store) = Steps::of(world.store.clone());
    let user = buyers(&*world.store, 1).await[0];
    let mut taken = Vec::new();
    for count in [1, 50] {
        let lines = skus[..count].iter().map(|text| Line { sku: sku(text), quantity: 1 }).collect();
        let asked = OrderAsked { coupon: Some(CouponCode::parse(&coupon.code).unwrap()), ..asked(lines) };
        steps.take();
        assert!(buys(store.as_ref(), &Numbers::default(), user, &asked).await);
        taken.push(steps.take());
    }
    let [one, fifty] = [&taken[0], &taken[1]];
    assert_eq!((one.calls["owner"], fifty.calls["owner"]), (1, 50));
    assert_eq!((one.calls["counted"], one.calls["products"], fifty.calls["products"]), (2, 1, 1));
    assert_eq!(fifty.steps, one.steps + 1, "{taken:?}");
}
