//! Take a category out of the tree. A product or category may come to lie in it at the same moment: so it is looked at
//! once more when nothing new can come in, and taken back when something did.

use bharatmart_core::catalog::{Category, Status, Tree, categories};
use bharatmart_core::{CategoryId, Permission, queues};
use bharatmart_runtime::http::Method;
use bharatmart_runtime::{Access, Ctx, Idempotency, Limit, Need, Problem, Reply, Route, Spec};

use super::named;
use crate::refused::settled;

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

/// Products looked at at once.
const PAGE: usize = 100;

pub fn spec() -> Spec {
    Spec::new("Only an empty one: without children, and without products but deleted ones.")
        .path("id", "The category's slug or id.", super::EXAMPLE)
        .empty(204, "Deleted.")
        .problem(404, "not_found")
        .problem(409, "category_in_use")
        .problem(412, "version_changed")
}

async fn delete(ctx: &Ctx) -> Result<Reply, Problem> {
    ctx.query()?.finish()?;
    loop {
        let known = ctx.categories_anew().await?;
        let category = named(ctx, &Tree::of(&known))?;
        ctx.if_match(category.version)?;
        unused(ctx, &known, category.id).await?;
        let removed = categories::remove(ctx.hand(), category);
        let reply = Reply::no_content();
        if settled(ctx.commit(removed.changes, &reply).await)? {
            let outcome = finish(ctx, &removed.category).await;
            ctx.forget_categories();
            return outcome.map(|()| reply);
        }
    }
}

/// Whoever puts something into it now is refused; what came in before is there to be seen.
async fn finish(ctx: &Ctx, removed: &Category) -> Result<(), Problem> {
    let (nothing, known) = (Reply::no_content(), ctx.categories_anew().await?);
    if let Err(in_use) = unused(ctx, &known, removed.id).await {
        settled(ctx.commit(categories::restore(ctx.hand(), removed), &nothing).await)?;
        return Err(in_use);
    }
    ctx.commit(categories::give_back(ctx.hand(), removed), &nothing).await?;
    Ok(())
}

async fn unused(ctx: &Ctx, known: &[Category], id: CategoryId) -> Result<(), Problem> {
    let in_use = |by: &str| Err(Problem::conflict("category_in_use", format!("There are {by} in it.")));
    if known.iter().any(|category| category.parent == Some(id)) {
        return in_use("categories");
    }
    let mut before = None;
    loop {
        let page = ctx.catalog()?.newest_products(&ctx.tenant, Some(id), before, PAGE).await?;
        let mut products = page.iter().map(|stocked| &stocked.product);
        if products.any(|product| product.category == id && product.status != Status::Deleted) {
            return in_use("products");
        }
        let Some(last) = page.last() else { return Ok(()) };
        before = Some(last.product.id);
    }
}
