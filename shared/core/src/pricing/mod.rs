//! What an order costs: lines, coupon, delivery and GST, to the paisa. Pure: prices are the catalogue's, whoever asks.
//! It knows no cart, no order and no stock.

mod coupon;
mod coupon_input;
pub mod manage;
mod quote;
mod share;
mod tax;
mod uses;

pub use coupon::{Benefit, COUPON, Coupon, CouponRefused};
pub use coupon_input::{CouponChangeInput, CouponInput};
pub use manage::CouponView;
pub use quote::{Amounts, Item, LineAmounts, Terms, quote};
pub use share::share;
pub use tax::{Supply, Tax};
pub use uses::{CouponCode, NamedCoupon};
