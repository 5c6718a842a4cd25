//! Who is calling. Until accounts exist there are only development tokens: signed, short-lived, and refused in
//! production.

use bharatmart_core::ports::{Clock, Fault};
use bharatmart_core::{Role, Tenant};
use http::{HeaderMap, StatusCode, header};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::config::{AppEnv, DEV_TOKEN_KEY};
use crate::problem::Problem;
use crate::route::Access;

const ISSUER: &str = "bharatmart-development";

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    pub subject: String,
    pub role: Role,
    pub tenant: Tenant,
}

#[derive(Serialize, Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    role: Role,
    tenant: Tenant,
    exp: i64,
}

/// 401 without a good token, 403 with one of another role.
pub(crate) async fn caller(app: &App, headers: &HeaderMap, access: Access) -> Result<Option<Caller>, Problem> {
    let Access::Role(gate) = access else { return Ok(None) };
    let caller = (gate.verify)(app, bearer(headers)?).await?;
    if !caller.role.may_act_as(gate.role) {
        let detail = format!("This needs the role {}; yours is {}.", gate.role.name(), caller.role.name());
        return Err(Problem::new(StatusCode::FORBIDDEN, "forbidden", detail));
    }
    Ok(Some(caller))
}

fn unauthorized(code: &'static str, detail: &str) -> Problem {
    Problem::new(StatusCode::UNAUTHORIZED, code, detail).header("WWW-Authenticate", "Bearer".to_owned())
}

fn bearer(headers: &HeaderMap) -> Result<&str, Problem> {
    let value = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let missing = || unauthorized("token_missing", "Send a token: Authorization: Bearer …");
    let (scheme, token) = value.and_then(|value| value.split_once(' ')).ok_or_else(missing)?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(missing());
    }
    Ok(token.trim())
}

pub(crate) async fn verify(app: &App, token: &str) -> Result<Caller, Problem> {
    if app.config.app_env == AppEnv::Production {
        return Err(unauthorized("token_invalid", "Development tokens are refused in production."));
    }
    let key = app.secret(DEV_TOKEN_KEY).await?;
    let mut validation = Validation::new(Algorithm::HS256);
    validation.set_issuer(&[ISSUER]);
    validation.validate_aud = false;
    validation.leeway = 0;
    let key = DecodingKey::from_secret(key.reveal().as_bytes());
    let claims = jsonwebtoken::decode::<Claims>(token, &key, &validation).map_err(|error| match error.kind() {
        jsonwebtoken::errors::ErrorKind::ExpiredSignature => unauthorized("token_expired", "The token has expired."),
        _ => unauthorized("token_invalid", "The token is not one of ours."),
    })?;
    let Claims { sub, role, tenant, .. } = claims.claims;
    Ok(Caller { subject: sub, role, tenant })
}

/// Makes a development token. `make dev` prints one.
pub fn development_token(key: &str, role: Role, tenant: &Tenant, clock: &dyn Clock) -> Result<String, Fault> {
    const LIFE_S: i64 = 30 * 24 * 3600;
    let claims = Claims {
        iss: ISSUER.to_owned(),
        sub: format!("dev-{}", role.name()),
        role,
        tenant: tenant.clone(),
        exp: clock.now().millis() / 1000 + LIFE_S,
    };
    let key = EncodingKey::from_secret(key.as_bytes());
    jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &key).map_err(|error| Fault::broken("token", error))
}
