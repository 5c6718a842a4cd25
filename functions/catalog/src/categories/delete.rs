//! Take a category out of the tree. Its two commits are core's `removal`; the search indexer ends what a crash leaves
//! between them.

use bharatmart_core::catalog::removal::{self, Holds};
use bharatmart_core::catalog::{Category, Tree};
use bharatmart_core::{Permission, queues};
use bharatmart_runtime::http::Method;
use bharatmart_runtime::{Access, Ctx, Idempotency, Limit, Need, Problem, Reply, Route, Spec};

use super::named;
use crate::refused::{kept, settled};

pub static ROUTE: Route = Route {
    name: "categories-delete",
    service: "catalog",
    method: Method::DELETE,
    path: "/api/v1/categories/{id}",
    summary: "Delete a category",
    access: Access::may(Permission::ManageCatalog),
    limit: Limit::Ordinary,
    idempotency: Idempotency::None,
    needs: &[Need::READS_CATALOG, Need::COMMITS, Need::sends(&queues::SEARCH)],
    memory_mb: 128,
    timeout_s: 10,
    handler: |ctx| Box::pin(delete(ctx)),
};

pub fn spec() -> Spec {
    Spec::new("Only an empty one: without children, and without products but deleted ones.")
        .path("id", "The category's slug or id.", super::EXAMPLE)
        .empty(204, "Deleted.")
        .problem(404, "not_found")
        .problem(409, "category_in_use")
        .if_match(412, "version_changed")
}

async fn delete(ctx: &Ctx) -> Result<Reply, Problem> {
    ctx.query()?.finish()?;
    loop {
        let known = ctx.categories_anew().await?;
        let category = named(ctx, &Tree::of(&known))?;
        ctx.if_match(category.version)?;
        if let Some(held) = removal::holds(ctx.catalog()?, &ctx.tenant, category.id, &known).await? {
            return Err(in_use(held));
        }
        let removed = removal::remove(ctx.hand(), category);
        let reply = Reply::no_content();
        if kept(ctx, ctx.commit(removed.changes, &reply).await).await? {
            let outcome = end(ctx, &removed.category).await;
            ctx.forget_categories();
            return outcome.map(|()| reply);
        }
    }
}

/// Whoever puts something into it now is refused; what came in before is there to be seen.
async fn end(ctx: &Ctx, removed: &Category) -> Result<(), Problem> {
    let known = ctx.categories_anew().await?;
    let held = removal::holds(ctx.catalog()?, &ctx.tenant, removed.id, &known).await?;
    if settled(ctx.note(removal::end(ctx.hand(), removed, held)).await)? {
        return held.map_or(Ok(()), |held| Err(in_use(held)));
    }
    // Somebody else ended it, and may have seen more.
    let known = ctx.categories_anew().await?;
    if known.iter().any(|category| category.id == removed.id) { Err(in_use(Holds::Products)) } else { Ok(()) }
}

fn in_use(held: Holds) -> Problem {
    let by = match held {
        Holds::Categories => "categories",
        Holds::Products => "products",
    };
    Problem::conflict("category_in_use", format!("There are {by} in it."))
}
