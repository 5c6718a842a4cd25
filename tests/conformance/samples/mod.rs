//! A record of each kind, once with everything it can hold and once with only what it must, built from the shop's own
//! types: what no sample has, no engine is known to keep.

mod orders;
mod people;
mod shelf;

use bharatmart_adapters::system::System;
use bharatmart_core::catalog::{Wish, Wishlist};
use bharatmart_core::flags::Flag;
use bharatmart_core::ports::Ids;
use bharatmart_core::record::{Record, Row};
use bharatmart_core::{AddressId, AuditId, SessionId, UserId};
use bharatmart_tests::data::at;

pub use orders::a_payment;
use orders::{a_day, a_full_order, a_full_payment, a_ledger_entry, a_mock_charge, an_order};
pub use people::{a_code, a_session, a_user, an_address, an_audit_entry};
use people::{a_full_address, a_full_audit_entry, a_full_code, a_full_session, a_full_user, a_pending_email};
pub use shelf::a_coupon;
use shelf::{
    a_banner, a_cart, a_full_cart, a_full_coupon, a_full_flag, a_full_stock_entry, a_product, a_reservation,
    a_stock_entry, a_stock_level,
};

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

/// Of what has nothing it could leave out.
fn whole<R: Record>(record: &R) -> Sample {
    Sample::of(record, record)
}
