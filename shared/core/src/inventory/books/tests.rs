//! What is entered, and what is told when a SKU crosses from one class into another.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use uuid::Uuid;

use super::*;
use crate::catalog::{GstRate, Hsn, QuantityRule, Rating, Status, Variant};
use crate::identity::samples::World;
use crate::ids::CategoryId;
use crate::inventory::{Levels, Location, MovedLine, Stock};
use crate::money::Paise;
use crate::text::Slug;
use crate::time::Timestamp;

fn sku() -> Sku {
    Sku::parse("ATTA").unwrap()
}

fn id() -> ProductId {
    ProductId::from_uuid(Uuid::nil())
}

fn line(location: &str, available: i64, reserved: i64) -> MovedLine {
    MovedLine { product_id: id(), sku: sku(), location: Location::parse(location).unwrap(), available, reserved }
}

fn told(reason: Reason, lines: Vec<MovedLine>) -> StockMoved {
    StockMoved { reason, who: "shop".to_owned(), reference: None, note: None, lines }
}

/// The product as it is with so many at its one location; `least` may be ordered.
fn stocked(available: u32, least: u32) -> StockedProduct {
    let quantity = QuantityRule { min: least, max: 100, step: 1 };
    let price = Paise::from_rupees(99);
    let variant = Variant { sku: sku(), options: IndexMap::new(), price, compare_at: None, quantity };
    let product = Product {
        id: id(),
        slug: Slug::parse("atta").unwrap(),
        name: "Atta".to_owned(),
        description: String::new(),
        brand: "Kisan Kitchen".to_owned(),
        unit: None,
        category: CategoryId::from_uuid(Uuid::nil()),
        gst_rate: GstRate::parse(5).unwrap(),
        hsn: Hsn::parse("1101").unwrap(),
        images: Vec::new(),
        tags: Vec::new(),
        attributes: IndexMap::new(),
        rating: Rating::default(),
        variants: vec![variant],
        status: Status::Active,
        version: 3,
        created_at: Timestamp::from_millis(0),
        updated_at: Timestamp::from_millis(0),
    };
    let levels = Levels([(Location::main(), Stock::first(available))].into());
    StockedProduct { product, stock: BTreeMap::from([(sku(), levels)]) }
}

fn level(available: u32) -> StockLevel {
    let class = Availability::of(available);
    let updated_at = Timestamp::from_millis(0);
    StockLevel { sku: sku(), version: 4, product_id: id(), class, available, sold: 0, updated_at }
}

fn entered(told: &[StockMoved], level: Option<&StockLevel>, stocked: &StockedProduct) -> Changes {
    let world = World::new();
    let event = |told: &StockMoved| told.event(&Tenant::main(), &world, &world);
    let moved: Vec<_> = told.iter().map(|told| SkuMoved::read(&event(told)).unwrap().remove(0)).collect();
    enter(&Tenant::main(), &moved, level, stocked, &world, &world)
}

fn kinds(changes: &Changes) -> Vec<EventKind> {
    changes.events.iter().map(|event| event.kind).collect()
}

/// The kinds of events a movement causes.
fn news(reason: Reason, delta: i64, before: Option<u32>, now: u32) -> Vec<EventKind> {
    let told = told(reason, vec![line("main", delta, 0)]);
    kinds(&entered(&[told], before.map(level).as_ref(), &stocked(now, 1)))
}

const CROSSED: [EventKind; 3] =
    [EventKind::ProductChanged, EventKind::InventoryLowStock, EventKind::NotificationRequested];

#[test]
fn each_location_of_a_sku_has_an_entry_and_the_sku_one_level() {
    let told = told(Reason::Reserved, vec![line("main", -2, 2), line("pune", -1, 1), line("main", -3, 3)]);
    let changes = entered(&[told], Some(&level(20)), &stocked(14, 1));
    let keys: Vec<_> = changes.writes.iter().map(crate::changes::Write::key).collect();
    assert_eq!(keys.len(), 3);
    assert!(keys[0].starts_with("stock_entry/ATTA/evt_") && keys[0].ends_with(".main"), "{keys:?}");
    assert!(keys[1].ends_with(".pune") && keys[2] == "stock_level/ATTA", "{keys:?}");
    assert_eq!(changes.check(), Ok(()));
    assert!(changes.events.is_empty());
}

#[test]
fn skus_of_one_event_are_told_apart() {
    let other = MovedLine { sku: Sku::parse("BESAN").unwrap(), ..line("main", -1, 1) };
    let world = World::new();
    let told = told(Reason::Reserved, vec![line("main", -2, 2), other, line("pune", -1, 1)]);
    let moved = SkuMoved::read(&told.event(&Tenant::main(), &world, &world)).unwrap();
    assert_eq!(moved.iter().map(SkuMoved::entries).collect::<Vec<_>>(), [2, 1]);
}

