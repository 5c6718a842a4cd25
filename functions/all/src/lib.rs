//! Every function of the shop in one list. What lists functions (template, router, OpenAPI, local cloud, coverage
//! tests) reads it here.

use bharatmart_runtime::{Endpoint, Worker};

pub fn endpoints() -> Vec<Endpoint> {
    [bharatmart_identity::endpoints(), bharatmart_catalog::ENDPOINTS.to_vec(), bharatmart_ops::ENDPOINTS.to_vec()]
        .concat()
}

pub fn workers() -> Vec<&'static Worker> {
    bharatmart_workers::WORKERS.to_vec()
}
