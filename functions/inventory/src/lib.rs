//! How much there is of each SKU, and the books of the warehouse: one module a route, one binary a module.

use bharatmart_runtime::Endpoint;

pub const ENDPOINTS: &[Endpoint] = &[];
