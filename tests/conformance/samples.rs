//! A record of each kind, once with everything it can hold and once with only what it must, built from the shop's own
//! types: what no sample has, no engine is known to keep.

use bharatmart_adapters::system::System;
use bharatmart_core::access::Role;
use bharatmart_core::cart::{Cart, CartLine};
use bharatmart_core::catalog::{Banner, GstRate, Hsn, Wish, Wishlist};
use bharatmart_core::figures::Day;
use bharatmart_core::flags::Flag;
use bharatmart_core::identity::{Address, AuditEntry, Code, Mfa, PendingEmail, Purpose, Session, User, UserStatus};
use bharatmart_core::inventory::{Availability, Location, Piece, Reason, Reservation, StockEntry, StockLevel};
use bharatmart_core::orders::{Moved, Mover, Order, OrderAmounts, OrderLine, OrderStatus, ShipTo};
use bharatmart_core::payments::{
    LedgerEntry, MockCharge, MockOutcome, MockRefund, Open, Payment, PaymentMethod, PaymentStatus, Refund,
};
use bharatmart_core::ports::Ids;
use bharatmart_core::pricing::{Benefit, Coupon, LineAmounts, Tax};
use bharatmart_core::record::{Record, Row};
use bharatmart_core::{
    AddressId, AuditId, BannerId, CartId, OrderId, Paise, PaymentId, ProductId, ReservationId, SessionId, Sku, UserId,
};
use bharatmart_tests::data::at;
use serde_json::{Map, json};

/// Each full one is spelt out field by field, so that a new field cannot be forgotten.
pub struct Sample {
    pub full: Row,
    pub bare: Row,
}

impl Sample {
    fn of<R: Record>(full: &R, bare: &R) -> Sample {
        Sample { full: Row::of(full), bare: Row::of(bare) }
    }
}

/// Of every kind, the account first: what else there is belongs to it.
pub fn samples(user: UserId) -> Vec<Sample> {
    let (session, address) = (SessionId::from_uuid(System.uuid()), AddressId::from_uuid(System.uuid()));
    let audit = AuditId::from_uuid(System.uuid());
    vec![
        Sample::of(&a_full_user(user), &a_user(user)),
        Sample::of(&a_pending_email(user), &a_pending_email(user)),
        Sample::of(&a_full_session(user, session), &a_session(user, session)),
        Sample::of(&a_full_code(user), &a_code()),
        Sample::of(&a_full_address(user, address), &an_address(user, address)),
        Sample::of(&a_full_audit_entry(audit, user), &an_audit_entry(audit, user)),
        whole(&a_banner()),
        whole(&Wish { user_id: user, product_id: a_product(), version: 1, added_at: at(7) }),
        whole(&Wishlist { user_id: user, version: 1, wishes: 3, updated_at: at(7) }),
        Sample::of(&a_full_flag(user), &Flag { roles: Vec::new(), users: Vec::new(), ..a_full_flag(user) }),
        Sample::of(&a_full_coupon(), &a_coupon()),
        Sample::of(&a_full_cart(user), &a_cart()),
        whole(&a_reservation()),
        Sample::of(&a_full_stock_entry(), &a_stock_entry()),
        whole(&a_stock_level()),
        Sample::of(&a_full_order(user), &an_order(user)),
        Sample::of(&a_full_payment(user), &a_payment(user)),
        whole(&a_ledger_entry()),
        whole(&a_mock_charge()),
        whole(&a_day()),
    ]
}

pub fn user_id() -> UserId {
    UserId::from_uuid(System.uuid())
}

