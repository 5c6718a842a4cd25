//! The routes by which somebody gets in: sign-up, log-in, codes, tokens, the second factor.

use bharatmart_runtime::Endpoint;

pub const ENDPOINTS: &[Endpoint] = &[];
