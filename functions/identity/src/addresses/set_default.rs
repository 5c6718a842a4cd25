//! Make an address the default.

use bharatmart_core::identity::addresses;
use bharatmart_core::identity::{ADDRESS, AddressView, USER};
use bharatmart_runtime::http::Method;
use bharatmart_runtime::route::Limit;
use bharatmart_runtime::{Access, Ctx, Idempotency, Need, Problem, Reply, Route, Spec};

use crate::access::steps::refused;
use crate::access::steps::scene::scene;
use crate::mine;

pub static ROUTE: Route = Route {
    name: "addresses-set-default",
    service: "identity",
    method: Method::POST,
    path: "/api/v1/users/me/addresses/{id}/default",
    summary: "Make an address the default",
    access: Access::user(),
    limit: Limit::Ordinary,
    idempotency: Idempotency::None,
    needs: &[Need::reads(&USER), Need::reads(&ADDRESS), Need::COMMITS],
    memory_mb: 128,
    timeout_s: 10,
    handler: |ctx| Box::pin(set_default(ctx)),
};

pub fn spec() -> Spec {
    Spec::new("Makes it the default in the former one's place.")
        .path("id", "The address's id.", super::EXAMPLE)
        .answer::<AddressView>(200, "The address, which is the default now.")
        .problem(401, "session_revoked")
        .problem(404, "not_found")
}

async fn set_default(ctx: &Ctx) -> Result<Reply, Problem> {
    loop {
        let user = mine::account(ctx).await?;
        let address = super::named(ctx, &user).await?;
        let Some(booked) = addresses::make_default(scene(ctx), &user, &address) else {
            return super::shown(&address, &user);
        };
        let reply = super::shown(&booked.address, &booked.user)?;
        if refused::kept(ctx, ctx.commit(booked.changes, &reply).await).await? {
            return Ok(reply);
        }
    }
}
