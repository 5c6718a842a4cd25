//! Whether the books of the whole shop are exact, once nothing more moves: every order that was promised and no other,
//! all money, all stock, every event, each coupon's uses, each day's figures.

use std::collections::{BTreeMap, BTreeSet};

use bharatmart_core::catalog::ProductRef;
use bharatmart_core::changes::ClaimKind;
use bharatmart_core::figures::Day;
use bharatmart_core::inventory::{Reservation, StockEntry};
use bharatmart_core::orders::OrderStatus;
use bharatmart_core::ports::{CatalogReads, Records};
use bharatmart_core::pricing::CouponCode;
use bharatmart_core::record::Listing;
use bharatmart_core::{EventKind, Sku};

use crate::buyer::Promise;
use crate::read::{Bought, Reader};
use crate::shop::{COUPON, COUPON_LIMIT, Shop};
use crate::{money, truth};

pub async fn problems(shop: &Shop, reader: &Reader, promises: &[Promise]) -> Vec<String> {
    let mut problems = Vec::new();
    let mut all = Vec::new();
    for id in reader.orders().await {
        all.extend(reader.bought(id).await);
    }
    orders(&all, promises, &mut problems);
    all.iter().for_each(|bought| problems.extend(money::problems(bought)));
    nothing_more(reader, &all, &mut problems).await;
    stock(shop, reader, &all, &mut problems).await;
    events(reader, &all, &mut problems).await;
    coupons(reader, &all, &mut problems).await;
    figures(reader, &all, &mut problems).await;
    problems.extend(truth::untrue(reader, promises).await);
    let of = |status| all.iter().filter(|bought| bought.order.status == status).count();
    println!(
        "{} confirmed, {} cancelled, {} wait for their payment; {} attempts to pay",
        of(OrderStatus::Confirmed),
        of(OrderStatus::Cancelled),
        of(OrderStatus::PendingPayment),
        all.iter().map(|bought| bought.payments.len()).sum::<usize>()
    );
    problems
}

fn same<T: PartialEq + std::fmt::Debug>(what: &str, is: T, should: T, problems: &mut Vec<String>) {
    if is != should {
        problems.push(format!("{what}: {is:?}, and should be {should:?}"));
    }
}

/// Each customer asked for each order by one key until it was answered: one more order would be a second one of a key.
fn orders(all: &[Bought], promises: &[Promise], problems: &mut Vec<String>) {
    let kept: BTreeSet<_> = all.iter().map(|bought| bought.order.id).collect();
    let promised: BTreeSet<_> = promises.iter().map(|promise| promise.order).collect();
    same("promised orders that two were promised", promises.len() - promised.len(), 0, problems);
    same("orders nobody was promised", kept.difference(&promised).count(), 0, problems);
    same("orders that were promised and are not there", promised.difference(&kept).count(), 0, problems);
    let numbers: BTreeSet<_> = all.iter().map(|bought| &bought.order.number).collect();
    same("numbers of orders", numbers.len(), all.len(), problems);
}

/// No row that no order leads to.
async fn nothing_more(reader: &Reader, all: &[Bought], problems: &mut Vec<String>) {
    let sum = |figure: fn(&Bought) -> usize| all.iter().map(figure).sum::<usize>();
    same("orders", reader.count("orders").await, all.len(), problems);
    same("payments", reader.count("payments").await, sum(|bought| bought.payments.len()), problems);
    same("charges", reader.count("mock_charges").await, sum(|bought| bought.charges.len()), problems);
    same("entries of the ledger", reader.count("ledger_entries").await, sum(|bought| bought.entries.len()), problems);
}

