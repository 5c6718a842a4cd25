//! What a function declares about itself, beside its handler. Everything that lists functions is made from this.

use bharatmart_core::Role;
use futures_util::future::BoxFuture;
use http::Method;

use crate::app::App;
use crate::auth::{self, Caller};
use crate::config::DEV_TOKEN_KEY;
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
    pub idempotency: Idempotency,
    pub needs: &'static [Need],
    pub memory_mb: u32,
    pub timeout_s: u32,
    pub handler: Handler,
}

/// Not generic, so that fifty binaries share one copy of the runtime.
pub type Handler = for<'a> fn(&'a Ctx) -> Answering<'a>;
pub type Answering<'a> = BoxFuture<'a, Result<Reply, Problem>>;

#[derive(Clone, Copy)]
pub enum Access {
    Public,
    /// Made by `Access::role`.
    Role(Gate),
}

/// Knows how to check a caller, as a need knows how to open its port: only routes that ask link the checking.
#[derive(Clone, Copy)]
pub struct Gate {
    pub role: Role,
    pub(crate) verify: Verify,
    pub(crate) needs: &'static [Need],
}

pub(crate) type Verify = for<'a> fn(&'a App, &'a str) -> BoxFuture<'a, Result<Caller, Problem>>;

impl Access {
    pub const fn role(role: Role) -> Self {
        let needs = const { &[Need::secret(DEV_TOKEN_KEY)] };
        Access::Role(Gate { role, verify: |app, token| Box::pin(auth::verify(app, token)), needs })
    }

    pub const fn is_public(&self) -> bool {
        matches!(self, Access::Public)
    }
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
