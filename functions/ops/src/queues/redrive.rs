//! Send back to its queue what failed too often.

use bharatmart_core::identity::Action;
use bharatmart_core::{Expect, Permission, queues};
use bharatmart_runtime::http::Method;
use bharatmart_runtime::{Access, Ctx, Idempotency, Limit, Need, Problem, Reply, Route, Spec};
use schemars::JsonSchema;
use serde::Serialize;

pub static ROUTE: Route = Route {
    name: "queues-redrive",
    service: "ops",
    method: Method::POST,
    path: "/api/v1/ops/queues/{name}/redrive",
    summary: "Send dead letters back to their queue",
    access: Access::may(Permission::Operate),
    limit: Limit::Ordinary,
    idempotency: Idempotency::None,
    needs: &[Need::RUNS_QUEUES, Need::COMMITS],
    memory_mb: 128,
    timeout_s: 20,
    handler: |ctx| Box::pin(redrive(ctx)),
};

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Redriven")]
pub struct RedrivenView {
    redriven: u64,
}

pub fn spec() -> Spec {
    Spec::new(
        "Sends the dead letters of a queue back to it, with a fresh count of tries. Mend first what made them fail.",
    )
    .path("name", "The queue's name, as the list has it.", "notifications")
    .answer::<RedrivenView>(200, "How many were sent back.")
    .problem(404, "not_found")
}

async fn redrive(ctx: &Ctx) -> Result<Reply, Problem> {
    let queue = queues::by_name(ctx.path("name")).ok_or_else(|| Problem::not_found("queue"))?;
    let redriven = match ctx.queues()? {
        Some(queueing) => queueing.redrive(queue).await?,
        None => 0,
    };
    let reply = Reply::ok(&RedrivenView { redriven })?;
    let hand = ctx.hand();
    let entry = hand.audit(Action::QueueRedriven, queue.name).detail("redriven", redriven);
    ctx.commit(hand.changes().put(&entry, Expect::New), &reply).await?;
    Ok(reply)
}
