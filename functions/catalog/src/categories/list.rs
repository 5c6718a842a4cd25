//! All categories of the shop, with how many products there are in each.

use bharatmart_core::catalog::{CategoryView, Tree};
use bharatmart_runtime::http::Method;
use bharatmart_runtime::{Access, Ctx, Idempotency, Limit, Need, Problem, Reply, Route, Spec};
use schemars::JsonSchema;
use serde::Serialize;

pub static ROUTE: Route = Route {
    name: "categories-list",
    service: "catalog",
    method: Method::GET,
    path: "/api/v1/categories",
    summary: "List categories",
    access: Access::Public,
    limit: Limit::Ordinary,
    idempotency: Idempotency::None,
    needs: &[Need::READS_CATALOG, Need::FINDS],
    memory_mb: 256,
    timeout_s: 10,
    handler: |ctx| Box::pin(list(ctx)),
};

pub fn spec() -> Spec {
    Spec::new(
        "All categories of the shop, by position, each with its parent and with how many products there are in it and \
         all below it.",
    )
    .answer::<Categories>(200, "The categories.")
}

#[derive(Serialize, JsonSchema)]
struct Categories {
    data: Vec<CategoryView>,
    next_cursor: Option<String>,
    total: usize,
}

async fn list(ctx: &Ctx) -> Result<Reply, Problem> {
    let query = ctx.query()?;
    query.finish()?;
    let known = ctx.categories().await?;
    let tree = Tree::of(&known);
    let counts = super::counts(ctx, &tree).await;
    let data: Vec<_> = tree.all().iter().map(|category| super::view(category, counts.as_ref())).collect();
    Reply::ok(&Categories { total: data.len(), data, next_cursor: None })
}
