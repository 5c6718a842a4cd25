//! Take a product off one's wishlist.

use bharatmart_core::Changes;
use bharatmart_core::catalog::{WISH, WISHLIST, Wish};
use bharatmart_runtime::http::Method;
use bharatmart_runtime::{Access, Ctx, Idempotency, Limit, Need, Problem, Reply, Route, Spec};

use crate::refused::kept;

pub static ROUTE: Route = Route {
    name: "wishlist-remove",
    service: "catalog",
    method: Method::DELETE,
    path: "/api/v1/users/me/wishlist/{product_id}",
    summary: "Take a product off one's wishlist",
    access: Access::user(),
    limit: Limit::Ordinary,
    idempotency: Idempotency::None,
    needs: &[Need::reads(&WISH), Need::reads(&WISHLIST), Need::COMMITS],
    memory_mb: 128,
    timeout_s: 10,
    handler: |ctx| Box::pin(remove(ctx)),
};

pub fn spec() -> Spec {
    Spec::new("What is not on it needs no taking off.")
        .path("product_id", "The product's id.", super::EXAMPLE)
        .empty(204, "It is not on the wishlist.")
        .problem(404, "not_found")
}

async fn remove(ctx: &Ctx) -> Result<Reply, Problem> {
    ctx.query()?.finish()?;
    let (user, _, key) = super::named(ctx)?;
    let reply = Reply::no_content();
    loop {
        let list = super::whole(ctx, user).await?;
        let Some(wish) = ctx.find::<Wish>(&key).await? else { return Ok(reply) };
        let changes = list.remove(Changes::new(&ctx.tenant), &wish, ctx.clock().now());
        if kept(ctx, ctx.commit(changes, &reply).await).await? {
            return Ok(reply);
        }
    }
}
