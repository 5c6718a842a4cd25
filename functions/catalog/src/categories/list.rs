//! All categories of the shop.

use bharatmart_core::catalog::CategoryView;
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
    needs: &[Need::READS_CATALOG],
    memory_mb: 128,
    timeout_s: 10,
    handler: |ctx| Box::pin(list(ctx)),
};

pub fn spec() -> Spec {
    Spec::new("All categories of the shop, in the order they are shown.").answer::<Categories>(200, "The categories.")
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
    let categories = ctx.categories().await?;
    let data: Vec<_> = categories.iter().map(CategoryView::from).collect();
    Reply::ok(&Categories { total: data.len(), data, next_cursor: None })
}
