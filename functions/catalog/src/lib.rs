//! The catalogue's routes: words of HTTP to words of the shop and back.

mod all;
pub mod banners;
pub mod categories;
pub mod flags;
pub mod products;
mod refused;
pub mod wishlist;

use bharatmart_runtime::Endpoint;

pub const ENDPOINTS: &[Endpoint] = &[
    Endpoint { route: &products::list::ROUTE, spec: products::list::spec },
    Endpoint { route: &products::get::ROUTE, spec: products::get::spec },
    Endpoint { route: &products::create::ROUTE, spec: products::create::spec },
    Endpoint { route: &products::update::ROUTE, spec: products::update::spec },
    Endpoint { route: &products::delete::ROUTE, spec: products::delete::spec },
    Endpoint { route: &products::managed::ROUTE, spec: products::managed::spec },
    Endpoint { route: &products::search::ROUTE, spec: products::search::spec },
    Endpoint { route: &products::suggest::ROUTE, spec: products::suggest::spec },
    Endpoint { route: &categories::list::ROUTE, spec: categories::list::spec },
    Endpoint { route: &categories::get::ROUTE, spec: categories::get::spec },
    Endpoint { route: &categories::create::ROUTE, spec: categories::create::spec },
    Endpoint { route: &categories::update::ROUTE, spec: categories::update::spec },
    Endpoint { route: &categories::delete::ROUTE, spec: categories::delete::spec },
    Endpoint { route: &banners::list::ROUTE, spec: banners::list::spec },
    Endpoint { route: &banners::list_all::ROUTE, spec: banners::list_all::spec },
    Endpoint { route: &banners::create::ROUTE, spec: banners::create::spec },
    Endpoint { route: &banners::update::ROUTE, spec: banners::update::spec },
    Endpoint { route: &banners::delete::ROUTE, spec: banners::delete::spec },
    Endpoint { route: &wishlist::list::ROUTE, spec: wishlist::list::spec },
    Endpoint { route: &wishlist::add::ROUTE, spec: wishlist::add::spec },
    Endpoint { route: &wishlist::remove::ROUTE, spec: wishlist::remove::spec },
    Endpoint { route: &flags::show::ROUTE, spec: flags::show::spec },
    Endpoint { route: &flags::list::ROUTE, spec: flags::list::spec },
    Endpoint { route: &flags::set::ROUTE, spec: flags::set::spec },
    Endpoint { route: &flags::delete::ROUTE, spec: flags::delete::spec },
];
