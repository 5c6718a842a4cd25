//! Carts, quotes, coupons and where the shop delivers: one module a route, one binary a module.

pub mod cart;
pub mod coupon;
pub mod coupons;
pub mod delivery;
mod edit;
pub mod items;
mod needs;
mod refused;
mod shelf;
mod whose;

use bharatmart_runtime::Endpoint;

pub const ENDPOINTS: &[Endpoint] = &[
    Endpoint { route: &cart::get::ROUTE, spec: cart::get::spec },
    Endpoint { route: &cart::empty::ROUTE, spec: cart::empty::spec },
    Endpoint { route: &items::add::ROUTE, spec: items::add::spec },
    Endpoint { route: &items::set::ROUTE, spec: items::set::spec },
    Endpoint { route: &items::remove::ROUTE, spec: items::remove::spec },
    Endpoint { route: &coupon::apply::ROUTE, spec: coupon::apply::spec },
    Endpoint { route: &coupon::remove::ROUTE, spec: coupon::remove::spec },
    Endpoint { route: &cart::quote::ROUTE, spec: cart::quote::spec },
    Endpoint { route: &cart::validate::ROUTE, spec: cart::validate::spec },
    Endpoint { route: &cart::merge::ROUTE, spec: cart::merge::spec },
    Endpoint { route: &delivery::get::ROUTE, spec: delivery::get::spec },
    Endpoint { route: &coupons::list::ROUTE, spec: coupons::list::spec },
    Endpoint { route: &coupons::create::ROUTE, spec: coupons::create::spec },
    Endpoint { route: &coupons::get::ROUTE, spec: coupons::get::spec },
    Endpoint { route: &coupons::update::ROUTE, spec: coupons::update::spec },
    Endpoint { route: &coupons::delete::ROUTE, spec: coupons::delete::spec },
];
