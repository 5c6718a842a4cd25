//! What the shop did, in figures.

pub mod figures;

use bharatmart_runtime::Endpoint;

pub const ENDPOINTS: &[Endpoint] = &[Endpoint { route: &figures::summary::ROUTE, spec: figures::summary::spec }];
