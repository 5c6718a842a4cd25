//! What was bought, and what was paid for it.

use bharatmart_adapters::system::System;
use bharatmart_core::catalog::{GstRate, Hsn};
use bharatmart_core::figures::Day;
use bharatmart_core::inventory::{Location, Piece};
use bharatmart_core::orders::{Moved, Mover, Order, OrderAmounts, OrderLine, OrderStatus, ShipTo};
use bharatmart_core::payments::{
    LedgerEntry, MockCharge, MockOutcome, MockRefund, Open, Payment, PaymentMethod, PaymentStatus, Refund,
};
use bharatmart_core::ports::Ids;
use bharatmart_core::pricing::{LineAmounts, Tax};
use bharatmart_core::{OrderId, Paise, PaymentId, ReservationId, UserId};
use bharatmart_tests::data::at;

use super::shelf::{a_product, a_sku};

pub fn money(rupees: u32) -> Paise {
    Paise::from_rupees(rupees)
}

pub fn a_full_order(user_id: UserId) -> Order {
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

pub fn an_order(user: UserId) -> Order {
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

pub fn a_full_payment(user_id: UserId) -> Payment {
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

pub fn a_payment(user: UserId) -> Payment {
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

pub fn a_ledger_entry() -> LedgerEntry {
    let (order, payment) = (OrderId::from_uuid(System.uuid()), PaymentId::from_uuid(System.uuid()));
    LedgerEntry::captured(order, payment, money(100), false, at(0))
}

pub fn a_mock_charge() -> MockCharge {
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

pub fn a_day() -> Day {
    Day {
        day: format!("2026-11-{}", System.uuid().simple()),
        version: 1,
        placed: 3,
        placed_value: 9_000_000_000_000,
        confirmed: 2,
        ..Day::default()
    }
}
