//! What a function declares about itself, beside its handler. Everything that lists functions is made from this.

use bharatmart_core::Role;
use bharatmart_core::queues::Queue;
use futures_util::future::BoxFuture;
use http::Method;

use crate::context::Ctx;
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

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    Public,
    Role(Role),
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

/// What a function uses: the clients it builds, and what IAM allows it, follow from this. Using what is not declared
/// is answered with 500, so that a test finds it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Need {
    ReadsCatalog,
    /// Commits changes; with idempotency keys and the outbox that belong to it.
    Commits,
    /// Sends events of its commits to this queue.
    Sends(&'static Queue),
    /// Takes from this queue.
    Receives(&'static Queue),
    /// Reads the search index.
    Finds,
    /// Writes the search index.
    Indexes,
    Leases,
    Outbox,
    Secret(&'static str),
    Cache,
    /// Asks every dependency how it is.
    Probes,
}

impl Need {
    pub fn is_store(self) -> bool {
        matches!(self, Need::ReadsCatalog | Need::Commits | Need::Leases | Need::Outbox | Need::Probes)
    }

    pub fn is_queue(self) -> bool {
        matches!(self, Need::Sends(_) | Need::Receives(_) | Need::Outbox | Need::Probes)
    }

    pub fn is_search(self) -> bool {
        matches!(self, Need::Finds | Need::Probes)
    }

    pub fn is_blobs(self) -> bool {
        matches!(self, Need::Finds | Need::Indexes | Need::Probes)
    }
}
