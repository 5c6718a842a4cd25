//! Idempotency keys: claimed with a lease and a fence before work starts; answered by the commit, or freed.

use std::sync::atomic::Ordering;
use std::time::Duration;

use bharatmart_core::ports::{IdempotencyKey, KeyClaim};
use http::HeaderMap;
use sha2::{Digest, Sha256};

use crate::context::Ctx;
use crate::problem::Problem;
use crate::reply::Reply;
use crate::request::body_bytes;
use crate::route::Idempotency;

/// How long an answer is kept.
pub(crate) const KEPT: Duration = Duration::from_secs(24 * 3600);
/// A lease outlives the function by this, so that a time-out has ended before another may start.
const MARGIN: Duration = Duration::from_secs(5);

/// `Some(reply)` when the request was answered before.
pub(crate) async fn claim(ctx: &mut Ctx) -> Result<Option<Reply>, Problem> {
    let key = match (ctx.route.idempotency, key_of(ctx.request.headers())?) {
        (Idempotency::None, _) | (Idempotency::Optional, None) => return Ok(None),
        (Idempotency::Required, None) => {
            let detail = "Send an Idempotency-Key header, so that a repetition is not done twice.";
            return Err(Problem::bad_request("idempotency_key_missing", detail));
        }
        (_, Some(key)) => key,
    };
    let caller = ctx.caller.as_ref().map_or("guest", |caller| caller.subject.as_str());
    let key = IdempotencyKey(format!("{caller}/{}/{key}", ctx.route.name));
    let lease = Duration::from_secs(u64::from(ctx.route.timeout_s)) + MARGIN;
    let now = ctx.clock().now();
    let store = ctx.app.store()?;
    match store.claim_key(&ctx.tenant, &key, &request_hash(ctx), lease, now).await? {
        KeyClaim::Mine(fence) => {
            ctx.key = Some((key, fence));
            Ok(None)
        }
        KeyClaim::Answered(answer) => Ok(Some(Reply::from_answer(answer).header("Idempotency-Replayed", "true"))),
        KeyClaim::Running { until } => {
            let wait = until.since(now).as_secs().clamp(1, 30) as u32;
            let detail = "A request with this key is still running.";
            Err(Problem::conflict("request_in_progress", detail).retry_after(wait))
        }
        KeyClaim::AnotherRequest => {
            let status = http::StatusCode::UNPROCESSABLE_ENTITY;
            let detail = "This key was used for another request; use a new one.";
            Err(Problem::new(status, "idempotency_key_reused", detail))
        }
    }
}

/// Only a committed answer is kept; whatever else happened frees the key. When nobody knows whether it was committed the
/// lease runs out by itself.
pub(crate) async fn settle(ctx: &Ctx) {
    let Some((key, fence)) = &ctx.key else { return };
    if ctx.keeps_key.load(Ordering::Acquire) {
        return;
    }
    let freed = match ctx.app.store() {
        Ok(store) => store.free_key(&ctx.tenant, key, *fence).await,
        Err(fault) => Err(fault),
    };
    if let Err(fault) = freed {
        tracing::warn!(error = %fault, "an idempotency key was not freed; its lease will run out");
    }
}

fn key_of(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let Some(value) = headers.get("idempotency-key").or_else(|| headers.get("x-idempotency-key")) else {
        return Ok(None);
    };
    let visible = |text: &&str| (1..=128).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic());
    match value.to_str().ok().filter(visible) {
        Some(key) => Ok(Some(key.to_owned())),
        None => Err(Problem::bad_request("idempotency_key_invalid", "A key is 1 to 128 visible ASCII characters.")),
    }
}

fn request_hash(ctx: &Ctx) -> String {
    let mut hash = Sha256::new();
    hash.update(ctx.request.uri().path());
    hash.update([0]);
    hash.update(ctx.request.uri().query().unwrap_or_default());
    hash.update([0]);
    hash.update(body_bytes(ctx.request.body()));
    hash.finalize().iter().fold(String::with_capacity(64), |mut text, byte| {
        use std::fmt::Write as _;
        let _written = write!(text, "{byte:02x}");
        text
    })
}
