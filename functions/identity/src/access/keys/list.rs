//! The keys by which anybody can check the shop's access tokens.

use bharatmart_runtime::config::TOKEN_KEYS;
use bharatmart_runtime::http::Method;
use bharatmart_runtime::{Access, Ctx, Idempotency, Limit, Need, Problem, Reply, Route, Spec};
use schemars::JsonSchema;

pub static ROUTE: Route = Route {
    name: "keys-list",
    service: "identity",
    method: Method::GET,
    path: "/.well-known/jwks.json",
    summary: "List the public keys of access tokens",
    access: Access::Public,
    limit: Limit::Ordinary,
    idempotency: Idempotency::None,
    needs: &[Need::secret(TOKEN_KEYS)],
    memory_mb: 128,
    timeout_s: 10,
    handler: |ctx| Box::pin(list(ctx)),
};

/// A JSON Web Key Set (RFC 7517).
#[derive(JsonSchema)]
#[allow(dead_code, reason = "describes to OpenAPI what the runtime writes")]
struct Keys {
    keys: Vec<Key>,
}

#[derive(JsonSchema)]
#[allow(dead_code, reason = "describes to OpenAPI what the runtime writes")]
struct Key {
    kty: String,
    crv: String,
    kid: String,
    x: String,
    alg: String,
    #[serde(rename = "use")]
    usage: String,
}

pub fn spec() -> Spec {
    Spec::new("The public keys of access tokens, by kid. A new key is listed before it signs.")
        .answer::<Keys>(200, "The keys.")
}

async fn list(ctx: &Ctx) -> Result<Reply, Problem> {
    ctx.query()?.finish()?;
    Ok(Reply::ok(&ctx.public_keys().await?)?.header("Cache-Control", "public, max-age=300"))
}
