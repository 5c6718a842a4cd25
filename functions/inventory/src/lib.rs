//! How much there is of each SKU, and the books of the warehouse: one module a route, one binary a module.

pub mod stock;

use bharatmart_runtime::Endpoint;

pub const ENDPOINTS: &[Endpoint] = &[
    Endpoint { route: &stock::get::ROUTE, spec: stock::get::spec },
    Endpoint { route: &stock::locations::ROUTE, spec: stock::locations::spec },
    Endpoint { route: &stock::adjust::ROUTE, spec: stock::adjust::spec },
    Endpoint { route: &stock::log::ROUTE, spec: stock::log::spec },
    Endpoint { route: &stock::low::ROUTE, spec: stock::low::spec },
];
