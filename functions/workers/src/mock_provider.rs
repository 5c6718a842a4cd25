//! The mock payment provider's own messenger: posts the webhooks that it owes, signed, to the shop's public address. What
//! is not taken is told again later.

use bharatmart_core::payments::WebhookDue;
use bharatmart_core::ports::Fault;
use bharatmart_core::{Event, queues};
use bharatmart_runtime::config::WEBHOOK_KEY;
use bharatmart_runtime::{Delivery, Job, Need, Verdict, WorkCtx, Worker, webhook};

pub static WORKER: Worker = Worker {
    name: "mock-provider",
    service: "workers",
    summary: "Post the mock payment provider's webhooks",
    job: Job::Queue { queue: &queues::MOCK_PROVIDER, batch: 10, handler: |ctx, batch| Box::pin(post_all(ctx, batch)) },
    needs: &[Need::secret(WEBHOOK_KEY), Need::receives(&queues::MOCK_PROVIDER)],
    memory_mb: 128,
    timeout_s: 20,
};

async fn post_all(ctx: &WorkCtx, batch: Vec<Delivery>) -> Vec<(Delivery, Verdict)> {
    let mut verdicts = Vec::with_capacity(batch.len());
    for delivery in batch {
        let verdict = match post(ctx, &delivery.event).await {
            Ok(()) => Verdict::Done,
            Err(fault) => Verdict::from(&fault),
        };
        verdicts.push((delivery, verdict));
    }
    verdicts
}

async fn post(ctx: &WorkCtx, event: &Event) -> Result<(), Fault> {
    let due: WebhookDue = event.told().map_err(|error| Fault::broken(WORKER.name, error))?;
    for said in due.says {
        webhook::post(ctx, &event.tenant, due.payment_id, said).await?;
    }
    Ok(())
}
