//! The routes that let somebody in, keep them in and see them out: sign-up, log-in, codes, tokens, passwords and the
//! second factor.

pub mod email;
pub mod keys;
pub mod login;
pub mod logout;
pub mod mfa;
pub mod otp;
pub mod password;
pub mod refresh;
pub mod signup;
pub(crate) mod steps;

use bharatmart_runtime::Endpoint;

pub const ENDPOINTS: &[Endpoint] = &[
    Endpoint { route: &signup::ROUTE, spec: signup::spec },
    Endpoint { route: &login::ROUTE, spec: login::spec },
    Endpoint { route: &mfa::verify::ROUTE, spec: mfa::verify::spec },
    Endpoint { route: &otp::send::ROUTE, spec: otp::send::spec },
    Endpoint { route: &otp::verify::ROUTE, spec: otp::verify::spec },
    Endpoint { route: &refresh::ROUTE, spec: refresh::spec },
    Endpoint { route: &logout::ROUTE, spec: logout::spec },
    Endpoint { route: &password::forgot::ROUTE, spec: password::forgot::spec },
    Endpoint { route: &password::reset::ROUTE, spec: password::reset::spec },
    Endpoint { route: &password::change::ROUTE, spec: password::change::spec },
    Endpoint { route: &email::verify::ROUTE, spec: email::verify::spec },
    Endpoint { route: &email::send::ROUTE, spec: email::send::spec },
    Endpoint { route: &mfa::enrol::ROUTE, spec: mfa::enrol::spec },
    Endpoint { route: &mfa::confirm::ROUTE, spec: mfa::confirm::spec },
    Endpoint { route: &mfa::remove::ROUTE, spec: mfa::remove::spec },
    Endpoint { route: &keys::list::ROUTE, spec: keys::list::spec },
    Endpoint { route: &keys::issuer::ROUTE, spec: keys::issuer::spec },
];