async fn stock(shop: &Shop, reader: &Reader, all: &[Bought], problems: &mut Vec<String>) {
    let reservations: Vec<Reservation> = reader.list(Listing::All).await;
    let held: BTreeSet<_> = reservations.iter().map(|held| (held.id, held.reference.clone())).collect();
    let holding = all.iter().filter_map(|bought| Some((bought.order.reservation?, bought.order.id.to_string())));
    same("reservations", held, holding.collect(), problems);
    for (sku, put_up) in &shop.shelf {
        let sku = Sku::parse(sku).unwrap();
        let owner = reader.store.owner(&reader.tenant, ClaimKind::Sku, sku.as_str()).await.unwrap().unwrap();
        let product = ProductRef::Id(owner.parse().unwrap());
        let stocked = reader.store.product(&reader.tenant, &product).await.unwrap().unwrap();
        let levels = &stocked.stock[&sku];
        let pieces = reservations.iter().flat_map(|held| &held.pieces).filter(|piece| piece.sku == sku);
        same(&format!("reserved of {sku}"), levels.reserved(), pieces.map(|piece| piece.quantity).sum(), problems);
        let confirmed = all.iter().filter(|bought| bought.order.status == OrderStatus::Confirmed);
        let sold = confirmed.flat_map(|bought| &bought.order.pieces).filter(|piece| piece.sku == sku);
        let sold: u32 = sold.map(|piece| piece.quantity).sum();
        same(&format!("{sku} there and sold"), levels.on_hand() + sold, *put_up, problems);
        same(&format!("{sku} counted as sold"), levels.sold(), sold, problems);
        let entries: Vec<StockEntry> = reader.list(Listing::Within(sku.as_str())).await;
        let sum = |figure: fn(&StockEntry) -> i64| entries.iter().map(figure).sum::<i64>();
        let entered = (sum(|entry| entry.available), sum(|entry| entry.reserved));
        let there = (i64::from(levels.available()), i64::from(levels.reserved()));
        same(&format!("books of {sku}"), entered, there, problems);
    }
}

/// Each thing that happened was told once. That all was sent is known by then.
async fn events(reader: &Reader, all: &[Bought], problems: &mut Vec<String>) {
    let mut told: BTreeMap<(&str, String), u32> = BTreeMap::new();
    for event in reader.events().await {
        *told.entry((event.kind.name(), event.subject)).or_default() += 1;
    }
    let mut times = |kind: EventKind, subject: String, should: bool| {
        let is = told.get(&(kind.name(), subject.clone())).copied().unwrap_or_default();
        same(&format!("{} of {subject}", kind.name()), is, u32::from(should), problems);
    };
    for Bought { order, payments, .. } in all {
        let was = |status| order.timeline.iter().any(|moved| moved.to == status);
        times(EventKind::OrderPlaced, order.id.to_string(), true);
        times(EventKind::OrderConfirmed, order.id.to_string(), was(OrderStatus::Confirmed));
        times(EventKind::OrderCancelled, order.id.to_string(), was(OrderStatus::Cancelled));
        for payment in payments {
            times(EventKind::PaymentOpened, payment.id.to_string(), true);
            times(EventKind::PaymentCaptured, payment.id.to_string(), payment.is_captured());
            times(EventKind::PaymentRefunded, payment.id.to_string(), !payment.refunds.is_empty());
        }
    }
}

async fn coupons(reader: &Reader, all: &[Bought], problems: &mut Vec<String>) {
    let code = CouponCode::parse(COUPON).unwrap();
    let holds = |bought: &&Bought| bought.order.coupon.is_some() && bought.order.status != OrderStatus::Cancelled;
    let mut of_users: BTreeMap<_, u64> = all.iter().map(|bought| (bought.order.user_id, 0)).collect();
    for bought in all.iter().filter(holds) {
        *of_users.entry(bought.order.user_id).or_default() += 1;
    }
    let used = reader.store.counted(&reader.tenant, &code.uses()).await.unwrap();
    same("uses of the coupon", used, of_users.values().sum(), problems);
    same("the coupon was used too often", used > u64::from(COUPON_LIMIT), false, problems);
    for (user, uses) in of_users {
        let used = reader.store.counted(&reader.tenant, &code.uses_of(user)).await.unwrap();
        same(&format!("uses of the coupon by {user}"), used, uses, problems);
    }
}

async fn figures(reader: &Reader, all: &[Bought], problems: &mut Vec<String>) {
    let days: Vec<Day> = reader.list(Listing::All).await;
    let sum = |figure: fn(&Day) -> u64| days.iter().map(figure).sum::<u64>();
    let orders = |is: fn(&Bought) -> bool| all.iter().filter(|bought| is(bought)).count() as u64;
    let money = |figure: fn(&Bought) -> i64| all.iter().map(figure).sum::<i64>() as u64;
    let cancelled = |bought: &Bought| bought.order.status == OrderStatus::Cancelled;
    same("orders counted", sum(|day| day.placed), orders(|_| true), problems);
    same("cancellations counted", sum(|day| day.cancelled), orders(cancelled), problems);
    same("confirmations counted", sum(|day| day.confirmed), orders(|bought| bought.order.is_paid()), problems);
    let captured = money(|bought| bought.order.captured.get());
    same("captures counted", sum(|day| day.captured_value), captured, problems);
    let refunded = money(|bought| bought.order.refunded.get());
    same("refunds counted", sum(|day| day.refunded_value), refunded, problems);
}
