//! The coupon a cart holds.

pub mod apply;
pub mod remove;
