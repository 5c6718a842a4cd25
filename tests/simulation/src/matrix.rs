//! The fault matrix: every call that a journey makes, of every port, meets every fault once, each in a shop of its own.
//! Whoever asked asks again; then the journey has come to its end, no promise is broken and nothing is left undone.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bharatmart_chaos::{Act, FaultKind, Injector, Operation, operations};
use bharatmart_core::orders::{Basket, Line, Mover, Order, OrderStatus};
use bharatmart_core::payments::{MockOutcome, PaymentMethod};
use bharatmart_core::{OrderId, Paise, PaymentId, RecordKey};

use crate::actors::{Client, Day, customer};
use crate::check::{Broken, Checker, Kept, at_the_end, holds, is_quiet};
use crate::faults::{TURN, Weather};
use crate::requests::Ask;
use crate::run::REST;
use crate::shop::{COUPONS, Shop};
use crate::world::World;

/// What each call meets: one fault of each kind that a caller can have.
pub const FAULTS: &[(FaultKind, Act)] = &[
    (FaultKind::ErrorBefore, Act::ErrorBefore),
    (FaultKind::ErrorAfter, Act::ErrorAfter),
    (FaultKind::Duplicate, Act::Duplicate),
    (FaultKind::TimeoutBefore, Act::TimeoutBefore),
    (FaultKind::TimeoutAfter, Act::TimeoutAfter),
];

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Journey {
    Placement,
    Payment,
    /// A payment that is made, and nobody hears of it: neither the answer nor a webhook comes.
    LostAnswer,
    Cancellation,
    Refund,
}

impl Journey {
    pub const ALL: &'static [Journey] =
        &[Journey::Placement, Journey::Payment, Journey::LostAnswer, Journey::Cancellation, Journey::Refund];

    pub const fn name(self) -> &'static str {
        match self {
            Journey::Placement => "placement",
            Journey::Payment => "payment",
            Journey::LostAnswer => "lost answer",
            Journey::Cancellation => "cancellation",
            Journey::Refund => "refund",
        }
    }
}

/// An operation in a journey: how many of its calls were struck, by each fault, and what then went wrong.
pub struct Cell {
    pub operation: &'static Operation,
    pub journey: Journey,
    pub struck: u64,
    pub wrong: Vec<String>,
}

/// Of all ports, what a journey has to do with; on all cores.
pub fn cells() -> Vec<Cell> {
    let mut wanted = Vec::new();
    for journey in Journey::ALL {
        let (kept, calls) = go(*journey, None);
        for operation in operations().filter(|operation| operation.faults.contains(&FaultKind::ErrorAfter)) {
            let struck = calls.get(&(operation.port, operation.name)).copied().unwrap_or_default();
            let wrong = kept.clone().err().map(|Broken(what)| format!("{} without any fault: {what}", journey.name()));
            wanted.push(Cell { operation, journey: *journey, struck, wrong: wrong.into_iter().collect() });
        }
    }
    let next = AtomicUsize::new(0);
    let struck: Vec<Mutex<Cell>> = wanted.into_iter().map(Mutex::new).collect();
    let work = || {
        while let Some(cell) = struck.get(next.fetch_add(1, Ordering::Relaxed)) {
            cell.lock().unwrap_or_else(PoisonError::into_inner).strike();
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(work);
        }
    });
    struck.into_iter().map(|cell| cell.into_inner().unwrap_or_else(PoisonError::into_inner)).collect()
}

impl Cell {
    fn strike(&mut self) {
        let Cell { operation, journey, struck, .. } = *self;
        for nth in 1..=struck {
            for (kind, act) in FAULTS {
                if let (Err(Broken(what)), _) = go(journey, Some((operation, *act, nth))) {
                    let call = format!("{}.{} call {nth} {kind}", operation.port, operation.name);
                    self.wrong.push(format!("{}, {call}: {what}", journey.name()));
                }
            }
        }
    }
}

