//! Accounts: the routes of identity and access. Words of HTTP to words of the shop and back.

pub mod access;
pub mod account;

use bharatmart_runtime::Endpoint;

pub fn endpoints() -> Vec<Endpoint> {
    [access::ENDPOINTS, account::ENDPOINTS].concat()
}
