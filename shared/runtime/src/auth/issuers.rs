//! Tokens of outside issuers: checked by the issuer's published keys, and an account made for whoever is new.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bharatmart_adapters::dependency::Dependency;
use bharatmart_core::identity::{Scene, User, UserStatus, outsider, outsider_id};
use bharatmart_core::ports::{CommitError, Fault};
use bharatmart_core::record::RecordKey;
use bharatmart_core::{Refusal, Role, Timestamp};
use jsonwebtoken::Validation;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::fetch::{PORT, fetch};
use super::jwks::OutsideKeys;
use super::keys::ASKED_AGAIN;
use super::tokens::{Refused, kid_of};
use super::{Caller, session_revoked, unauthorized};
use crate::app::App;
use crate::config::Issuer;
use crate::problem::Problem;

/// After this the keys are asked for again: one that was withdrawn is forgotten by then.
const KEPT: Duration = Duration::from_secs(3_600);
/// The issuer's clock is another's.
const LEEWAY_S: f64 = 30.0;

type Claims = Map<String, Value>;

/// The issuer that a token names, before anything of it is believed.
pub(super) fn named<'a>(issuers: &'a [Issuer], token: &str) -> Option<&'a Issuer> {
    #[derive(Deserialize)]
    struct Named {
        iss: String,
    }
    if issuers.is_empty() {
        return None;
    }
    let Named { iss } = jsonwebtoken::dangerous::insecure_decode_claims(token).ok()?;
    issuers.iter().find(|issuer| issuer.issuer == iss)
}

pub(super) async fn verify(app: &App, issuer: &Issuer, token: &str) -> Result<Caller, Problem> {
    let claims = signed(app, issuer, token).await?;
    let subject = check(issuer, &claims, app.clock.now())?;
    let role = role(issuer, &claims);
    let user = account(app, issuer, subject, role, &claims).await?;
    if user.status != UserStatus::Active {
        return Err(unauthorized("account_disabled", "This account is closed."));
    }
    // Logging out everywhere leaves no token good; one that does not say when it was issued may be older.
    let issued = claims.get("iat").and_then(Value::as_f64).unwrap_or(0.0) * 1_000.0;
    if issued < user.sessions_since.millis() as f64 {
        return Err(session_revoked());
    }
    Ok(Caller { user: user.id, session: None, role, tenant: issuer.tenant.clone() })
}

/// Its claims, once one of the issuer's keys has shown that they are the issuer's.
async fn signed(app: &App, issuer: &Issuer, token: &str) -> Result<Claims, Problem> {
    let kid = kid_of(token)?;
    let keys = app.issuers.keys(issuer, app.clock.now(), |keys| keys.find(&kid).is_some()).await?;
    let key = keys.find(&kid).ok_or(Refused::NotOurs)?;
    let mut signature = Validation::new(key.algorithm);
    signature.required_spec_claims.clear();
    (signature.validate_exp, signature.validate_aud) = (false, false);
    let decoded = jsonwebtoken::decode::<Claims>(token, &key.key, &signature).map_err(|_| Refused::NotOurs)?;
    Ok(decoded.claims)
}

/// Whose token it is, when it is for us and for now.
fn check<'a>(issuer: &Issuer, claims: &'a Claims, now: Timestamp) -> Result<&'a str, Refused> {
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    // Cognito names the client of its access tokens so, and no audience.
    let audience = claims.get("aud").or_else(|| claims.get("client_id"));
    let ours = audience.is_some_and(|audience| texts(audience).any(|one| one == issuer.audience));
    if text("iss") != Some(&issuer.issuer) || !ours {
        return Err(Refused::NotOurs);
    }
    let now = now.millis() as f64 / 1_000.0;
    let expires = claims.get("exp").and_then(Value::as_f64).ok_or(Refused::NotOurs)?;
    let early = match claims.get("nbf") {
        None => false,
        Some(begins) => begins.as_f64().ok_or(Refused::NotOurs)? > now + LEEWAY_S,
    };
    let subject = text("sub").filter(|subject| (1..=255).contains(&subject.len())).ok_or(Refused::NotOurs)?;
    match (early, expires + LEEWAY_S <= now) {
        (true, _) => Err(Refused::NotOurs),
        (_, true) => Err(Refused::Expired),
        _ => Ok(subject),
    }
}

/// A claim that is one text or a list of them.
fn texts(value: &Value) -> impl Iterator<Item = &str> {
    let list = value.as_array().map(Vec::as_slice).unwrap_or_default();
    list.iter().filter_map(Value::as_str).chain(value.as_str())
}

