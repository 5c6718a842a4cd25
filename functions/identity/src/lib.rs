//! Accounts: the routes of identity and access. Words of HTTP to words of the shop and back.

use bharatmart_runtime::Endpoint;

pub const ENDPOINTS: &[Endpoint] = &[];
