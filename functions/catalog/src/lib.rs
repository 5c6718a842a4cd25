//! The catalogue's routes: words of HTTP to words of the shop and back.

pub mod categories;
pub mod products;

use bharatmart_runtime::Endpoint;

pub const ENDPOINTS: &[Endpoint] = &[
    Endpoint { route: &products::list::ROUTE, spec: products::list::spec },
    Endpoint { route: &products::get::ROUTE, spec: products::get::spec },
    Endpoint { route: &products::create::ROUTE, spec: products::create::spec },
    Endpoint { route: &products::search::ROUTE, spec: products::search::spec },
    Endpoint { route: &products::suggest::ROUTE, spec: products::suggest::spec },
    Endpoint { route: &categories::list::ROUTE, spec: categories::list::spec },
];
