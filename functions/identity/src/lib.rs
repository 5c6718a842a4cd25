//! Accounts: the routes of identity and access. Words of HTTP to words of the shop and back.

pub mod access;
pub mod account;
pub mod addresses;
pub mod audit;
pub mod me;
mod mine;
pub mod sessions;
pub mod users;

use bharatmart_runtime::Endpoint;

pub fn endpoints() -> Vec<Endpoint> {
    [access::ENDPOINTS, account::ENDPOINTS].concat()
}
