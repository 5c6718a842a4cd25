//! How much waits on each queue.

use bharatmart_core::Permission;
use bharatmart_core::queues;
use bharatmart_runtime::http::Method;
use bharatmart_runtime::{Access, Ctx, Idempotency, Limit, Need, Problem, Reply, Route, Spec};
use schemars::JsonSchema;
use serde::Serialize;

pub static ROUTE: Route = Route {
    name: "queues-list",
    service: "ops",
    method: Method::GET,
    path: "/api/v1/ops/queues",
    summary: "Look at the queues",
    access: Access::may(Permission::Operate),
    limit: Limit::Ordinary,
    idempotency: Idempotency::None,
    needs: &[Need::RUNS_QUEUES],
    memory_mb: 128,
    timeout_s: 10,
    handler: |ctx| Box::pin(list(ctx)),
};

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Queues")]
pub struct QueuesView {
    data: Vec<QueueView>,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Queue")]
pub struct QueueView {
    name: &'static str,
    /// Messages a worker may take now.
    ready: u64,
    /// Taken, and not done yet.
    in_flight: u64,
    /// To be taken later.
    delayed: u64,
    /// Those that failed too often; they wait to be sent back.
    dead: u64,
}

pub fn spec() -> Spec {
    Spec::new("How much waits on each queue, and how many messages failed too often.")
        .answer::<QueuesView>(200, "The queues; none where this deployment has no workers.")
}

async fn list(ctx: &Ctx) -> Result<Reply, Problem> {
    ctx.query()?.finish()?;
    let mut data = Vec::new();
    if let Some(queueing) = ctx.queues()? {
        for queue in queues::ALL {
            let waiting = queueing.waiting(queue).await?;
            let (ready, in_flight, delayed, dead) = (waiting.ready, waiting.in_flight, waiting.delayed, waiting.dead);
            data.push(QueueView { name: queue.name, ready, in_flight, delayed, dead });
        }
    }
    Reply::ok(&QueuesView { data })
}
