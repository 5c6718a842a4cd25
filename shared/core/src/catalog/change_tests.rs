use serde_json::{Value, json};

use super::*;
use crate::changes::{Changes, MAX_ITEMS, Write};
use crate::hand::Hand;
use crate::identity::samples::World;
use crate::inventory::{Levels, Location, Stock};
use crate::text::{Sku, Slug};

fn hand(world: &World) -> Hand<'_> {
    let scene = world.scene();
    Hand { address: scene.address, ..Hand::shop(scene.tenant, scene.clock, scene.ids) }
}

fn sku(text: &str) -> Sku {
    Sku::parse(text).unwrap()
}

fn groceries(world: &World) -> Category {
    let scene = world.scene();
    new_category(scene.tenant, Slug::parse("groceries").unwrap(), "Groceries", 1, scene.clock, scene.ids).0
}

/// With the SKUs A and B, of which there are so many.
fn atta(world: &World, a: u32, b: u32) -> StockedProduct {
    let input: ProductInput = serde_json::from_value(json!({
        "name": "Atta", "description": "Flour.", "brand": "Sona", "category": "groceries", "gst_rate": 5, "hsn": "1101",
        "variants": [
            { "sku": "A", "price": { "amount": 100, "currency": "INR" }, "stock": a, "min_quantity": 2, "step": 2 },
            { "sku": "B", "price": { "amount": 200, "currency": "INR" }, "stock": b },
        ],
    }))
    .unwrap();
    let product = add(hand(world), &NewProduct::parse(input).unwrap(), &groceries(world), 1).product;
    let stock = [("A", a), ("B", b)].map(|(text, stock)| (sku(text), Levels::first(Location::main(), stock)));
    StockedProduct { product, stock: stock.into() }
}

fn parsed(body: Value) -> ProductChange {
    ProductChange::parse(serde_json::from_value(body).unwrap()).unwrap()
}

fn changed(stocked: &StockedProduct, body: Value) -> Result<Option<ProductChanged>, ChangeRefused> {
    change(hand(&World::new()), stocked, &parsed(body), None)
}

fn wrong(stocked: &StockedProduct, body: Value) -> Vec<String> {
    match changed(stocked, body) {
        Err(ChangeRefused::Invalid(errors)) => errors.into_iter().map(|e| format!("{} {}", e.field, e.code)).collect(),
        other => panic!("{other:?}"),
    }
}

fn rupees(paise: i64) -> Value {
    json!({ "amount": paise, "currency": "INR" })
}

fn audited(changes: &Changes) -> Value {
    let of = |write: &Write| match write {
        Write::Record { row, .. } if row.kind.name == "audit" => Some(json!(row.fields["details"])),
        _ => None,
    };
    changes.writes.iter().find_map(of).unwrap()
}

#[test]
fn what_is_absent_stays_and_only_what_changed_is_audited() {
    let stocked = atta(&World::new(), 1, 1);
    let body = json!({ "name": "Fine Atta", "unit": "1 kg", "variants": [{ "sku": "a", "price": rupees(150) }] });
    let ProductChanged { stocked: after, changes } = changed(&stocked, body).unwrap().unwrap();
    let (before, after) = (&stocked.product, &after.product);
    assert_eq!((after.name.as_str(), after.unit.as_deref(), after.version), ("Fine Atta", Some("1 kg"), 2));
    assert_eq!((&after.slug, &after.brand, after.variants.len()), (&before.slug, &before.brand, 2));
    assert_eq!(after.variants[0].quantity, before.variants[0].quantity);
    let details = audited(&changes);
    assert_eq!(details["before"], json!({ "name": "Atta", "variants": { "A": { "price": 100 } } }));
    assert_eq!(details["after"], json!({ "name": "Fine Atta", "unit": "1 kg", "variants": { "A": { "price": 150 } } }));
    assert_eq!(changes.events.len(), 1, "no stock moved");
    assert!(changed(&stocked, json!({ "name": "Atta" })).unwrap().is_none(), "nothing is new");
}

#[test]
fn a_new_variant_brings_its_name_its_stock_and_the_news_of_it() {
    let stocked = atta(&World::new(), 1, 1);
    let body = json!({ "variants": [{ "sku": "c", "price": rupees(50), "stock": 7 }], "remove_variants": [] });
    let ProductChanged { stocked: after, changes } = changed(&stocked, body).unwrap().unwrap();
    assert_eq!(after.available(&sku("C")), 7);
    assert!(changes.writes.iter().any(|write| matches!(write, Write::NewStock { available: 7, .. })));
    assert!(changes.writes.iter().any(|write| matches!(write, Write::Claim { name, .. } if name == "C")));
    let moved = changes.events.iter().find(|event| event.kind == crate::EventKind::StockMoved).unwrap();
    assert_eq!(moved.data["lines"][0]["available"], 7);
    assert_eq!(moved.data["reason"], "opening");
}

