//! Rename or move a category.

use bharatmart_core::catalog::categories::{self, CategoryChange, CategoryChangeInput};
use bharatmart_core::catalog::{CategoryView, Tree};
use bharatmart_core::{Permission, queues};
use bharatmart_runtime::http::Method;
use bharatmart_runtime::{Access, Ctx, Idempotency, Limit, Need, Problem, Reply, Route, Spec};

use super::{named, refusal};
use crate::refused::kept;

pub static ROUTE: Route = Route {
    name: "categories-update",
    service: "catalog",
    method: Method::PATCH,
    path: "/api/v1/categories/{id}",
    summary: "Change a category",
    access: Access::may(Permission::ManageCatalog),
    limit: Limit::Ordinary,
    idempotency: Idempotency::None,
    needs: &[Need::READS_CATALOG, Need::COMMITS, Need::FINDS, Need::sends(&queues::SEARCH)],
    memory_mb: 256,
    timeout_s: 10,
    handler: |ctx| Box::pin(update(ctx)),
};

pub fn spec() -> Spec {
    Spec::new("What is absent stays, and so does the slug. If-Match must name the version that is changed.")
        .path("id", "The category's slug or id.", super::EXAMPLE)
        .body::<CategoryChangeInput>()
        .answer::<CategoryView>(200, "The category as it is now.")
        .problem(404, "not_found")
        .problem(409, "category_cycle")
        .problem(409, "category_too_deep")
        .must_match()
}

async fn update(ctx: &Ctx) -> Result<Reply, Problem> {
    ctx.query()?.finish()?;
    let change = CategoryChange::parse(&ctx.json::<CategoryChangeInput>()?).map_err(Problem::invalid)?;
    loop {
        let known = ctx.categories_anew().await?;
        let tree = Tree::of(&known);
        let category = named(ctx, &tree)?;
        ctx.must_match(category.version)?;
        let changed = categories::change(ctx.hand(), &tree, category, &change).map_err(refusal)?;
        let count = super::counts(ctx, &tree).await.and_then(|counts| counts.get(&category.id).copied());
        let next = changed.as_ref().map_or(category, |changed| &changed.category);
        let reply = Reply::ok(&CategoryView::of(next, count))?.version(next.version);
        let Some(changed) = changed else { return Ok(reply) };
        if kept(ctx, ctx.commit(changed.changes, &reply).await).await? {
            ctx.forget_categories();
            return Ok(reply);
        }
    }
}
