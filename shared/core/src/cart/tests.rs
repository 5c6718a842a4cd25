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
    let merged = merge(of(0), &of(30), &shelf).unwrap();
    assert_eq!(merged.cart.lines.len(), 70, "ten were in both");
    assert_eq!(merged.cart.line(&sku(35)).unwrap().quantity, 8);
    assert_eq!(merged.capped.len(), 10);
    assert_eq!(merged.capped[0], Capped { sku: sku(30), wanted: 12, quantity: 8 });
    let alone = merge(of(0), &of(30), &Shelf::default()).unwrap();
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

#[test]
fn what_has_expired_is_empty_and_keeps_its_version() {
    let (saved, _) = holding(&[(1, 2)]).save(&Tenant::main(), now());
    let last = saved.expires_at.before(std::time::Duration::from_millis(1));
    assert_eq!(saved.clone().at(last), saved);
    let left = saved.clone().at(saved.expires_at);
    assert_eq!((left.id, left.version, left.lines.len()), (saved.id, 1, 0));
    assert_eq!(left.expires_at, saved.expires_at.after(KEPT));
    let (next, changes) = left.save(&Tenant::main(), saved.expires_at);
    assert_eq!(next.version, 2, "it takes the old one's place");
    assert!(matches!(changes.writes[0], crate::changes::Write::Record { expect: Expect::Version(1), .. }));
}

#[test]
fn more_than_two_full_carts_are_not_merged() {
    let of = |from: u128, lines: u128| holding(&(from..from + lines).map(|nth| (nth, 2)).collect::<Vec<_>>());
    let shelf = Shelf::default();
    let full = merge(of(0, 50), &of(50, 50), &shelf).unwrap().cart;
    assert_eq!(full.lines.len(), MOST_MERGED);
    assert_eq!(merge(full.clone(), &of(100, 1), &shelf), Err(TooManyLines));
    assert_eq!(merge(full, &of(7, 1), &shelf).unwrap().cart.lines.len(), MOST_MERGED);
}

#[test]
fn todays_prices_are_accepted_once() {
    let mut dearer = product(1);
    dearer.product.variants[0].price = Paise::from_rupees(120);
    let shelf = Shelf::from_iter([dearer, product(2)]);
    let mut cart = holding(&[(1, 2), (2, 2), (3, 2)]);
    assert!(cart.accept_prices(&shelf));
    assert_eq!(cart.lines[0].seen, Paise::from_rupees(120));
    assert!(!cart.accept_prices(&shelf), "what is no longer sold keeps its price");
}

#[test]
fn a_quantity_is_a_number_of_pieces() {
    assert_eq!((quantity(1), quantity(1_000)), (Ok(1), Ok(1_000)));
    for wrong in [0, -1, 1_001, i64::MIN, i64::MAX] {
        assert_eq!(quantity(wrong).unwrap_err().code, "out_of_range", "{wrong}");
    }
}

mod quotes {
    use super::*;
    use crate::delivery::{Destination, Reach};
    use crate::place::State;
    use crate::pricing::{Benefit, Coupon, NamedCoupon, Terms};

    fn terms() -> Terms {
        Terms {
            seller: State::parse("Karnataka").unwrap(),
            delivery: Paise::from_rupees(40),
            free_from: Paise::from_rupees(499),
            minimum: Paise::from_rupees(199),
            coupons: true,
        }
    }

    fn ten_off() -> NamedCoupon {
        let coupon = Coupon {
            code: "TEN".to_owned(),
            version: 1,
            benefit: Benefit::Percent,
            value: 10,
            at_most: None,
            minimum: Paise::from_rupees(300),
            starts_at: Timestamp::from_millis(0),
            ends_at: now().after(KEPT),
            total_limit: None,
            user_limit: None,
            active: true,
            created_at: now(),
            updated_at: now(),
        };
        NamedCoupon { code: "TEN".to_owned(), coupon: Some(coupon), used: 0, used_by_user: 0 }
    }