#[test]
fn a_variant_goes_when_nothing_is_left_of_it_and_may_come_again() {
    let stocked = atta(&World::new(), 1, 0);
    let has_stock = changed(&stocked, json!({ "remove_variants": ["A"] })).unwrap_err();
    assert_eq!(has_stock, ChangeRefused::HasStock { sku: sku("A") });
    let gone = changed(&stocked, json!({ "remove_variants": ["b"] })).unwrap().unwrap();
    assert!(gone.changes.writes.iter().any(|write| matches!(write, Write::Unclaim { name, .. } if name == "B")));
    assert!(gone.changes.writes.iter().any(|write| matches!(write, Write::DropStock { .. })));
    assert_eq!(gone.stocked.product.variants.len(), 1);
    let again = json!({ "variants": [{ "sku": "B", "price": rupees(50), "stock": 3 }] });
    let again = changed(&gone.stocked, again).unwrap().unwrap();
    let opens = |write: &Write| matches!(write, Write::NewStock { available: 3, .. });
    assert!(again.changes.writes.iter().any(opens), "its row is gone");
}

#[test]
fn what_does_not_fit_the_product_is_named() {
    let stocked = atta(&World::new(), 0, 0);
    let known = json!({ "variants": [
        { "sku": "A", "stock": 9, "compare_at": rupees(1) }, { "sku": "B", "min_quantity": 0 }, { "sku": "C" }
    ] });
    let expected = [
        "variants[0].stock stock_not_set_here",
        "variants[0].compare_at.amount below_price",
        "variants[1].min_quantity invalid_quantity_rule",
        "variants[2].price missing_field",
        "variants[2].stock missing_field",
    ];
    assert_eq!(wrong(&stocked, known), expected);
    let none_left = json!({ "remove_variants": ["A", "B", "X"] });
    assert_eq!(wrong(&stocked, none_left), ["remove_variants[2] unknown_sku", "remove_variants last_variant"]);
}

#[test]
fn the_largest_change_is_one_commit() {
    let world = World::new();
    let new = |from: usize| -> Vec<Value> {
        (from..from + 30).map(|n| json!({ "sku": format!("N-{n}"), "price": rupees(1), "stock": 0 })).collect()
    };
    let mut stocked = changed(&atta(&world, 0, 0), json!({ "variants": new(0) })).unwrap().unwrap().stocked;
    let gone: Vec<_> = (0..10).map(|n| format!("N-{n}")).collect();
    let body = json!({ "variants": new(30), "remove_variants": gone, "category": "other" });
    let other = Category { slug: Slug::parse("other").unwrap(), ..groceries(&world) };
    let most = change(hand(&world), &stocked, &parsed(body.clone()), Some(&other)).unwrap().unwrap();
    assert!(most.changes.items() < MAX_ITEMS, "with the answer of an idempotency key: {}", most.changes.items());
    assert_eq!(most.changes.check(), Ok(()));
    let places = (0..9).map(|nth| (Location::parse(&format!("l{nth}")).unwrap(), Stock::default()));
    let mut spread = stocked.clone();
    spread.stock.insert(sku("N-0"), Levels(places.clone().collect()));
    spread.stock.insert(sku("N-1"), Levels(places.collect()));
    let refused = change(hand(&world), &spread, &parsed(body), Some(&other)).unwrap_err();
    assert!(matches!(refused, ChangeRefused::Invalid(errors) if errors[0].field == "remove_variants"));
    let too_many: Vec<_> = new(60).into_iter().chain(new(90)).take(31).collect();
    assert_eq!(wrong(&stocked, json!({ "variants": too_many })), ["variants too_many"]);
    for from in (100..).step_by(30) {
        match changed(&stocked, json!({ "variants": new(from) })) {
            Ok(Some(next)) => stocked = next.stocked,
            Err(ChangeRefused::Invalid(errors)) => {
                assert_eq!(errors[0].code, "too_many");
                break;
            }
            other => panic!("{other:?}"),
        }
    }
    assert!((471..=MAX_VARIANTS).contains(&stocked.product.variants.len()));
}

#[test]
fn a_product_too_large_to_keep_is_refused() {
    let mut stocked = atta(&World::new(), 0, 0);
    let options: serde_json::Map<_, _> = (0..8).map(|n| (format!("o{n}"), json!("आ".repeat(80)))).collect();
    for from in (0..).step_by(30) {
        let new = (from..from + 30).map(|n| {
            json!({ "sku": format!("N-{n}"), "options": options, "price": rupees(1), "stock": 0 }) //
        });
        match changed(&stocked, json!({ "variants": new.collect::<Vec<_>>() })) {
            Ok(Some(next)) => stocked = next.stocked,
            Err(ChangeRefused::Invalid(errors)) => {
                assert_eq!(errors[0].code, "too_large");
                break;
            }
            other => panic!("{other:?}"),
        }
    }
    assert!(stocked.product.variants.len() > 100);
}

#[test]
fn a_deleted_product_keeps_its_names() {
    let world = World::new();
    let changes = delete(hand(&world), &atta(&world, 1, 0).product);
    assert!(!changes.writes.iter().any(|write| matches!(write, Write::Unclaim { .. })));
    let details = audited(&changes);
    assert_eq!((details["before"]["name"].as_str(), details.get("after")), (Some("Atta"), None));
}
