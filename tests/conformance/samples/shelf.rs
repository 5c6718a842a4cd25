//! What there is to buy, and what is about to be bought.

use bharatmart_adapters::system::System;
use bharatmart_core::access::Role;
use bharatmart_core::cart::{Cart, CartLine};
use bharatmart_core::catalog::Banner;
use bharatmart_core::flags::Flag;
use bharatmart_core::inventory::{Availability, Location, Piece, Reason, Reservation, StockEntry, StockLevel};
use bharatmart_core::ports::Ids;
use bharatmart_core::pricing::{Benefit, Coupon};
use bharatmart_core::{BannerId, CartId, Paise, ProductId, ReservationId, Sku, UserId};
use bharatmart_tests::data::at;

pub fn a_product() -> ProductId {
    ProductId::from_uuid(System.uuid())
}

pub fn a_sku() -> Sku {
    Sku::parse(&format!("S-{}", System.uuid().simple())).unwrap()
}

pub fn a_banner() -> Banner {
    Banner {
        id: BannerId::from_uuid(System.uuid()),
        version: 1,
        title: "दिवाली “Dhamaka” — 50% off".to_owned(),
        image: "/media/banners/diwali.webp".to_owned(),
        link: "/category/sweets?sort=newest".to_owned(),
        position: 3,
        starts_at: at(0),
        ends_at: at(86_400),
        created_at: at(-10),
        updated_at: at(1),
    }
}

pub fn a_full_flag(user: UserId) -> Flag {
    Flag {
        name: format!("checkout.{}", System.uuid().simple()),
        version: 1,
        description: "The new checkout, “one page”.".to_owned(),
        enabled: true,
        percent: 25,
        roles: vec![Role::Support, Role::Admin],
        users: vec![user],
        updated_at: at(5),
    }
}

pub fn a_full_coupon() -> Coupon {
    Coupon {
        at_most: Some(Paise::from_rupees(150)),
        total_limit: Some(u32::MAX),
        user_limit: Some(1),
        benefit: Benefit::Percent,
        value: 20,
        ..a_coupon()
    }
}

pub fn a_coupon() -> Coupon {
    Coupon {
        code: format!("C{}", System.uuid().simple()).to_uppercase(),
        version: 1,
        benefit: Benefit::FreeDelivery,
        value: 0,
        at_most: None,
        minimum: Paise::from_rupees(199),
        starts_at: at(0),
        ends_at: at(60),
        total_limit: None,
        user_limit: None,
        active: true,
        created_at: at(0),
        updated_at: at(1),
    }
}

pub fn a_full_cart(user: UserId) -> Cart {
    let line =
        CartLine { sku: a_sku(), product_id: a_product(), quantity: 4, seen: Paise::from_rupees(52), added_at: at(3) };
    Cart { user_id: Some(user), lines: vec![line], coupon: Some("DIWALI".to_owned()), ..a_cart() }
}

pub fn a_cart() -> Cart {
    Cart { version: 1, ..Cart::of_guest(CartId::from_uuid(System.uuid()), at(0)) }
}

pub fn a_reservation() -> Reservation {
    let piece = Piece { product_id: a_product(), sku: a_sku(), location: Location::main(), quantity: 2 };
    Reservation {
        id: ReservationId::from_uuid(System.uuid()),
        version: 1,
        reference: "ord_1".to_owned(),
        pieces: vec![piece],
        created_at: at(0),
        held_until: at(900),
    }
}

pub fn a_full_stock_entry() -> StockEntry {
    StockEntry {
        reference: Some("ord_1".to_owned()),
        note: Some("found behind the shelf, “dusty”".to_owned()),
        available: -3,
        reserved: 3,
        ..a_stock_entry()
    }
}

pub fn a_stock_entry() -> StockEntry {
    StockEntry {
        sku: a_sku(),
        id: format!("evt_{}.main", System.uuid().simple()),
        version: 1,
        product_id: a_product(),
        location: Location::parse("pune-2").unwrap(),
        reason: Reason::Adjusted,
        who: "shop".to_owned(),
        reference: None,
        note: None,
        available: 12,
        reserved: 0,
        at: at(8),
    }
}

pub fn a_stock_level() -> StockLevel {
    StockLevel {
        sku: a_sku(),
        version: 1,
        product_id: a_product(),
        class: Availability::Low,
        available: 5,
        sold: 40,
        updated_at: at(9),
    }
}