    fn asked<'a>(cart: &'a Cart, shelf: &'a Shelf, terms: &'a Terms) -> Asked<'a> {
        Asked { lines: &cart.lines, shelf, coupon: None, terms, destination: None, now: now() }
    }

    /// Code and SKU, if it is about one.
    fn told(quoted: &Quoted) -> Vec<(String, Option<String>)> {
        let text = |value: &serde_json::Value| value.as_str().map(str::to_owned);
        let problems = quoted.problems.iter().map(|problem| serde_json::to_value(problem).unwrap());
        problems.map(|problem| (text(&problem["code"]).unwrap(), text(&problem["sku"]))).collect()
    }

    #[test]
    fn what_cannot_be_ordered_is_told_and_not_counted() {
        let (cart, terms) = (holding(&[(1, 4), (2, 2), (3, 6)]), terms());
        let mut short = product(3);
        short.stock = BTreeMap::from([(sku(3), Levels::first(Location::main(), 5))]);
        let shelf = Shelf::from_iter([product(1), short]);
        let quoted = quote(&asked(&cart, &shelf, &terms));
        let about = |code: &str, nth| (code.to_owned(), Some(sku(nth).to_string()));
        assert_eq!(told(&quoted), [about("product_unavailable", 2), about("insufficient_stock", 3)]);
        assert_eq!((quoted.items.len(), quoted.amounts.subtotal), (1, Paise::from_rupees(400)));
    }

    #[test]
    fn a_coupon_that_does_not_hold_is_told_and_takes_nothing_off() {
        let (terms, shelf) = (terms(), Shelf::from_iter([product(1)]));
        let coupon = ten_off();
        let off = |quantity, terms: &Terms| {
            let cart = holding(&[(1, quantity)]);
            let quoted = quote(&Asked { coupon: Some(&coupon), ..asked(&cart, &shelf, terms) });
            (quoted.amounts.discount, told(&quoted))
        };
        assert_eq!(off(4, &terms), (Paise::from_rupees(40), Vec::new()));
        assert_eq!(off(2, &terms), (Paise::ZERO, vec![("coupon_minimum_not_met".to_owned(), None)]));
        let switched_off = Terms { coupons: false, ..terms };
        assert_eq!(off(4, &switched_off), (Paise::ZERO, vec![("coupon_invalid".to_owned(), None)]));
    }

    #[test]
    fn the_least_an_order_may_come_to_is_enough() {
        let (cart, shelf) = (holding(&[(1, 2)]), Shelf::from_iter([product(1)]));
        let least = |minimum| Terms { minimum, ..terms() };
        assert!(told(&quote(&asked(&cart, &shelf, &least(Paise::from_rupees(200))))).is_empty());
        let short = quote(&asked(&cart, &shelf, &least(Paise::exactly(20_001))));
        assert_eq!(told(&short), [("minimum_order_not_met".to_owned(), None)]);
        assert_eq!(
            short.problems[0],
            CartProblem::MinimumOrderNotMet {
                minimum: Paise::exactly(20_001).into(),
                short_by: Paise::exactly(1).into()
            }
        );
    }

    #[test]
    fn the_place_decides_the_tax_and_whether_it_is_brought() {
        let (cart, shelf, terms) = (holding(&[(1, 2)]), Shelf::from_iter([product(1)]), terms());
        let reach = Reach::parse("744").unwrap();
        let to = |pincode: &str| {
            let destination = Destination::parse(pincode, &reach).unwrap();
            let asked = Asked { destination: Some(&destination), ..asked(&cart, &shelf, &terms) };
            let quoted = quote(&asked);
            (quoted.amounts.tax, told(&quoted), QuoteView::of(&quoted, &asked))
        };
        let (home, problems, view) = to("560001");
        assert!(home.igst == Paise::ZERO && home.cgst > Paise::ZERO && problems.is_empty());
        assert_eq!((view.serviceable, view.delivery_slots.len()), (Some(true), 12));
        let (away, _, _) = to("600001");
        assert!(away.igst > Paise::ZERO && away.cgst == Paise::ZERO);
        let (_, problems, view) = to("744101");
        assert_eq!(problems, [("not_serviceable".to_owned(), None)]);
        assert_eq!((view.serviceable, view.delivery_slots.len()), (Some(false), 0));
        let (army, _, _) = to("900056");
        assert_eq!(army.igst, Paise::ZERO, "until the address says where");
    }
}
