//! Whether customers can be served: checkout needs the store alone, so the store alone decides.

use bharatmart_runtime::http::{Method, StatusCode};
use bharatmart_runtime::{Access, Ctx, Idempotency, Limit, Need, Problem, Reply, Route, Spec};
use schemars::JsonSchema;
use serde::Serialize;

use super::Dependency;

pub static ROUTE: Route = Route {
    name: "health-ready",
    service: "ops",
    method: Method::GET,
    path: "/health/ready",
    summary: "Is it ready",
    access: Access::Public,
    limit: Limit::Unlimited,
    idempotency: Idempotency::None,
    needs: &[Need::PROBES_STORE, Need::PROBES_QUEUES, Need::PROBES_BLOBS, Need::CACHES],
    memory_mb: 128,
    timeout_s: 5,
    handler: |ctx| Box::pin(ready(ctx)),
};

pub fn spec() -> Spec {
    Spec::new("Asks every dependency, and tells which is down. Ready is who can reach the store.")
        .answer::<Readiness>(200, "It is ready; `degraded` when something else than the store is down.")
        .answer::<Readiness>(503, "The store is down.")
}

#[derive(Serialize, JsonSchema)]
struct Readiness {
    /// `ready`, `degraded` or `unready`.
    status: &'static str,
    dependencies: Vec<Dependency>,
}

async fn ready(ctx: &Ctx) -> Result<Reply, Problem> {
    let probed = ctx.app.probe().await;
    let down = |name: Option<&str>| probed.iter().any(|p| p.error.is_some() && name.is_none_or(|name| p.name == name));
    let (code, status) = match (down(Some("store")), down(None)) {
        (true, _) => (StatusCode::SERVICE_UNAVAILABLE, "unready"),
        (false, true) => (StatusCode::OK, "degraded"),
        (false, false) => (StatusCode::OK, "ready"),
    };
    let dependencies = probed.iter().map(Dependency::from).collect();
    Ok(Reply::json(code, &Readiness { status, dependencies })?.header("Cache-Control", "no-store"))
}
