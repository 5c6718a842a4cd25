//! What a function declares about itself, beside its handler. Everything that lists functions is made from this.

use bharatmart_core::Permission;
use futures_util::future::BoxFuture;
use http::Method;

use crate::auth::{self, Gate};
use crate::context::Ctx;
use crate::need::Need;
use crate::problem::Problem;
use crate::reply::Reply;

/// One API route, one Lambda function.
pub struct Route {
    /// `<noun>-<verb>`: the function, its binary and its folder in target/lambda.
    pub name: &'static str,
    pub service: &'static str,
    pub method: Method,
    /// As API Gateway writes it: `/api/v1/products/{id}`.
    pub path: &'static str,
    pub summary: &'static str,
    pub access: Access,
    pub limit: Limit,
    pub idempotency: Idempotency,
    pub needs: &'static [Need],
    pub memory_mb: u32,
    pub timeout_s: u32,
    pub handler: Handler,
}

/// Not generic, so that fifty binaries share one copy of the runtime.
pub type Handler = for<'a> fn(&'a Ctx) -> Answering<'a>;
pub type Answering<'a> = BoxFuture<'a, Result<Reply, Problem>>;

/// Who may call. Each but `Public` carries the checking of tokens, so that only routes that ask link it.
#[derive(Clone, Copy)]
pub enum Access {
    /// Anybody; nobody looks who it is.
    Public,
    /// Anybody; a token, when there is one, must be good. Made by `Access::guest`.
    Guest(Gate),
    /// Whoever is logged in. Made by `Access::user`.
    User(Gate),
    /// Whose role has the permission, in a session that has not ended. Made by `Access::may`.
    May(Permission, Gate),
}

impl Access {
    pub const fn guest() -> Self {
        Access::Guest(auth::TOKEN)
    }

    pub const fn user() -> Self {
        Access::User(auth::TOKEN)
    }

    pub const fn may(permission: Permission) -> Self {
        Access::May(permission, auth::LIVE_SESSION)
    }

    pub const fn is_public(&self) -> bool {
        matches!(self, Access::Public)
    }

    pub const fn permission(&self) -> Option<Permission> {
        match self {
            Access::May(permission, _) => Some(*permission),
            Access::Public | Access::Guest(_) | Access::User(_) => None,
        }
    }

    pub(crate) const fn gate(&self) -> Option<Gate> {
        match self {
            Access::Public => None,
            Access::Guest(gate) | Access::User(gate) | Access::May(_, gate) => Some(*gate),
        }
    }
}

/// Which limit of requests a route falls under.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// So many a second of a user, so many a minute of an address without a login.
    Ordinary,
    /// Logging in and signing up: few a minute of an address.
    Login,
    /// What has a code or a link sent: few an hour of an address.
    Codes,
    /// For what is signed by whom the shop trusts: only what is not counts, as a stranger's, once that is seen.
    Signed,
    /// For what watches over the shop: a health check that is refused would be taken for a sick shop.
    Unlimited,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Idempotency {
    /// The route changes nothing, or may be repeated as it is.
    None,
    /// Honoured when the caller sends a key.
    Optional,
    /// 400 without a key.
    Required,
}
