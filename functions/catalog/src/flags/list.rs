//! Every flag.

use bharatmart_core::Permission;
use bharatmart_core::flags::{FLAG, Flag, FlagView};
use bharatmart_runtime::http::Method;
use bharatmart_runtime::{Access, Ctx, Idempotency, Limit, Need, Problem, Reply, Route, Spec};
use schemars::JsonSchema;
use serde::Serialize;

use crate::all::all;

pub static ROUTE: Route = Route {
    name: "flags-list",
    service: "catalog",
    method: Method::GET,
    path: "/api/v1/admin/flags",
    summary: "List flags",
    access: Access::may(Permission::ManageFlags),
    limit: Limit::Ordinary,
    idempotency: Idempotency::None,
    needs: &[Need::reads(&FLAG)],
    memory_mb: 128,
    timeout_s: 10,
    handler: |ctx| Box::pin(list(ctx)),
};

pub fn spec() -> Spec {
    Spec::new("Every flag, by name.").answer::<FlagPage>(200, "The flags.")
}

#[derive(Serialize, JsonSchema)]
struct FlagPage {
    data: Vec<FlagView>,
    next_cursor: Option<String>,
    total: usize,
}

async fn list(ctx: &Ctx) -> Result<Reply, Problem> {
    ctx.query()?.finish()?;
    let mut flags = all(ctx, |flag: &Flag| flag.name.clone()).await?;
    flags.sort_by(|a, b| a.name.cmp(&b.name));
    let data: Vec<_> = flags.iter().map(FlagView::from).collect();
    Reply::ok(&FlagPage { total: data.len(), data, next_cursor: None })
}