/// The most that any of its roles allows, by the shop's own names for them.
fn role(issuer: &Issuer, claims: &Claims) -> Role {
    let Some(claim) = &issuer.role_claim else { return Role::Customer };
    // A claim's own name may hold dots: https://shop.example/roles.
    let found = claims.get(claim).or_else(|| {
        let mut path = claim.split('.');
        path.next().and_then(|first| path.try_fold(claims.get(first)?, |value, part| value.get(part)))
    });
    let named: Vec<Role> =
        found.into_iter().flat_map(texts).filter_map(|name| issuer.roles.get(name).copied()).collect();
    Role::ALL.iter().rev().copied().find(|role| named.contains(role)).unwrap_or(Role::Customer)
}

async fn account(app: &App, issuer: &Issuer, subject: &str, role: Role, claims: &Claims) -> Result<User, Problem> {
    let tenant = &issuer.tenant;
    let id = outsider_id(tenant, &issuer.issuer, subject);
    let key = RecordKey::alone(id);
    if let Some(user) = app.find::<User>(tenant, &key).await? {
        return Ok(user);
    }
    let name = claims.get("name").or_else(|| claims.get("preferred_username")).and_then(Value::as_str);
    let (clock, ids, random) = (app.clock.as_ref(), app.ids.as_ref(), app.random.as_ref());
    let (user, changes) = outsider(Scene { tenant, clock, ids, random, address: None }, id, role, name);
    match app.store()?.commit(changes).await {
        Ok(()) => Ok(user),
        // Another request of theirs was first.
        Err(CommitError::Refused(Refusal::Exists(_))) => {
            let gone = || Fault::busy("store", "an account that exists was not found");
            Ok(app.find(tenant, &key).await?.ok_or_else(gone)?)
        }
        Err(error) => Err(error.into()),
    }
}

/// What this process knows of each issuer's keys.
#[derive(Default)]
pub(crate) struct Issuers(Mutex<HashMap<String, Arc<Known>>>);

struct Known {
    dependency: Arc<Dependency>,
    keys: Mutex<Option<(Arc<OutsideKeys>, Timestamp)>>,
    /// Held while asking, so that many who miss a key ask once; when that was.
    asked: tokio::sync::Mutex<Option<Timestamp>>,
}

impl Known {
    fn of(issuer: &Issuer) -> Arc<Known> {
        let dependency = Arc::new(Dependency::new(&issuer.issuer, PORT));
        Arc::new(Known { dependency, keys: Mutex::default(), asked: tokio::sync::Mutex::default() })
    }

    fn keys(&self) -> Option<(Arc<OutsideKeys>, Timestamp)> {
        self.keys.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Issuers {
    /// Those that were asked for keys.
    pub(crate) fn dependencies(&self) -> Vec<Arc<Dependency>> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.values().map(|known| known.dependency.clone()).collect()
    }

    /// Those known, when they will do and are fresh; else asked for anew, at most once in a while. While the issuer is
    /// away the old ones hold.
    async fn keys(
        &self,
        issuer: &Issuer,
        now: Timestamp,
        will_do: impl Fn(&OutsideKeys) -> bool,
    ) -> Result<Arc<OutsideKeys>, Fault> {
        let known = {
            let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            all.entry(issuer.issuer.clone()).or_insert_with(|| Known::of(issuer)).clone()
        };
        let good = |keys: &OutsideKeys, since: Timestamp| will_do(keys) && now < since.after(KEPT);
        if let Some((keys, since)) = known.keys()
            && good(&keys, since)
        {
            return Ok(keys);
        }
        let mut asked = known.asked.lock().await;
        let stale = match known.keys() {
            // Somebody asked while this one waited.
            Some((keys, since)) if good(&keys, since) => return Ok(keys),
            stale => stale.map(|(keys, _)| keys),
        };
        let asked_lately = asked.is_some_and(|before| now < before.after(ASKED_AGAIN));
        let fresh = if asked_lately {
            Err(Fault::away(PORT, "it did not answer a moment ago"))
        } else {
            *asked = Some(now);
            fetch(&known.dependency, &issuer.jwks_url).await.and_then(|jwks| OutsideKeys::parse(&jwks))
        };
        match (fresh, stale) {
            (Ok(keys), _) => {
                let keys = Arc::new(keys);
                *known.keys.lock().unwrap_or_else(PoisonError::into_inner) = Some((keys.clone(), now));
                Ok(keys)
            }
            (Err(fault), Some(stale)) => {
                if !asked_lately {
                    tracing::warn!(issuer = issuer.issuer, error = %fault, "an issuer's keys were not read anew");
                }
                Ok(stale)
            }
            (Err(fault), None) => Err(fault),
        }
    }
}
