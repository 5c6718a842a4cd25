//! What is switched on for the caller.

use std::collections::BTreeMap;

use bharatmart_core::flags::FLAG;
use bharatmart_runtime::http::Method;
use bharatmart_runtime::{Access, Ctx, Idempotency, Limit, Need, Problem, Reply, Route, Spec};
use schemars::JsonSchema;
use serde::Serialize;

pub static ROUTE: Route = Route {
    name: "flags-show",
    service: "catalog",
    method: Method::GET,
    path: "/api/v1/flags",
    summary: "Read what is switched on for the caller",
    access: Access::guest(),
    limit: Limit::Ordinary,
    idempotency: Idempotency::None,
    needs: &[Need::reads(&FLAG)],
    memory_mb: 128,
    timeout_s: 10,
    handler: |ctx| Box::pin(show(ctx)),
};

pub fn spec() -> Spec {
    Spec::new(
        "Each flag as it is for the caller, a few seconds old at most. What is not there is as whoever asks has it.",
    )
    .answer::<Flags>(200, "Names, and whether each is on.")
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Flags")]
struct Flags {
    data: BTreeMap<String, bool>,
}

async fn show(ctx: &Ctx) -> Result<Reply, Problem> {
    ctx.query()?.finish()?;
    let data = ctx.flags().await.unwrap_or_else(|fault| {
        tracing::warn!(error = %fault, "no flag is known just now");
        BTreeMap::new()
    });
    Ok(Reply::ok(&Flags { data })?.header("Cache-Control", "private, max-age=5"))
}