/// For the docs: how many calls of each operation met every fault.
pub fn table(cells: &[Cell]) -> String {
    let mut rows: BTreeMap<(&str, &str), BTreeMap<Journey, u64>> = BTreeMap::new();
    for cell in cells.iter().filter(|cell| cell.struck > 0) {
        rows.entry((cell.operation.port, cell.operation.name)).or_default().insert(cell.journey, cell.struck);
    }
    let names: Vec<_> = Journey::ALL.iter().map(|journey| journey.name()).collect();
    let mut text = format!("| call | {} |\n|---|{}\n", names.join(" | "), "---|".repeat(names.len()));
    for ((port, name), struck) in rows {
        let of =
            |journey| struck.get(journey).map_or("–".to_owned(), |count| format!("{count} × {} ✓", FAULTS.len()));
        let columns: Vec<_> = Journey::ALL.iter().map(of).collect();
        text += &format!("| `{port}.{name}` | {} |\n", columns.join(" | "));
    }
    text
}

type Calls = BTreeMap<(&'static str, &'static str), u64>;

/// Strikes one call of a journey.
struct Strike {
    at: Option<(&'static Operation, Act, u64)>,
    armed: AtomicBool,
    calls: Mutex<Calls>,
    /// Of the calls, those up to the last that changed anything: who asks after it finds nothing left to do.
    work: Mutex<Calls>,
}

impl Injector for Strike {
    fn act(&self, operation: &'static Operation) -> Act {
        let none = if operation.faults.contains(&FaultKind::Latency) { TURN } else { Act::Pass };
        if !self.armed.load(Ordering::Relaxed) {
            return none;
        }
        let mut calls = self.calls.lock().unwrap_or_else(PoisonError::into_inner);
        let nth = calls.entry((operation.port, operation.name)).or_default();
        *nth += 1;
        let act = match self.at {
            Some((at, act, when)) if at == operation && when == *nth => act,
            _ => none,
        };
        if operation.writes && operation.name != "receive" {
            self.work.lock().unwrap_or_else(PoisonError::into_inner).clone_from(&calls);
        }
        act
    }
}

fn go(journey: Journey, at: Option<(&'static Operation, Act, u64)>) -> (Kept, Calls) {
    let world = World::new(7, false);
    let strike =
        Arc::new(Strike { at, armed: AtomicBool::new(false), calls: Mutex::default(), work: Mutex::default() });
    let shop = Shop::open(&world, strike.clone(), None);
    let day = Day::new(shop.clone(), Weather::fair(world.clone()));
    // Nobody has anything else to do.
    day.close();
    day.machines(journey != Journey::LostAnswer);
    let ended: Arc<Mutex<Kept>> = Arc::new(Mutex::new(Err(Broken("nobody came to an end".to_owned()))));
    let (of, told) = (day.clone(), ended.clone());
    let begins = strike.clone();
    day.spawn("customer", async move {
        let kept = travel(&of, journey, || begins.armed.store(true, Ordering::Relaxed)).await;
        *told.lock().unwrap_or_else(PoisonError::into_inner) = kept;
    });
    let mut checker = Checker::new(&shop);
    let rested = rest(&world, &day, &mut checker);
    world.end();
    let ended = ended.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let kept = rested.and(ended).and_then(|()| checker.orders.values().try_for_each(|order| outcome(journey, order)));
    let calls = strike.work.lock().unwrap_or_else(PoisonError::into_inner).clone();
    (kept, calls)
}

fn rest(world: &World, day: &Day, checker: &mut Checker) -> Kept {
    while world.elapsed() < REST {
        world.turn();
        checker.look()?;
        day.look()?;
        if world.turns().is_multiple_of(16) && day.is_everybody_done() && is_quiet(checker).is_ok() {
            return at_the_end(checker);
        }
    }
    is_quiet(checker)
}

/// As a customer goes it, who asks again whatever the answer.
async fn travel(day: &Arc<Day>, journey: Journey, arm: impl Fn()) -> Kept {
    let mut client = Client::customer(day, 1, "customer");
    let Some((product, sku)) = day.shop.skus.first().cloned() else { return Ok(()) };
    let fill = Ask::PutInCart { product, sku: sku.clone(), quantity: 2, coupon: Some(COUPONS[0].to_owned()) };
    ends(&mut client, None, &fill, 200).await?;
    let order = |basket| Ask::Place(customer::order(1, basket, PaymentMethod::Upi, None, "journey"));
    let place = order(Basket::Cart(None));
    if journey == Journey::Placement {
        arm();
        let more_than_there_is = order(Basket::Lines(vec![Line { sku, quantity: 100_000 }]));
        ends(&mut client, Some("too many"), &more_than_there_is, 409).await?;
    }
    let order: OrderId = parsed(&ends(&mut client, Some("place"), &place, 201).await?)?;
    day.shop.acknowledged().insert("journey".to_owned(), order);
    if journey == Journey::Placement {
        return Ok(());
    }
    let outcome = if journey == Journey::LostAnswer { MockOutcome::Timeout } else { MockOutcome::Success };
    if matches!(journey, Journey::Payment | Journey::LostAnswer) {
        arm();
    }
    let payment = pays(&mut client, order, outcome).await?;
    match journey {
        Journey::Placement | Journey::Payment | Journey::LostAnswer => Ok(()),
        Journey::Cancellation => {
            arm();
            client.insist(None, &Ask::Cancel { order, by: Mover::Customer }).await;
            let seen = ends(&mut client, None, &Ask::Look { order }, 200).await?;
            holds(seen.contains(" cancelled "), || format!("it was cancelled and is {seen}"))
        }
        Journey::Refund => {
            arm();
            let amount = Some(Paise::from_rupees(10));
            ends(&mut client, Some("refund"), &Ask::Refund { payment, amount }, 202).await.map(drop)
        }
    }
}

/// With a new attempt only when the one before has failed.
async fn pays(client: &mut Client, order: OrderId, outcome: MockOutcome) -> Result<PaymentId, Broken> {
    let pay = Ask::Pay { order, method: PaymentMethod::Upi, instrument: format!("{}@upi", outcome.name()) };
    for attempt in 1..=5 {
        client.insist(Some(&format!("pay.{attempt}")), &pay).await;
        for _ in 0..60 {
            let seen = ends(client, None, &Ask::Look { order }, 200).await?;
            if seen.contains(" confirmed captured") {
                let found = client.day.shop.under.find::<Order>(&client.day.shop.tenant, &RecordKey::alone(order));
                let paid = found.and_then(|order| order.paid_by);
                return paid.ok_or_else(|| Broken("a paid order that nothing paid".to_owned()));
            }
            if seen.contains(" pending_payment failed") {
                break;
            }
            client.day.shop.world.sleep(Duration::from_secs(3)).await;
        }
    }
    Err(Broken("it could not be paid".to_owned()))
}

async fn ends(client: &mut Client, key: Option<&str>, ask: &Ask, status: u16) -> Result<String, Broken> {
    match client.insist(key, ask).await {
        Some(reply) if reply.status == status => Ok(reply.body),
        other => Err(Broken(format!("{ask:?} was answered {other:?}"))),
    }
}

fn parsed(id: &str) -> Result<OrderId, Broken> {
    id.parse().map_err(|_| Broken(format!("{id} names no order")))
}

/// What the order has come to when nothing is under way any more.
fn outcome(journey: Journey, order: &Order) -> Kept {
    let total = order.amounts.total;
    let (status, came, went) = match journey {
        // Nobody paid it.
        Journey::Placement => (OrderStatus::Cancelled, Paise::ZERO, Paise::ZERO),
        Journey::Payment | Journey::LostAnswer => (OrderStatus::Confirmed, total, Paise::ZERO),
        Journey::Cancellation => (OrderStatus::Cancelled, total, total),
        Journey::Refund => (OrderStatus::Confirmed, total, Paise::from_rupees(10)),
    };
    holds((order.status, order.captured, order.refunded) == (status, came, went), || {
        format!("it is {} with {} come and {} gone", order.status.name(), order.captured, order.refunded)
    })
}
