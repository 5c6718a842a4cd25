//! The routes of those who are in: their account, sessions and addresses, and what those who run the shop see of all.

use bharatmart_runtime::Endpoint;

use crate::{addresses, audit, me, sessions, users};

pub const ENDPOINTS: &[Endpoint] = &[
    Endpoint { route: &me::get::ROUTE, spec: me::get::spec },
    Endpoint { route: &me::update::ROUTE, spec: me::update::spec },
    Endpoint { route: &me::delete::ROUTE, spec: me::delete::spec },
    Endpoint { route: &sessions::list::ROUTE, spec: sessions::list::spec },
    Endpoint { route: &sessions::end::ROUTE, spec: sessions::end::spec },
    Endpoint { route: &addresses::list::ROUTE, spec: addresses::list::spec },
    Endpoint { route: &addresses::create::ROUTE, spec: addresses::create::spec },
    Endpoint { route: &addresses::get::ROUTE, spec: addresses::get::spec },
    Endpoint { route: &addresses::update::ROUTE, spec: addresses::update::spec },
    Endpoint { route: &addresses::delete::ROUTE, spec: addresses::delete::spec },
    Endpoint { route: &addresses::set_default::ROUTE, spec: addresses::set_default::spec },
    Endpoint { route: &users::list::ROUTE, spec: users::list::spec },
    Endpoint { route: &users::get::ROUTE, spec: users::get::spec },
    Endpoint { route: &users::update::ROUTE, spec: users::update::spec },
    Endpoint { route: &audit::list::ROUTE, spec: audit::list::spec },
];
