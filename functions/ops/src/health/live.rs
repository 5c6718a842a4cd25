//! The process answers. Nothing else is asked.

use bharatmart_runtime::http::Method;
use bharatmart_runtime::{Access, Ctx, Idempotency, Limit, Problem, Reply, Route, Spec};
use schemars::JsonSchema;
use serde::Serialize;

pub static ROUTE: Route = Route {
    name: "health-live",
    service: "ops",
    method: Method::GET,
    path: "/health/live",
    summary: "Is it alive",
    access: Access::Public,
    limit: Limit::Unlimited,
    idempotency: Idempotency::None,
    needs: &[],
    memory_mb: 128,
    timeout_s: 3,
    handler: |ctx| Box::pin(live(ctx)),
};

pub fn spec() -> Spec {
    Spec::new("Answers while the process does.").answer::<Alive>(200, "It is alive.")
}

#[derive(Serialize, JsonSchema)]
struct Alive {
    status: &'static str,
}

async fn live(_ctx: &Ctx) -> Result<Reply, Problem> {
    Reply::ok(&Alive { status: "up" })
}
