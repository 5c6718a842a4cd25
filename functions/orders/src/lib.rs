//! Orders: placed, looked at, moved on and cancelled. One module a route, one binary a module; what an order may do is
//! core's.

pub mod admin;
pub mod cod;
pub mod orders;
mod refused;

use bharatmart_runtime::Endpoint;

pub const ENDPOINTS: &[Endpoint] = &[
    Endpoint { route: &orders::place::ROUTE, spec: orders::place::spec },
    Endpoint { route: &orders::list::ROUTE, spec: orders::list::spec },
    Endpoint { route: &orders::get::ROUTE, spec: orders::get::spec },
    Endpoint { route: &orders::timeline::ROUTE, spec: orders::timeline::spec },
    Endpoint { route: &orders::cancel::ROUTE, spec: orders::cancel::spec },
    Endpoint { route: &cod::confirm::ROUTE, spec: cod::confirm::spec },
    Endpoint { route: &cod::resend::ROUTE, spec: cod::resend::spec },
    Endpoint { route: &admin::list::ROUTE, spec: admin::list::spec },
    Endpoint { route: &admin::transition::ROUTE, spec: admin::transition::spec },
];
