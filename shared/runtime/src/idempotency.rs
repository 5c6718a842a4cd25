//! Idempotency keys: where a request has one, whose it is, and how it is answered that somebody else has it.

use std::time::Duration;

use bharatmart_core::once::{Claimed, Once};
use bharatmart_core::ports::IdempotencyKey;
use http::HeaderMap;
use sha2::{Digest, Sha256};

use crate::auth::Caller;
use crate::context::Ctx;
use crate::problem::Problem;
use crate::reply::Reply;
use crate::request::body_bytes;
use crate::route::Idempotency;

/// As many characters of base64url hold 96 random bits.
const LEAST_OF_GUEST: usize = 16;

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
    let cart = ctx.header("x-cart-token").unwrap_or_default();
    let scope = scope(ctx.caller.as_ref(), ctx.address(), cart, &key)?;
    let key = IdempotencyKey(format!("{scope}/{}/{key}", ctx.route.name));
    let limit = Duration::from_secs(u64::from(ctx.route.timeout_s));
    let now = ctx.clock().now();
    match Once::claim(ctx.app.store()?, &ctx.tenant, key, &request_hash(ctx), limit, now).await? {
        Claimed::Mine(once) => {
            ctx.once = Some(once);
            Ok(None)
        }
        Claimed::Answered(answer) => Ok(Some(Reply::from_answer(answer).header("Idempotency-Replayed", "true"))),
        Claimed::Running { until } => {
            let wait = until.since(now).as_secs().clamp(1, 30) as u32;
            let detail = "A request with this key is still running.";
            Err(Problem::conflict("request_in_progress", detail).retry_after(wait))
        }
        Claimed::AnotherRequest => {
            let status = http::StatusCode::UNPROCESSABLE_ENTITY;
            let detail = "This key was used for another request; use a new one.";
            Err(Problem::new(status, "idempotency_key_reused", detail))
        }
    }
}

pub(crate) async fn settle(ctx: &Ctx) {
    let Some(once) = &ctx.once else { return };
    let settled = match ctx.app.store() {
        Ok(store) => once.settle(store, &ctx.tenant).await,
        Err(fault) => Err(fault),
    };
    if let Err(fault) = settled {
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

/// Whose key it is. Guests have no name, and many share an address: a guest's key holds for the address and the cart it
/// was used with, and must be one that nobody else hits on, so that no guest is given another's answer.
fn scope(caller: Option<&Caller>, address: &str, cart: &str, key: &str) -> Result<String, Problem> {
    if let Some(caller) = caller {
        return Ok(caller.user.to_string());
    }
    if key.len() < LEAST_OF_GUEST {
        let detail = format!("Without a login a key is at least {LEAST_OF_GUEST} characters, a random UUID say.");
        return Err(Problem::bad_request("idempotency_key_invalid", detail));
    }
    Ok(format!("guest-{}", sha256(&[address.as_bytes(), cart.as_bytes()])))
}

fn request_hash(ctx: &Ctx) -> String {
    let uri = ctx.request.uri();
    sha256(&[uri.path().as_bytes(), uri.query().unwrap_or_default().as_bytes(), body_bytes(ctx.request.body())])
}

fn sha256(parts: &[&[u8]]) -> String {
    let mut hash = Sha256::new();
    for (nth, part) in parts.iter().enumerate() {
        if nth > 0 {
            hash.update([0]);
        }
        hash.update(part);
    }
    hash.finalize().iter().fold(String::with_capacity(64), |mut text, byte| {
        use std::fmt::Write as _;
        let _written = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use bharatmart_core::{Role, Tenant};

    use super::*;

    const KEY: &str = "0198f6b2-7c1e-7d6a";

    #[test]
    fn no_guest_is_given_anothers_answer() {
        let guest = |address, cart| scope(None, address, cart, KEY).unwrap();
        assert_eq!(guest("203.0.113.7", "cart"), guest("203.0.113.7", "cart"));
        assert_ne!(guest("203.0.113.7", "cart"), guest("203.0.113.8", "cart"));
        assert_ne!(guest("203.0.113.7", "cart"), guest("203.0.113.7", "other"));
        let guessable = scope(None, "203.0.113.7", "cart", "checkout-1").unwrap_err();
        assert_eq!(guessable.code, "idempotency_key_invalid");
    }

    #[test]
    fn a_users_key_is_theirs_wherever_they_are() {
        let user = "usr_0198f6b27c1e7d6a8000000000000001".parse().unwrap();
        let caller = Caller { user, session: None, role: Role::Customer, tenant: Tenant::main() };
        let of = |address| scope(Some(&caller), address, "", "1").unwrap();
        assert_eq!(of("203.0.113.7"), of("203.0.113.8"));
        assert_eq!(of("203.0.113.7"), user.to_string());
    }
}
