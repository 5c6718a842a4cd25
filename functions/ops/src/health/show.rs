//! The whole picture for a person: version, dependencies, and how fresh the search index is.

use bharatmart_runtime::http::Method;
use bharatmart_runtime::{Access, Ctx, DependencyState, Idempotency, Limit, Need, Problem, Reply, Route, Spec};
use schemars::JsonSchema;
use serde::Serialize;

use super::Dependency;

pub static ROUTE: Route = Route {
    name: "health-show",
    service: "ops",
    method: Method::GET,
    path: "/health",
    summary: "How is it",
    access: Access::Public,
    limit: Limit::Unlimited,
    idempotency: Idempotency::None,
    needs: &[Need::FINDS, Need::PROBES_STORE, Need::PROBES_QUEUES, Need::PROBES_BLOBS, Need::CACHES],
    memory_mb: 256,
    timeout_s: 5,
    handler: |ctx| Box::pin(show(ctx)),
};

pub fn spec() -> Spec {
    Spec::new("Version, dependencies and the age of the search index. Always 200: it is for reading, not for routing.")
        .answer::<Health>(200, "How it is.")
}

#[derive(Serialize, JsonSchema)]
struct Health {
    /// `up`, or `degraded` when a dependency is down.
    status: &'static str,
    version: &'static str,
    dependencies: Vec<Dependency>,
    /// Of what this process reaches over a network: whether it is asked.
    breakers: Vec<Breaker>,
    search: Option<Snapshot>,
}

#[derive(Serialize, JsonSchema)]
struct Breaker {
    dependency: String,
    /// `closed` while it is asked, `open` while it is left alone because it was away, `half_open` while one call tries.
    state: &'static str,
    /// Calls that were repeated, since the process began.
    retries: u64,
}

impl From<DependencyState> for Breaker {
    fn from(of: DependencyState) -> Self {
        Breaker { dependency: of.name, state: of.breaker.name(), retries: of.retries }
    }
}

#[derive(Serialize, JsonSchema)]
struct Snapshot {
    documents: u64,
    published_at: String,
}

async fn show(ctx: &Ctx) -> Result<Reply, Problem> {
    let probed = ctx.app.probe().await;
    let snapshot = ctx.search()?.snapshot().await.ok().flatten();
    let status = if probed.iter().all(|probed| probed.error.is_none()) { "up" } else { "degraded" };
    let health = Health {
        status,
        version: env!("CARGO_PKG_VERSION"),
        dependencies: probed.iter().map(Dependency::from).collect(),
        breakers: ctx.app.dependencies().into_iter().map(Breaker::from).collect(),
        search: snapshot
            .map(|found| Snapshot { documents: found.documents, published_at: found.published_at.to_string() }),
    };
    Ok(Reply::ok(&health)?.header("Cache-Control", "no-store"))
}
