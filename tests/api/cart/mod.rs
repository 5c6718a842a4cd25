//! Carts, quotes, coupons and delivery over HTTP, a file a subject. Who shops, and what there is to buy, is in `shopping`.

mod coupons;
mod delivery;
mod edits;
mod guest;
mod lines;
mod merge;
mod quote;
pub mod shopping;
mod validate;
