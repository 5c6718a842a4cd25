//! Payments: attempts to pay an order, what became of them, refunds, and what the provider tells by webhook.

pub mod payments;
mod refused;
pub mod webhooks;

use bharatmart_runtime::Endpoint;

pub const ENDPOINTS: &[Endpoint] = &[
    Endpoint { route: &payments::create::ROUTE, spec: payments::create::spec },
    Endpoint { route: &payments::list::ROUTE, spec: payments::list::spec },
    Endpoint { route: &payments::get::ROUTE, spec: payments::get::spec },
    Endpoint { route: &payments::verify::ROUTE, spec: payments::verify::spec },
    Endpoint { route: &payments::refund::ROUTE, spec: payments::refund::spec },
    Endpoint { route: &webhooks::receive::ROUTE, spec: webhooks::receive::spec },
];