fn a_full_user(id: UserId) -> User {
    User {
        id,
        version: 1,
        status: UserStatus::Disabled,
        role: Role::Support,
        name: "Asha “Ashu” D'Souza आशा 😀".to_owned(),
        email: Some("asha+shop@example.in".to_owned()),
        email_verified: true,
        new_email: Some("asha.new@example.in".to_owned()),
        phone: Some("+919876543210".to_owned()),
        phone_verified: true,
        picture: Some("https://example.in/asha.png?size=1&x=%20".to_owned()),
        password_hash: Some("$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA".to_owned()),
        mfa: Some(Mfa {
            secret: "sealed.c2VjcmV0".to_owned(),
            confirmed: true,
            last_step: 59_666_666,
            recovery: vec!["b".repeat(64), "a".repeat(64)],
        }),
        sessions_since: at(-86_400),
        default_address: Some(AddressId::from_uuid(System.uuid())),
        addresses: 7,
        created_at: at(-90_000),
        updated_at: at(1),
    }
}

pub fn a_user(id: UserId) -> User {
    User {
        id,
        version: 1,
        status: UserStatus::Active,
        role: Role::Customer,
        name: "Ravi".to_owned(),
        email: None,
        email_verified: false,
        new_email: None,
        phone: None,
        phone_verified: false,
        picture: None,
        password_hash: None,
        mfa: None,
        sessions_since: at(0),
        default_address: None,
        addresses: 0,
        created_at: at(0),
        updated_at: at(0),
    }
}

/// Has nothing it could leave out.
fn a_pending_email(user_id: UserId) -> PendingEmail {
    PendingEmail { email: format!("{user_id}@example.in"), version: 1, user_id, expires_at: at(86_400) }
}

fn a_full_session(user_id: UserId, id: SessionId) -> Session {
    Session {
        user_id,
        id,
        version: 1,
        token_hash: "c".repeat(64),
        former_hash: Some("d".repeat(64)),
        rotated_at: at(60),
        device_name: Some("Asha's phone".to_owned()),
        user_agent: Some("Mozilla/5.0 (Linux; Android 16) \"quoted\" %_\\".to_owned()),
        address: Some("2001:db8::1".to_owned()),
        created_at: at(0),
        expires_at: at(604_800),
        revoked_at: Some(at(61)),
    }
}

pub fn a_session(user_id: UserId, id: SessionId) -> Session {
    Session {
        user_id,
        id,
        version: 1,
        token_hash: "e".repeat(64),
        former_hash: None,
        rotated_at: at(0),
        device_name: None,
        user_agent: None,
        address: None,
        created_at: at(0),
        expires_at: at(604_800),
        revoked_at: None,
    }
}

fn a_full_code(user: UserId) -> Code {
    Code {
        id: "verify_email/आशा@example.in".to_owned(),
        version: 1,
        purpose: Purpose::VerifyEmail,
        user_id: Some(user),
        target: Some("asha+shop@example.in".to_owned()),
        hash: "0".repeat(64),
        tries: 2,
        created_at: at(1),
        expires_at: at(86_401),
    }
}

pub fn a_code() -> Code {
    Code {
        id: "phone_login/+919876543210".to_owned(),
        version: 1,
        purpose: Purpose::PhoneLogin,
        user_id: None,
        target: None,
        hash: "f".repeat(64),
        tries: 0,
        created_at: at(0),
        expires_at: at(300),
    }
}

fn a_full_address(user_id: UserId, id: AddressId) -> Address {
    Address {
        user_id,
        id,
        version: 1,
        label: "माँ का घर".to_owned(),
        full_name: "Ravi K.".to_owned(),
        phone: "+919812345678".to_owned(),
        line1: "7, \"Shanti\" Nivas; 4% lane_".to_owned(),
        line2: Some("2nd floor, “Sai” Apartments".to_owned()),
        landmark: Some("behind the ration shop, राशन की दुकान".to_owned()),
        city: "New Delhi".to_owned(),
        state: "Delhi".to_owned(),
        pincode: "110001".to_owned(),
        country: "IN".to_owned(),
        latitude: Some(-28_613_901),
        longitude: Some(179_999_999),
        created_at: at(4),
        updated_at: at(5),
    }
}

