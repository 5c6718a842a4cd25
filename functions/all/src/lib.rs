//! Every function of the shop in one list. What lists functions (template, router, OpenAPI, local cloud, coverage
//! tests) reads it here.

use bharatmart_runtime::{Endpoint, Worker};

pub fn endpoints() -> Vec<Endpoint> {
    [
        &bharatmart_identity::endpoints(),
        bharatmart_catalog::ENDPOINTS,
        bharatmart_inventory::ENDPOINTS,
        bharatmart_cart::ENDPOINTS,
        bharatmart_orders::ENDPOINTS,
        bharatmart_payments::ENDPOINTS,
        bharatmart_analytics::ENDPOINTS,
        bharatmart_ops::ENDPOINTS,
    ]
    .concat()
}

pub fn workers() -> Vec<&'static Worker> {
    bharatmart_workers::WORKERS.to_vec()
}
