//! Delete an address.

use bharatmart_core::identity::addresses::{self, MAX_ADDRESSES};
use bharatmart_core::identity::{ADDRESS, Address, USER};
use bharatmart_core::record::Listing;
use bharatmart_runtime::http::Method;
use bharatmart_runtime::route::Limit;
use bharatmart_runtime::{Access, Ctx, Idempotency, Need, Problem, Reply, Route, Spec};

use crate::access::steps::refused;
use crate::access::steps::scene::scene;
use crate::mine;

pub static ROUTE: Route = Route {
    name: "addresses-delete",
    service: "identity",
    method: Method::DELETE,
    path: "/api/v1/users/me/addresses/{id}",
    summary: "Delete an address",
    access: Access::user(),
    limit: Limit::Ordinary,
    idempotency: Idempotency::None,
    needs: &[Need::reads(&USER), Need::reads(&ADDRESS), Need::COMMITS],
    memory_mb: 128,
    timeout_s: 10,
    handler: |ctx| Box::pin(delete(ctx)),
};

pub fn spec() -> Spec {
    Spec::new("When the default goes, the newest of the others becomes it.")
        .path("id", "The address's id.", super::EXAMPLE)
        .empty(204, "Deleted.")
        .problem(401, "session_revoked")
        .problem(404, "not_found")
        .if_match(412, "version_changed")
}

async fn delete(ctx: &Ctx) -> Result<Reply, Problem> {
    loop {
        let user = mine::account(ctx).await?;
        let address = super::named(ctx, &user).await?;
        ctx.if_match(address.version)?;
        let of_user = user.id.to_string();
        let all: Vec<Address> = ctx.list(Listing::Within(&of_user), None, MAX_ADDRESSES as usize).await?;
        let changes = addresses::remove(scene(ctx), &user, &address, &all);
        let reply = Reply::no_content();
        if refused::kept(ctx, ctx.commit(changes, &reply).await).await? {
            return Ok(reply);
        }
    }
}
