//! Orders through the shop's till, by many at once: what is sold and what is left come to what there was.

use std::convert::Infallible;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use bharatmart_adapters::budget;
use bharatmart_adapters::clash::Backoff;
use bharatmart_adapters::system::System;
use bharatmart_core::cart::CartProblem;
use bharatmart_core::delivery::Reach;
use bharatmart_core::identity::Actor;
use bharatmart_core::inventory::{HELD_FOR, Location};
use bharatmart_core::orders::till::{DOUBT, House, PlaceRefused, Placing, Till, TillStore, unsealed};
use bharatmart_core::orders::{Basket, CodRules, Line, Numbers, Order, OrderAsked, ShipTo, Whereto};
use bharatmart_core::payments::{Open, Payment, PaymentMethod, PaymentStatus};
use bharatmart_core::ports::{Charge, Charged, Clock, CommitError, Fault, PaymentProvider, Store};
use bharatmart_core::pricing::{Coupon, CouponCode, Terms};
use bharatmart_core::{
    Changes, Expect, Hand, Paise, PaymentId, ProductId, Sku, State, Tenant, Timestamp, UserId, Write,
};
use bharatmart_tests::data::{a_category, a_product, sku};
use bharatmart_tests::on_every_store;
use bharatmart_tests::steps::Steps;
use bharatmart_tests::stores::StoreWorld;
use futures_util::future::join_all;
use rand::rngs::StdRng;
use rand::seq::index::sample;
use rand::{Rng, SeedableRng};

use super::commit;
use crate::samples::{a_coupon, a_payment, a_user, user_id};

on_every_store![
    of_a_thousand_buyers_of_a_hundred_things_a_hundred_are_served,
    two_hundred_buyers_of_several_things_leave_what_they_did_not_buy,
    two_lines_of_a_sku_count_together_wherever_it_lies,
    fifty_lines_are_looked_up_in_one_step_more_than_one,
    a_decline_is_doubted_until_its_provider_knows_the_end,
    an_order_is_held_from_the_moment_it_was_placed,
];

/// Longer than any crowd takes on a busy machine: nobody may fail for want of time.
const PATIENCE: Duration = Duration::from_secs(240);
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

async fn place(
    store: &dyn TillStore,
    clock: &dyn Clock,
    numbers: &Numbers,
    user: UserId,
    asked: &OrderAsked,
) -> Result<Order, PlaceRefused> {
    let (tenant, reach, cod) = (Tenant::main(), Reach::default(), CodRules::default());
    let (seller, free) = (State::default(), Paise::ZERO);
    let terms = Terms { seller, delivery: free, free_from: free, minimum: free, coupons: true };
    let hand = Hand { tenant: &tenant, clock, ids: &System, by: Actor::User(user), address: None };
    let house = House { terms: &terms, reach: &reach, cod: &cod, numbers };
    Till { hand, store }.place(Placing { user, asked, house }, &unsealed).await
}

