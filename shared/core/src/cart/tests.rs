//! What carts promise, on a small shelf.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use uuid::Uuid;

use super::*;
use crate::catalog::{GstRate, Hsn, Product, QuantityRule, Rating, Status, StockedProduct, Variant};
use crate::ids::{CategoryId, ProductId};
use crate::inventory::{Levels, Location};
use crate::money::Paise;
use crate::text::{Sku, Slug};

fn now() -> Timestamp {
    Timestamp::from_millis(1_000)
}

fn sku(nth: u128) -> Sku {
    Sku::parse(&format!("SKU-{nth}")).unwrap()
}

/// One variant, 10 of it in stock, sold by twos up to eight.
fn product(nth: u128) -> StockedProduct {
    let variant = Variant {
        sku: sku(nth),
        options: IndexMap::new(),
        price: Paise::from_rupees(100),
        compare_at: None,
        quantity: QuantityRule { min: 2, max: 8, step: 2 },
    };
    let product = Product {
        id: ProductId::from_uuid(Uuid::from_u128(nth)),
        slug: Slug::parse("thing").unwrap(),
        name: "Thing".to_owned(),
        description: String::new(),
        brand: "Maker".to_owned(),
        category: CategoryId::from_uuid(Uuid::nil()),
        gst_rate: GstRate::parse(5).unwrap(),
        hsn: Hsn::parse("1101").unwrap(),
        images: Vec::new(),
        tags: Vec::new(),
        attributes: IndexMap::new(),
        rating: Rating::default(),
        variants: vec![variant],
        status: Status::Active,
        unit: None,
        version: 1,
        created_at: now(),
        updated_at: now(),
    };
    StockedProduct { product, stock: BTreeMap::from([(sku(nth), Levels::first(Location::main(), 6))]) }
}

fn cart() -> Cart {
    Cart::of_guest(CartId::from_uuid(Uuid::nil()), now())
}

fn holding(lines: &[(u128, u32)]) -> Cart {
    let mut cart = cart();
    for (nth, quantity) in lines {
        cart.put(&sku(*nth), *quantity, Some(&product(*nth)), now()).unwrap();
    }
    cart
}

#[test]
fn adding_is_on_top_and_setting_is_in_place() {
    let mut cart = holding(&[(1, 2)]);
    cart.add(&sku(1), 2, Some(&product(1)), now()).unwrap();
    assert_eq!(cart.line(&sku(1)).unwrap().quantity, 4);
    cart.put(&sku(1), 2, Some(&product(1)), now()).unwrap();
    assert_eq!((cart.lines.len(), cart.lines[0].quantity), (1, 2));
    cart.take_out(&sku(1)).unwrap();
    assert_eq!(cart.take_out(&sku(1)), Err(EditRefused::NoSuchLine));
}

#[test]
fn an_edit_keeps_the_products_rule_and_what_there_is_of_it() {
    let mut cart = holding(&[(1, 2)]);
    let rule = LineProblem::QuantityRule { min: 2, max: 8, step: 2 };
    assert_eq!(cart.add(&sku(1), 1, Some(&product(1)), now()), Err(rule.clone().into()));
    assert_eq!(cart.put(&sku(1), 10, Some(&product(1)), now()), Err(rule.into()));
    let short = LineProblem::InsufficientStock { available: 6 };
    assert_eq!(cart.add(&sku(1), 6, Some(&product(1)), now()), Err(short.into()));
    assert_eq!(cart.put(&sku(2), 2, None, now()), Err(LineProblem::ProductUnavailable.into()));
    assert_eq!(cart.put(&sku(2), 2, Some(&product(1)), now()), Err(LineProblem::ProductUnavailable.into()));
    assert_eq!(cart, holding(&[(1, 2)]), "a refused edit changed it");
}

#[test]
fn fifty_lines_fill_a_cart() {
    let lines: Vec<_> = (0..MOST_LINES as u128).map(|nth| (nth, 2)).collect();
    let mut cart = holding(&lines);
    assert_eq!(cart.add(&sku(99), 2, Some(&product(99)), now()), Err(EditRefused::TooManyLines));
    cart.add(&sku(7), 2, Some(&product(7)), now()).unwrap();
}

#[test]
fn a_merge_loses_no_line_and_sums_as_far_as_the_rule_goes() {
    let shelf: Shelf = (0..80).map(product).collect();
    let of = |from: u128| holding(&(from..from + 40).map(|nth| (nth, 6)).collect::<Vec<_>>());
    let merged = merge(of(0), &of(30), &shelf);
    assert_eq!(merged.cart.lines.len(), 70, "ten were in both");
    assert_eq!(merged.cart.line(&sku(35)).unwrap().quantity, 8);
    assert_eq!(merged.capped.len(), 10);
    assert_eq!(merged.capped[0], Capped { sku: sku(30), wanted: 12, quantity: 8 });
    let alone = merge(of(0), &of(30), &Shelf::default());
    assert_eq!(alone.cart.line(&sku(35)).unwrap().quantity, 6, "what is no longer sold stays as it was");
}

#[test]
fn a_line_tells_what_has_changed_since_it_was_added() {
    let line = holding(&[(1, 4)]).lines.remove(0);
    assert_eq!(line.problem(Some(&product(1))), None);
    let mut dearer = product(1);
    dearer.product.variants[0].price = Paise::from_rupees(120);
    let changed = line.problem(Some(&dearer)).unwrap();
    assert!(!changed.hinders() && matches!(changed, LineProblem::PriceChanged { .. }));
    assert_eq!(line.total(&Shelf::from_iter([dearer])), Paise::from_rupees(480), "the new price counts");
    let mut hidden = product(1);
    hidden.product.status = Status::Hidden;
    assert_eq!(line.problem(Some(&hidden)), Some(LineProblem::ProductUnavailable));
}

#[test]
fn a_saved_cart_has_the_next_version_and_a_week_to_live() {
    let later = now().after(KEPT);
    let (saved, changes) = holding(&[(1, 2)]).save(&Tenant::main(), later);
    assert_eq!((saved.version, saved.expires_at), (1, later.after(KEPT)));
    assert_eq!(changes.check(), Ok(()));
}
