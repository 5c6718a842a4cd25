//! Put a product on one's wishlist.

use bharatmart_core::Changes;
use bharatmart_core::catalog::{MAX_WISHES, ProductRef, Status, WISH, WISHLIST, Wish};
use bharatmart_runtime::http::Method;
use bharatmart_runtime::{Access, Ctx, Idempotency, Limit, Need, Problem, Reply, Route, Spec};

use super::{named, whole};
use crate::refused::kept;

pub static ROUTE: Route = Route {
    name: "wishlist-add",
    service: "catalog",
    method: Method::PUT,
    path: "/api/v1/users/me/wishlist/{product_id}",
    summary: "Put a product on one's wishlist",
    access: Access::user(),
    limit: Limit::Ordinary,
    idempotency: Idempotency::None,
    needs: &[Need::reads(&WISH), Need::reads(&WISHLIST), Need::READS_CATALOG, Need::COMMITS],
    memory_mb: 128,
    timeout_s: 10,
    handler: |ctx| Box::pin(add(ctx)),
};

pub fn spec() -> Spec {
    Spec::new("At most two hundred. What is on it already stays where it is.")
        .path("product_id", "The product's id.", super::EXAMPLE)
        .empty(204, "It is on the wishlist.")
        .problem(404, "not_found")
        .problem(409, "wishlist_full")
}

async fn add(ctx: &Ctx) -> Result<Reply, Problem> {
    ctx.query()?.finish()?;
    let (user_id, product_id, key) = named(ctx)?;
    let sold = ctx.catalog()?.product(&ctx.tenant, &ProductRef::Id(product_id)).await?;
    if sold.is_none_or(|stocked| stocked.product.status != Status::Active) {
        return Err(Problem::not_found("product"));
    }
    let reply = Reply::no_content();
    loop {
        let list = whole(ctx, user_id).await?;
        if ctx.find::<Wish>(&key).await?.is_some() {
            return Ok(reply);
        }
        if list.is_full() {
            return Err(full());
        }
        let now = ctx.clock().now();
        let wish = Wish { user_id, product_id, version: 1, added_at: now };
        let changes = list.add(Changes::new(&ctx.tenant), &wish, now);
        if kept(ctx, ctx.commit(changes, &reply).await).await? {
            return Ok(reply);
        }
    }
}

fn full() -> Problem {
    Problem::conflict("wishlist_full", format!("There are {MAX_WISHES} products on it; take one away first."))
}