/// Whether the order was taken; if not, there was too little. Whoever is told that the store is busy asks again.
async fn buys(store: &dyn TillStore, numbers: &Numbers, user: UserId, asked: &OrderAsked) -> bool {
    budget::within(PATIENCE, async {
        let mut pauses = Backoff::default();
        loop {
            match place(store, &System, numbers, user, asked).await {
                Ok(_) => return true,
                Err(PlaceRefused::Problems(problems)) => {
                    let short = |problem: &CartProblem| matches!(problem, CartProblem::InsufficientStock { .. });
                    assert!(problems.iter().all(short), "{problems:?}");
                    return false;
                }
                Err(PlaceRefused::Commit(CommitError::Fault(Fault::Busy { .. } | Fault::Away { .. }))) => {
                    pauses.pause().await;
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
    let served = join_all(users.into_iter().map(|user| buys(store, &numbers, user, &asked))).await;
    assert_eq!(served.into_iter().filter(|served| *served).count(), 100);
    assert_eq!(left(store, product, &sku("HOT")).await, (0, 100));
}

const EACH: u32 = 50;

/// Two places of one SKU: so many lie in the main one, the rest in Pune.
async fn spread(store: &dyn Store, product: ProductId, name: &str, rest: u32) {
    let (sku, location) = (sku(name), Location::parse("pune").unwrap());
    commit(store, Changes::new(&Tenant::main()).write(Write::NewStock { product, sku, location, available: rest }))
        .await;
}

/// One to five SKUs each, one to four of each; of some a piece more on a line of its own.
fn baskets(skus: &[String]) -> Vec<OrderAsked> {
    let mut chance = StdRng::seed_from_u64(7);
    let mut basket = || {
        let kinds = chance.random_range(1..=5);
        let mut lines: Vec<Line> = sample(&mut chance, skus.len(), kinds)
            .into_iter()
            .map(|nth| Line { sku: sku(&skus[nth]), quantity: chance.random_range(1..=4) })
            .collect();
        if chance.random_bool(0.3) {
            lines.push(Line { quantity: 1, ..lines[0].clone() });
        }
        asked(lines)
    };
    (0..200).map(|_| basket()).collect()
}

fn wanted(asked: &OrderAsked, name: &str) -> u32 {
    let Basket::Lines(lines) = &asked.basket else { return 0 };
    lines.iter().filter(|line| line.sku == sku(name)).map(|line| line.quantity).sum()
}

/// Whenever one looks, all that was put up is available or held. It looks for ever.
async fn watched(store: &dyn Store, product: ProductId, skus: &[String]) -> Infallible {
    loop {
        for name in skus {
            let (available, reserved) = left(store, product, &sku(name)).await;
            assert_eq!(available + reserved, EACH, "{name}: {available} and {reserved}");
            // What is read in the process is read without a pause.
            tokio::task::yield_now().await;
        }
    }
}

async fn two_hundred_buyers_of_several_things_leave_what_they_did_not_buy(world: StoreWorld) {
    let (stores, numbers) = ([world.store.clone(), world.open_again().await], Numbers::default());
    let store: &dyn Store = stores[0].as_ref();
    let skus: Vec<String> = (0..10).map(|nth| format!("S{nth}")).collect();
    let in_main = |nth: usize| if nth.is_multiple_of(2) { EACH } else { 30 };
    let stock: Vec<_> = skus.iter().enumerate().map(|(nth, sku)| (sku.as_str(), in_main(nth))).collect();
    let product = put_up(store, &stock).await;
    for (nth, name) in skus.iter().enumerate().filter(|(nth, _)| in_main(*nth) < EACH) {
        spread(store, product, name, EACH - in_main(nth)).await;
    }
    let (users, baskets) = (buyers(store, 200).await, baskets(&skus));
    let buying = users.into_iter().zip(&baskets).zip(stores.iter().cycle()).map(|((user, asked), store)| {
        let numbers = &numbers;
        async move { (buys(store.as_ref(), numbers, user, asked).await, asked) }
    });
    let bought: Vec<_> = tokio::select! {
        bought = join_all(buying) => bought,
        never = budget::within(PATIENCE, watched(store, product, &skus)) => match never {},
    };
    for name in &skus {
        let sold: u32 = bought.iter().filter(|(served, _)| *served).map(|(_, asked)| wanted(asked, name)).sum();
        assert_eq!(left(store, product, &sku(name)).await, (EACH - sold, sold), "{name}");
    }
    // Stock only went: whoever was refused could not be served at the end either.
    for (_, asked) in bought.iter().filter(|(served, _)| !served) {
        let mut short = false;
        for name in &skus {
            short |= left(store, product, &sku(name)).await.0 < wanted(asked, name);
        }
        assert!(short, "there was enough for {asked:?}");
    }
    assert!(bought.iter().any(|(served, _)| !served), "there was less than was wanted");
}

async fn two_lines_of_a_sku_count_together_wherever_it_lies(world: StoreWorld) {
    let (store, numbers): (&dyn Store, _) = (world.store.as_ref(), Numbers::default());
    let product = put_up(store, &[("A", 4)]).await;
    spread(store, product, "A", 3).await;
    let user = buyers(store, 1).await[0];
    let lines = |first, second| asked([first, second].map(|quantity| Line { sku: sku("A"), quantity }).to_vec());
    assert!(!buys(store, &numbers, user, &lines(4, 4)).await, "each line alone could be had");
    assert_eq!(left(store, product, &sku("A")).await, (7, 0));
    assert!(buys(store, &numbers, user, &lines(4, 2)).await);
    let levels = store.stock(&Tenant::main(), product, &sku("A")).await.unwrap().unwrap();
    let reserved: Vec<_> = levels.0.values().map(|stock| stock.reserved).collect();
    assert_eq!(reserved, [4, 2], "in main, and the rest in Pune");
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
    let starts_at = System.now().before(PATIENCE);
    let coupon = Coupon { code: "FIFTY".to_owned(), starts_at, ..a_coupon() };
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

/// Has an answer ready.
struct Says(Charged);

#[async_trait]
impl PaymentProvider for Says {
    async fn charge(&self, _: &Charge) -> Result<Charged, Fault> {
        Ok(self.0.clone())
    }

    async fn look(&self, _: &Tenant, _: PaymentId) -> Result<Option<Charged>, Fault> {
        Ok(Some(self.0.clone()))
    }

    async fn refund(&self, _: &Tenant, _: PaymentId, _: &str, _: Paise) -> Result<(), Fault> {
        Ok(())
    }
}

async fn a_decline_is_doubted_until_its_provider_knows_the_end(world: StoreWorld) {
    let (store, tenant) = (world.store.as_ref(), Tenant::main());
    let created_at = System.now().before(DOUBT + Duration::from_secs(60));
    let (status, open) = (PaymentStatus::Failed, Some(Open::Doubt));
    let payment = Payment { status, open, created_at, ..a_payment(user_id()) };
    commit(store, Changes::new(&tenant).put(&payment, Expect::New)).await;
    let till =
        Till { hand: Hand { tenant: &tenant, clock: &System, ids: &System, by: Actor::Shop, address: None }, store };
    let open = async || till.payment(payment.id).await.unwrap().unwrap().open;
    assert!(!till.check(payment.id, &Says(Charged::Pending)).await.unwrap());
    assert_eq!(open().await, Some(Open::Doubt));
    let declined = Charged::Declined { code: "declined_by_bank".to_owned() };
    assert!(till.check(payment.id, &Says(declined)).await.unwrap());
    assert_eq!(open().await, None);
}

/// A clock on which a second passes whenever it is read.
struct Hurried(AtomicI64);

impl Clock for Hurried {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.fetch_add(1_000, Ordering::Relaxed))
    }
}

async fn an_order_is_held_from_the_moment_it_was_placed(world: StoreWorld) {
    let (store, clock) = (world.store.as_ref(), Hurried(AtomicI64::new(System.now().millis())));
    put_up(store, &[("SLOW", 1)]).await;
    let user = buyers(store, 1).await[0];
    let asked = asked(vec![Line { sku: sku("SLOW"), quantity: 1 }]);
    let order = place(store, &clock, &Numbers::default(), user, &asked).await.unwrap();
    assert_eq!(order.reserved_until, order.placed_at.after(HELD_FOR));
    assert_eq!(order.timeline[0].at, order.placed_at);
}