pub fn an_address(user_id: UserId, id: AddressId) -> Address {
    Address {
        user_id,
        id,
        version: 1,
        label: "home".to_owned(),
        full_name: "Asha D'Souza".to_owned(),
        phone: "+919876543210".to_owned(),
        line1: "12/3 MG Road".to_owned(),
        line2: None,
        landmark: None,
        city: "Bengaluru".to_owned(),
        state: "Karnataka".to_owned(),
        pincode: "560001".to_owned(),
        country: "IN".to_owned(),
        latitude: None,
        longitude: None,
        created_at: at(0),
        updated_at: at(0),
    }
}

fn a_full_audit_entry(id: AuditId, subject: UserId) -> AuditEntry {
    let details = json!({
        "before": { "role": "customer", "tags": [] }, "after": { "role": "admin", "tags": ["a", 1, null, true] },
        "note": "“was” 'it' \\ \"so\"?\n", "none": null,
    });
    AuditEntry {
        id,
        version: 1,
        at: at(2),
        actor: subject.to_string(),
        action: "user_changed".to_owned(),
        subject: subject.to_string(),
        address: Some("203.0.113.7".to_owned()),
        details: details.as_object().cloned().unwrap_or_default(),
    }
}

pub fn an_audit_entry(id: AuditId, subject: UserId) -> AuditEntry {
    AuditEntry {
        id,
        version: 1,
        at: at(3),
        actor: "guest".to_owned(),
        action: "login_failed".to_owned(),
        subject: subject.to_string(),
        address: None,
        details: Map::new(),
    }
}

/// Of what has nothing it could leave out.
fn whole<R: Record>(record: &R) -> Sample {
    Sample::of(record, record)
}

fn a_product() -> ProductId {
    ProductId::from_uuid(System.uuid())
}

fn a_sku() -> Sku {
    Sku::parse(&format!("S-{}", System.uuid().simple())).unwrap()
}

