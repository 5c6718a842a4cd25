//! Posts a webhook of the mock payment provider to the shop, as a real one would from outside.

use std::time::Duration;

use bharatmart_adapters::budget;
use bharatmart_adapters::payments::{WebhookBody, sign};
use bharatmart_core::payments::Said;
use bharatmart_core::ports::Fault;
use bharatmart_core::{PaymentId, Tenant};
use http::{Request, header};
use hyper::body::Bytes;

use crate::config::WEBHOOK_KEY;
use crate::context::WorkCtx;
use crate::http1::{self, Failed};

const PORT: &str = "webhook";
const LIMIT: Duration = Duration::from_secs(5);
const LARGEST: usize = 64 * 1024;

pub async fn post(ctx: &WorkCtx, tenant: &Tenant, payment_id: PaymentId, status: Said) -> Result<(), Fault> {
    let sent_at = ctx.clock().now();
    let body = WebhookBody { tenant: tenant.clone(), payment_id, status, sent_at };
    let body = serde_json::to_vec(&body).map_err(|error| Fault::broken(PORT, error))?;
    let signature = sign(&ctx.keys(WEBHOOK_KEY).await?, &body, sent_at);
    let url = format!("{}/api/v1/webhooks/mock", ctx.config().public_url);
    let limit = LIMIT.min(budget::remaining());
    match tokio::time::timeout(limit, send(&url, body, &signature)).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(error)) => Err(Fault::away(PORT, format_args!("{url}: {error}"))),
        Err(_) => Err(Fault::away(PORT, format_args!("{url}: no answer within {} ms", limit.as_millis()))),
    }
}

async fn send(url: &str, body: Vec<u8>, signature: &str) -> Result<(), Failed> {
    let request = Request::post(url)
        .header(header::CONTENT_TYPE, "application/json")
        .header("x-webhook-signature", signature)
        .body(Bytes::from(body))?;
    let answer = http1::exchange(request, LARGEST).await?;
    match answer.status() {
        status if status.is_success() => Ok(()),
        status => Err(format!("it answered {status}").into()),
    }
}
