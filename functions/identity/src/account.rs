//! The routes of those who are in: their account, sessions and addresses, and what an admin sees of all.

use bharatmart_runtime::Endpoint;

pub const ENDPOINTS: &[Endpoint] = &[];
