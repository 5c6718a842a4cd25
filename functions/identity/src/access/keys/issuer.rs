//! What a program must know to trust the shop's access tokens (OpenID Connect Discovery, as far as it applies: others
//! log nobody in here).

use bharatmart_runtime::http::Method;
use bharatmart_runtime::{Access, Ctx, Idempotency, Limit, Problem, Reply, Route, Spec};
use schemars::JsonSchema;
use serde::Serialize;

pub static ROUTE: Route = Route {
    name: "issuer-show",
    service: "identity",
    method: Method::GET,
    path: "/.well-known/openid-configuration",
    summary: "Describe the issuer of access tokens",
    access: Access::Public,
    limit: Limit::Ordinary,
    idempotency: Idempotency::None,
    needs: &[],
    memory_mb: 128,
    timeout_s: 10,
    handler: |ctx| Box::pin(show(ctx)),
};

#[derive(Serialize, JsonSchema)]
pub struct IssuerView {
    /// As in every token's iss.
    issuer: String,
    jwks_uri: String,
    token_endpoint: String,
    id_token_signing_alg_values_supported: [&'static str; 1],
    subject_types_supported: [&'static str; 1],
    response_types_supported: [&'static str; 1],
    grant_types_supported: [&'static str; 1],
    claims_supported: [&'static str; 9],
}

pub fn spec() -> Spec {
    Spec::new("Where the keys are, and what access tokens say.").answer::<IssuerView>(200, "The issuer.")
}

async fn show(ctx: &Ctx) -> Result<Reply, Problem> {
    ctx.query()?.finish()?;
    let issuer = &ctx.config().public_url;
    let view = IssuerView {
        issuer: issuer.clone(),
        jwks_uri: format!("{issuer}/.well-known/jwks.json"),
        token_endpoint: format!("{issuer}/api/v1/auth/token/refresh"),
        id_token_signing_alg_values_supported: ["EdDSA"],
        subject_types_supported: ["public"],
        response_types_supported: ["token"],
        grant_types_supported: ["refresh_token"],
        claims_supported: ["iss", "aud", "sub", "sid", "role", "tenant", "iat", "nbf", "exp"],
    };
    Ok(Reply::ok(&view)?.header("Cache-Control", "public, max-age=300"))
}
