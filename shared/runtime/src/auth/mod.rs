//! Who is calling: a token of ours, or of an outside issuer, checked at the door of a route that asks.

mod checked;
mod fetch;
mod gate;
mod issuers;
mod jwks;
mod keys;
#[cfg(test)]
mod tests;
mod tokens;

use bharatmart_core::{Role, SessionId, Tenant, UserId};
use http::{HeaderMap, StatusCode, header};

use crate::app::App;
use crate::problem::Problem;
use crate::route::Access;

pub(crate) use checked::Checked;
pub use gate::Gate;
pub(crate) use gate::{LIVE_SESSION, TOKEN};
pub(crate) use issuers::Issuers;
pub(crate) use keys::TokenKeys;
pub use tokens::LIFE as TOKEN_LIFE;

/// Whose token came with a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    pub user: UserId,
    /// `None`: logged in with an outside issuer, whose sessions are not ours.
    pub session: Option<SessionId>,
    pub role: Role,
    pub tenant: Tenant,
}

/// 401 without a good token where one is needed, and with a bad one anywhere; 403 with one of a role that may not.
pub(crate) async fn caller(
    app: &App,
    headers: &HeaderMap,
    host: &Tenant,
    access: Access,
) -> Result<Option<Caller>, Problem> {
    let Some(gate) = access.gate() else { return Ok(None) };
    let Some(value) = headers.get(header::AUTHORIZATION) else {
        return if matches!(access, Access::Guest(_)) { Ok(None) } else { Err(missing()) };
    };
    let token = value.to_str().ok().and_then(bearer).ok_or_else(missing)?;
    let caller = (gate.verify)(app, token).await?;
    if app.config.tenant_domain.is_some() && caller.tenant != *host {
        return Err(Problem::new(StatusCode::FORBIDDEN, "forbidden", "The token is another shop's."));
    }
    if let Some(permission) = access.permission()
        && !caller.role.may(permission)
    {
        let detail =
            format!("This needs the permission {}; a {} has not got it.", permission.name(), caller.role.name());
        return Err(Problem::new(StatusCode::FORBIDDEN, "forbidden", detail));
    }
    if let Some(recheck) = gate.recheck {
        recheck(app, &caller).await?;
    }
    Ok(Some(caller))
}

pub(crate) fn missing() -> Problem {
    unauthorized("token_missing", "Send a token: Authorization: Bearer …")
}

fn unauthorized(code: &'static str, detail: &str) -> Problem {
    Problem::new(StatusCode::UNAUTHORIZED, code, detail).header("WWW-Authenticate", "Bearer".to_owned())
}

fn session_revoked() -> Problem {
    unauthorized("session_revoked", "This session has ended; log in again.")
}

fn bearer(value: &str) -> Option<&str> {
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}