fn a_banner() -> Banner {
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

fn a_full_flag(user: UserId) -> Flag {
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

fn a_full_coupon() -> Coupon {
    Coupon {
        at_most: Some(Paise::from_rupees(150)),
        total_limit: Some(u32::MAX),
        user_limit: Some(1),
        benefit: Benefit::Percent,
        value: 20,
        ..a_coupon()
    }
}

fn a_coupon() -> Coupon {
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

fn a_full_cart(user: UserId) -> Cart {
    let line =
        CartLine { sku: a_sku(), product_id: a_product(), quantity: 4, seen: Paise::from_rupees(52), added_at: at(3) };
    Cart { user_id: Some(user), lines: vec![line], coupon: Some("DIWALI".to_owned()), ..a_cart() }
}

fn a_cart() -> Cart {
    Cart { version: 1, ..Cart::of_guest(CartId::from_uuid(System.uuid()), at(0)) }
}

fn a_reservation() -> Reservation {
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

fn money(rupees: u32) -> Paise {
    Paise::from_rupees(rupees)
}

fn a_full_order(user_id: UserId) -> Order {
    let (payment, reservation) = (PaymentId::from_uuid(System.uuid()), ReservationId::from_uuid(System.uuid()));
    let tax = Tax { taxable: money(90), cgst: money(5), sgst: money(5), igst: Paise::ZERO };
    let (subtotal, discount, delivery, total) = (money(100), money(40), money(40), money(100));
    let piece = Piece { product_id: a_product(), sku: a_sku(), location: Location::main(), quantity: 2 };
    let moved = Moved {
        at: at(0),
        to: OrderStatus::PendingPayment,
        by: Mover::Customer,
        who: user_id.to_string(),
        reason: Some("“why”".to_owned()),
        tracking: Some("DL 1".to_owned()),
    };
    Order {
        id: OrderId::from_uuid(System.uuid()),
        version: 1,
        number: "BM-2026-000001".to_owned(),
        user_id,
        status: OrderStatus::Confirmed,
        method: PaymentMethod::Upi,
        payment_status: PaymentStatus::PartiallyRefunded,
        lines: vec![OrderLine {
            sku: piece.sku.clone(),
            product_id: piece.product_id,
            name: "आटा 5 kg".to_owned(),
            hsn: Hsn::parse("1101").unwrap(),
            gst_rate: GstRate::parse(5).unwrap(),
            unit_price: money(50),
            quantity: 2,
            amounts: LineAmounts { subtotal, discount, delivery, total, tax },
        }],
        amounts: OrderAmounts { subtotal, discount, delivery, total, tax },
        coupon: Some("DIWALI".to_owned()),
        ship_to: ShipTo {
            full_name: "Asha Rao".to_owned(),
            phone: "+919876543210".to_owned(),
            line1: "12 MG Road".to_owned(),
            line2: Some("2nd floor".to_owned()),
            landmark: Some("opposite the temple".to_owned()),
            city: "Bengaluru".to_owned(),
            state: "Karnataka".to_owned(),
            pincode: "560001".to_owned(),
        },
        delivery_slot: Some("2026-11-21T09-12".to_owned()),
        note: Some("ring twice".to_owned()),
        gstin: Some("27AAPFU0939F1ZV".to_owned()),
        pieces: vec![piece],
        reservation: Some(reservation),
        reserved_until: at(900),
        payments: vec![payment],
        paying: Some(payment),
        paid_by: Some(payment),
        captured: money(100),
        refunded: money(30),
        timeline: vec![moved],
        placed_at: at(0),
        updated_at: at(1),
    }
}

fn an_order(user: UserId) -> Order {
    let full = a_full_order(user);
    Order {
        coupon: None,
        ship_to: ShipTo { line2: None, landmark: None, ..full.ship_to },
        delivery_slot: None,
        note: None,
        gstin: None,
        reservation: None,
        payments: Vec::new(),
        paying: None,
        paid_by: None,
        ..full
    }
}

fn a_full_payment(user_id: UserId) -> Payment {
    Payment {
        id: PaymentId::from_uuid(System.uuid()),
        version: 1,
        order_id: OrderId::from_uuid(System.uuid()),
        user_id,
        method: PaymentMethod::Card,
        instrument: Some("…4242".to_owned()),
        amount: money(100),
        status: PaymentStatus::Captured,
        failure_code: Some("declined".to_owned()),
        reference: Some("mock_1".to_owned()),
        surplus: true,
        refunds: vec![Refund { nth: 1, amount: money(30), reason: "broken".to_owned(), done: false, asked_at: at(2) }],
        open: Some(Open::Refund),
        created_at: at(0),
        updated_at: at(2),
    }
}

fn a_payment(user: UserId) -> Payment {
    let full = a_full_payment(user);
    Payment {
        instrument: None,
        failure_code: None,
        reference: None,
        surplus: false,
        refunds: Vec::new(),
        open: None,
        ..full
    }
}

fn a_ledger_entry() -> LedgerEntry {
    let (order, payment) = (OrderId::from_uuid(System.uuid()), PaymentId::from_uuid(System.uuid()));
    LedgerEntry::captured(order, payment, money(100), false, at(0))
}

fn a_mock_charge() -> MockCharge {
    MockCharge {
        payment_id: PaymentId::from_uuid(System.uuid()),
        version: 1,
        order_id: OrderId::from_uuid(System.uuid()),
        method: PaymentMethod::Upi,
        amount: money(100),
        outcome: MockOutcome::Late,
        refunds: vec![MockRefund { key: "pay_1.refund.1".to_owned(), amount: money(30) }],
        charged_at: at(0),
    }
}

fn a_day() -> Day {
    Day {
        day: format!("2026-11-{}", System.uuid().simple()),
        version: 1,
        placed: 3,
        placed_value: 9_000_000_000_000,
        confirmed: 2,
        ..Day::default()
    }
}

fn a_full_stock_entry() -> StockEntry {
    StockEntry {
        reference: Some("ord_1".to_owned()),
        note: Some("found behind the shelf, “dusty”".to_owned()),
        available: -3,
        reserved: 3,
        ..a_stock_entry()
    }
}

fn a_stock_entry() -> StockEntry {
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

fn a_stock_level() -> StockLevel {
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