#[test]
fn what_several_events_tell_of_a_sku_is_one_commit() {
    let sale = || told(Reason::Reserved, vec![line("main", -2, 2)]);
    let changes = entered(&[sale(), sale(), sale()], Some(&level(8)), &stocked(2, 1));
    assert_eq!((changes.writes.len(), changes.check()), (4, Ok(())));
    assert_eq!(kinds(&changes), CROSSED);
    let opening = told(Reason::Opening, vec![line("main", 8, 0)]);
    assert_eq!(kinds(&entered(&[sale(), opening, sale()], None, &stocked(4, 1))), CROSSED);
    assert_eq!(kinds(&entered(&[sale(), sale()], None, &stocked(4, 1))), CROSSED);
    assert_eq!(kinds(&entered(&[sale(), sale()], None, &stocked(6, 1))), []);
}

#[test]
fn a_crossing_is_told_once_until_there_is_enough_again() {
    assert_eq!(news(Reason::Reserved, -3, Some(8), 5), CROSSED);
    assert_eq!(news(Reason::Reserved, -8, Some(8), 0), CROSSED);
    assert_eq!(news(Reason::Reserved, -1, Some(5), 4), []);
    assert_eq!(news(Reason::Reserved, -4, Some(4), 0), [EventKind::ProductChanged]);
    assert_eq!(news(Reason::Released, 9, Some(0), 9), [EventKind::ProductChanged]);
    assert_eq!(news(Reason::Reserved, -1, Some(9), 8), []);
}

/// A sale may be told of before the product it is of.
#[test]
fn what_a_sku_had_before_its_first_level_is_known_from_what_moved() {
    assert_eq!(news(Reason::Opening, 12, None, 12), []);
    assert_eq!(news(Reason::Opening, 3, None, 3), []);
    assert_eq!(news(Reason::Opening, 12, None, 4), CROSSED);
    assert_eq!(news(Reason::Reserved, -8, None, 4), CROSSED);
    assert_eq!(news(Reason::Adjusted, 20, None, 20), [EventKind::ProductChanged]);
}

#[test]
fn a_list_hears_when_less_is_there_than_one_may_order() {
    let told = [told(Reason::Reserved, vec![line("main", -4, 4)])];
    let news = |least| kinds(&entered(&told, Some(&level(12)), &stocked(8, least)));
    assert_eq!(news(10), [EventKind::ProductChanged]);
    assert_eq!(news(1), []);
}

/// Whether lists hear of a sale, and what they know from then on.
fn sales_told(known: u32, sold: i64, available: u32) -> (bool, u64) {
    let mut now = stocked(available, 1);
    now.stock.values_mut().flat_map(|levels| levels.0.values_mut()).for_each(|stock| stock.sold = sold);
    let before = StockLevel { sold: known, ..level(20) };
    let changes = entered(&[told(Reason::Sold, vec![line("main", 0, -1)])], Some(&before), &now);
    let knows = changes.writes.iter().find_map(|write| match write {
        crate::changes::Write::Record { row, .. } => row.fields.get("sold")?.as_u64(),
        _ => None,
    });
    (kinds(&changes).contains(&EventKind::ProductChanged), knows.unwrap())
}

#[test]
fn lists_hear_of_sales_an_eighth_at_a_time() {
    for (known, sold, heard) in [
        (0, 0, false),
        (0, 1, true),
        (7, 8, true),
        (8, 9, false),
        (8, 10, true),
        (80, 90, false),
        (80, 91, true),
        (80, 70, false),
        (80, 69, true),
        (0, -4, false),
    ] {
        let knows = if heard { u64::try_from(sold).unwrap() } else { u64::from(known) };
        assert_eq!(sales_told(known, sold, 20), (heard, knows), "{known} known, {sold} sold");
    }
    assert_eq!(sales_told(80, 85, 3), (true, 85), "when they hear of something else they learn it all");
}

#[test]
fn a_refusal_tells_whether_it_is_entered_or_to_be_looked_at_again() {
    let exists = |key: &str| Kept::read(&Refusal::Exists(key.to_owned()));
    assert_eq!(exists("stock_entry/ATTA/evt_1.main"), Some(Kept::Before));
    assert_eq!(exists("stock_level/ATTA"), Some(Kept::Again));
    assert_eq!(Kept::read(&Refusal::VersionChanged("stock_level/ATTA".to_owned())), Some(Kept::Again));
    assert_eq!(Kept::read(&Refusal::LimitReached("day".to_owned())), None);
}
