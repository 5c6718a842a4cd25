//! What the functions of carts use, where several use the same. Each has what it needs and no more: its rights follow.

use bharatmart_core::cart::CART;
use bharatmart_core::flags::FLAG;
use bharatmart_core::pricing::COUPON;
use bharatmart_runtime::Need;
use bharatmart_runtime::config::CART_KEY;

/// Changes lines that are there, and shows them at today's prices.
pub const EDITS: &[Need] = &[Need::reads(&CART), Need::READS_CATALOG, Need::COMMITS, Need::secret(CART_KEY)];

/// Puts in what somebody sells under a SKU.
pub const PUTS_IN: &[Need] =
    &[Need::reads(&CART), Need::READS_CLAIMS, Need::READS_CATALOG, Need::COMMITS, Need::secret(CART_KEY)];

/// Says what the cart comes to, with its coupon, unless coupons are switched off.
pub const PRICES: &[Need] = &[
    Need::reads(&CART),
    Need::reads(&COUPON),
    Need::reads(&FLAG),
    Need::READS_COUNTERS,
    Need::READS_CATALOG,
    Need::secret(CART_KEY),
];

/// The same, and keeps what it took for seen, or the coupon that was put on.
pub const PRICES_AND_KEEPS: &[Need] = &[
    Need::reads(&CART),
    Need::reads(&COUPON),
    Need::reads(&FLAG),
    Need::READS_COUNTERS,
    Need::READS_CATALOG,
    Need::COMMITS,
    Need::secret(CART_KEY),
];
