//! Carts, quotes, coupons and where the shop delivers: one module a route, one binary a module.

use bharatmart_runtime::Endpoint;

pub const ENDPOINTS: &[Endpoint] = &[];
