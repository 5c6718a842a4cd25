//! The shop's access tokens: Ed25519 JWTs. What a token says of its algorithm decides nothing: there is one.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bharatmart_core::identity::User;
use bharatmart_core::ports::Fault;
use bharatmart_core::{Role, SessionId, Tenant, Timestamp, UserId};
use jsonwebtoken::{Algorithm, Validation};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::checked::Checked;
use super::keys::{Key, KeySet};
use super::{Caller, unauthorized};
use crate::app::App;
use crate::problem::Problem;

pub const LIFE: Duration = Duration::from_secs(900);
/// The clocks of two machines differ; a token must not be too young where it is used first.
const EARLIER_S: i64 = 5;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Claims {
    pub iss: String,
    pub aud: String,
    pub sub: UserId,
    pub sid: SessionId,
    pub role: Role,
    pub tenant: Tenant,
    pub iat: i64,
    pub nbf: i64,
    pub exp: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refused {
    Expired,
    NotOurs,
}

impl From<Refused> for Problem {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Expired => unauthorized("token_expired", "The token has expired."),
            Refused::NotOurs => unauthorized("token_invalid", "The token is not one of ours."),
        }
    }
}

impl App {
    pub(crate) async fn access_token(&self, tenant: &Tenant, user: &User, session: SessionId) -> Result<String, Fault> {
        let now = self.clock.now().millis() / 1_000;
        let claims = Claims {
            iss: self.config.public_url.clone(),
            aud: self.config.token_audience.clone(),
            sub: user.id,
            sid: session,
            role: user.role,
            tenant: tenant.clone(),
            iat: now,
            nbf: now - EARLIER_S,
            exp: now + LIFE.as_secs() as i64,
        };
        sign(&*self.token_keys().await?, &claims)
    }
}

pub(super) async fn verify(app: &App, token: &str) -> Result<Caller, Problem> {
    let expected = Expected { issuer: &app.config.public_url, audience: &app.config.token_audience };
    let keys = app.token_keys_with(&kid_of(token)?).await?;
    let checked = check(&keys, &app.checked, token, &expected, app.clock.now());
    let Claims { sub, sid, role, tenant, .. } = checked?;
    Ok(Caller { user: sub, session: Some(sid), role, tenant })
}

/// The key that a token names, before anything of it is believed.
pub(super) fn kid_of(token: &str) -> Result<String, Refused> {
    jsonwebtoken::decode_header(token).ok().and_then(|header| header.kid).ok_or(Refused::NotOurs)
}

pub(super) struct Expected<'a> {
    pub issuer: &'a str,
    pub audience: &'a str,
}

fn sign(keys: &KeySet, claims: &Claims) -> Result<String, Fault> {
    let key = keys.signing();
    let header = json!({ "alg": "EdDSA", "typ": "JWT", "kid": key.kid }).to_string();
    let claims = serde_json::to_string(claims).map_err(|error| Fault::broken("token", error))?;
    let mut token = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
    let signature = URL_SAFE_NO_PAD.encode(key.pair.sign(token.as_bytes()));
    token.push('.');
    token.push_str(&signature);
    Ok(token)
}

/// Time is told by the shop's clock, so the library is asked for the signature alone.
pub(super) fn check(
    keys: &KeySet,
    checked: &Checked,
    token: &str,
    expected: &Expected<'_>,
    now: Timestamp,
) -> Result<Claims, Refused> {
    let key = keys.find(&kid_of(token)?).ok_or(Refused::NotOurs)?;
    let claims = checked.claims(key, token, || signed(key, token))?;
    let now = now.millis().div_euclid(1_000);
    if claims.iss != expected.issuer || claims.aud != expected.audience || claims.nbf > now {
        return Err(Refused::NotOurs);
    }
    if claims.exp <= now { Err(Refused::Expired) } else { Ok(claims) }
}

fn signed(key: &Key, token: &str) -> Result<Claims, Refused> {
    let mut signature = Validation::new(Algorithm::EdDSA);
    signature.required_spec_claims.clear();
    (signature.validate_exp, signature.validate_aud) = (false, false);
    let decoded = jsonwebtoken::decode::<Claims>(token, &key.verifying, &signature);
    Ok(decoded.map_err(|_| Refused::NotOurs)?.claims)
}
