//! One of the caller's addresses.

use bharatmart_core::identity::{ADDRESS, AddressView, USER};
use bharatmart_runtime::http::Method;
use bharatmart_runtime::route::Limit;
use bharatmart_runtime::{Access, Ctx, Idempotency, Need, Problem, Reply, Route, Spec};

use crate::mine;

pub static ROUTE: Route = Route {
    name: "addresses-get",
    service: "identity",
    method: Method::GET,
    path: "/api/v1/users/me/addresses/{id}",
    summary: "Read an address",
    access: Access::user(),
    limit: Limit::Ordinary,
    idempotency: Idempotency::None,
    needs: &[Need::reads(&USER), Need::reads(&ADDRESS)],
    memory_mb: 128,
    timeout_s: 10,
    handler: |ctx| Box::pin(get(ctx)),
};

pub fn spec() -> Spec {
    Spec::new("One of the caller's addresses.")
        .path("id", "The address's id.", super::EXAMPLE)
        .answer::<AddressView>(200, "The address.")
        .empty(304, "Not changed since the ETag in If-None-Match.")
        .problem(401, "session_revoked")
        .problem(404, "not_found")
}

async fn get(ctx: &Ctx) -> Result<Reply, Problem> {
    ctx.query()?.finish()?;
    let user = mine::account(ctx).await?;
    super::shown(&super::named(ctx, &user).await?, &user)
}
