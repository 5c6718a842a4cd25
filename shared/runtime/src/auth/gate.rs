//! How a route asks who calls. A gate carries its checks as a need carries its opener: only routes that ask link them.

use bharatmart_core::identity::{SESSION, Session, USER, User, UserStatus};
use bharatmart_core::record::RecordKey;
use futures_util::future::{BoxFuture, try_join};

use super::{Caller, issuers, session_revoked, tokens};
use crate::app::App;
use crate::config::TOKEN_KEYS;
use crate::need::Need;
use crate::problem::Problem;

#[derive(Clone, Copy)]
pub struct Gate {
    pub(crate) verify: Verify,
    /// Asks the store as well.
    pub(crate) recheck: Option<Recheck>,
    pub(crate) needs: &'static [Need],
}

/// Whose token it is. Which shop it is for was decided where it was issued, never by the host it is sent to.
pub(crate) type Verify = for<'a> fn(&'a App, &'a str) -> BoxFuture<'a, Result<Caller, Problem>>;
pub(crate) type Recheck = for<'a> fn(&'a App, &'a Caller) -> BoxFuture<'a, Result<(), Problem>>;

/// A good token is enough: an ended session dies with its token, a quarter of an hour later at most.
pub(crate) const TOKEN: Gate = Gate {
    verify: |app, token| Box::pin(whose(app, token)),
    recheck: None,
    needs: const { &[Need::secret(TOKEN_KEYS), Need::reads(&USER), Need::KNOWS_OUTSIDERS] },
};

/// Its session must be live too, and its user still be who the token says.
pub(crate) const LIVE_SESSION: Gate = Gate {
    recheck: Some(|app, caller| Box::pin(live(app, caller))),
    needs: const { &[Need::secret(TOKEN_KEYS), Need::reads(&USER), Need::reads(&SESSION), Need::KNOWS_OUTSIDERS] },
    ..TOKEN
};

async fn whose(app: &App, token: &str) -> Result<Caller, Problem> {
    match issuers::named(&app.config.oidc_issuers, token) {
        Some(issuer) => issuers::verify(app, issuer, token).await,
        None => tokens::verify(app, token).await,
    }
}

async fn live(app: &App, caller: &Caller) -> Result<(), Problem> {
    // The account of an outside issuer's user was looked at when its token was.
    let Some(session) = caller.session else { return Ok(()) };
    let (user, session) = (RecordKey::alone(caller.user), RecordKey::of_user(caller.user, session));
    let (user, session) =
        try_join(app.find::<User>(&caller.tenant, &user), app.find::<Session>(&caller.tenant, &session)).await?;
    let now = app.clock.now();
    let good = user.zip(session).is_some_and(|(user, session)| {
        user.status == UserStatus::Active
            && user.role == caller.role
            && session.revoked_at.is_none()
            && session.expires_at > now
            && session.created_at >= user.sessions_since
    });
    if good { Ok(()) } else { Err(session_revoked()) }
}
