//! Put a product on one's wishlist.

use bharatmart_core::catalog::{MAX_WISHES, ProductRef, Status, WISH, WISHLIST, Wish, Wishlist};
use bharatmart_core::{Changes, Expect, RecordKey};
use bharatmart_runtime::http::Method;
use bharatmart_runtime::{Access, Ctx, Idempotency, Limit, Need, Problem, Reply, Route, Spec};

use super::{named, wishes};
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
    let (user_id, product_id, _) = named(ctx)?;
    let sold = ctx.catalog()?.product(&ctx.tenant, &ProductRef::Id(product_id)).await?;
    if sold.is_none_or(|stocked| stocked.product.status != Status::Active) {
        return Err(Problem::not_found("product"));
    }
    let reply = Reply::no_content();
    loop {
        // Before the wishes: what others add after this is told by its version.
        let before: Option<Wishlist> = ctx.find(&RecordKey::alone(user_id)).await?;
        let wishes = wishes(ctx, user_id).await?;
        if wishes.iter().any(|wish| wish.product_id == product_id) {
            return Ok(reply);
        }
        if wishes.len() >= MAX_WISHES {
            return Err(full());
        }
        let now = ctx.clock().now();
        let wish = Wish { user_id, product_id, version: 1, added_at: now };
        let (list, expect) = Wishlist::added(before.as_ref(), user_id, now);
        let changes = Changes::new(&ctx.tenant).put(&wish, Expect::New).put(&list, expect);
        if kept(ctx, ctx.commit(changes, &reply).await).await? {
            return Ok(reply);
        }
    }
}

fn full() -> Problem {
    Problem::conflict("wishlist_full", format!("There are {MAX_WISHES} products on it; take one away first."))
}
