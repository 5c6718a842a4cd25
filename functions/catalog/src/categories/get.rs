//! One category, with what it lies in and what lies in it.

use bharatmart_core::catalog::{CategoryPage, CategoryRef, Tree};
use bharatmart_runtime::http::Method;
use bharatmart_runtime::{Access, Ctx, Idempotency, Limit, Need, Problem, Reply, Route, Spec};

use super::{named, view};

pub static ROUTE: Route = Route {
    name: "categories-get",
    service: "catalog",
    method: Method::GET,
    path: "/api/v1/categories/{id}",
    summary: "Read a category",
    access: Access::Public,
    limit: Limit::Ordinary,
    idempotency: Idempotency::None,
    needs: &[Need::READS_CATALOG, Need::FINDS],
    memory_mb: 256,
    timeout_s: 10,
    handler: |ctx| Box::pin(get(ctx)),
};

pub fn spec() -> Spec {
    Spec::new("One category with its path from the top, its children, and how many products there are in all of it.")
        .path("id", "The category's slug or id.", super::EXAMPLE)
        .answer::<CategoryPage>(200, "The category.")
        .empty(304, "Not changed since the ETag in If-None-Match.")
        .problem(404, "not_found")
}

async fn get(ctx: &Ctx) -> Result<Reply, Problem> {
    ctx.query()?.finish()?;
    let mut known = ctx.categories().await?;
    if named(ctx, &Tree::of(&known)).is_err() {
        // It may be new.
        known = ctx.categories_anew().await?;
    }
    let tree = Tree::of(&known);
    let category = named(ctx, &tree)?;
    let counts = super::counts(ctx, &tree).await;
    let page = CategoryPage {
        category: view(category, counts.as_ref()),
        path: tree.above(category).into_iter().map(CategoryRef::from).collect(),
        children: tree.children(category.id).iter().map(|child| view(child, counts.as_ref())).collect(),
    };
    Ok(Reply::ok(&page)?.version(category.version))
}
