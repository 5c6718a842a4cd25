//! Change an address.

use bharatmart_core::identity::addresses;
use bharatmart_core::identity::{ADDRESS, AddressInput, AddressView, Place, USER};
use bharatmart_runtime::http::Method;
use bharatmart_runtime::route::Limit;
use bharatmart_runtime::{Access, Ctx, Idempotency, Need, Problem, Reply, Route, Spec};

use crate::access::steps::refused;
use crate::access::steps::scene::scene;
use crate::mine;

pub static ROUTE: Route = Route {
    name: "addresses-update",
    service: "identity",
    method: Method::PUT,
    path: "/api/v1/users/me/addresses/{id}",
    summary: "Change an address",
    access: Access::user(),
    limit: Limit::Ordinary,
    idempotency: Idempotency::None,
    needs: &[Need::reads(&USER), Need::reads(&ADDRESS), Need::COMMITS],
    memory_mb: 128,
    timeout_s: 10,
    handler: |ctx| Box::pin(update(ctx)),
};

pub fn spec() -> Spec {
    Spec::new("Puts another address in this one's place; what is absent is gone.")
        .path("id", "The address's id.", super::EXAMPLE)
        .body::<AddressInput>()
        .answer::<AddressView>(200, "The address as it is now.")
        .problem(401, "session_revoked")
        .problem(404, "not_found")
        .if_match(412, "version_changed")
}

async fn update(ctx: &Ctx) -> Result<Reply, Problem> {
    let place = Place::parse(ctx.json::<AddressInput>()?).map_err(Problem::invalid)?;
    loop {
        let user = mine::account(ctx).await?;
        let address = super::named(ctx, &user).await?;
        ctx.if_match(address.version)?;
        let booked = addresses::change(scene(ctx), &user, &address, &place);
        let reply = super::shown(&booked.address, &booked.user)?;
        if refused::kept(ctx, ctx.commit(booked.changes, &reply).await).await? {
            return Ok(reply);
        }
    }
}
