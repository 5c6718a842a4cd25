//! How the shop is, and what answers when no route does.

pub mod health;
pub mod not_found;
pub mod queues;
mod table;

use bharatmart_runtime::Endpoint;

pub const ENDPOINTS: &[Endpoint] = &[
    Endpoint { route: &health::live::ROUTE, spec: health::live::spec },
    Endpoint { route: &health::ready::ROUTE, spec: health::ready::spec },
    Endpoint { route: &health::show::ROUTE, spec: health::show::spec },
    Endpoint { route: &queues::list::ROUTE, spec: queues::list::spec },
    Endpoint { route: &queues::redrive::ROUTE, spec: queues::redrive::spec },
    Endpoint { route: &not_found::ROUTE, spec: not_found::spec },
];
