//! What an order costs: lines, coupon, delivery and GST, to the paisa. Pure: prices are the catalogue's, whoever asks.
//! It knows no cart, no order and no stock.

mod coupon;
mod quote;
mod share;
mod tax;

pub use coupon::{Benefit, COUPON, Coupon, CouponRefused};
pub use quote::{Amounts, Item, LineAmounts, Terms, quote};
pub use share::share;
pub use tax::{Supply, Tax};
