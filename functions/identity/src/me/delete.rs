//! Delete one's account. Whoever holds a token of it must also have logged in a moment ago, or know the password: this
//! cannot be undone.

use bharatmart_core::identity::addresses::MAX_ADDRESSES;
use bharatmart_core::identity::erase::{IsAdmin, erase};
use bharatmart_core::identity::proof::{Proof, proof};
use bharatmart_core::identity::{ADDRESS, Address, PENDING_EMAIL, SESSION, Session, USER, User};
use bharatmart_core::record::Listing;
use bharatmart_runtime::http::{Method, StatusCode};
use bharatmart_runtime::route::Limit;
use bharatmart_runtime::{Access, Ctx, Idempotency, Need, Problem, Reply, Route, Spec};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::access::steps::scene::scene;
use crate::access::steps::{accounts, input, lock, refused, tokens};
use crate::mine;

pub static ROUTE: Route = Route {
    name: "me-delete",
    service: "identity",
    method: Method::DELETE,
    path: "/api/v1/users/me",
    summary: "Delete one's account",
    access: Access::user(),
    limit: Limit::Login,
    idempotency: Idempotency::None,
    needs: &[
        Need::reads(&USER),
        Need::reads(&SESSION),
        Need::reads(&ADDRESS),
        Need::reads(&PENDING_EMAIL),
        Need::COUNTS,
        Need::COMMITS,
    ],
    memory_mb: 256,
    timeout_s: 10,
    handler: |ctx| Box::pin(delete(ctx)),
};

#[derive(Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DeleteInput {
    /// Needed when the login was more than 15 minutes ago.
    pub password: Option<String>,
}

pub fn spec() -> Spec {
    Spec::new(
        "Forgets who the account's owner is, ends every session and frees e-mail address and phone; orders stay. \
         The body may be left out when the login was within the last 15 minutes.",
    )
    .body::<DeleteInput>()
    .empty(204, "Deleted.")
    .problem(401, "invalid_credentials")
    .problem(401, "session_revoked")
    .problem(403, "password_required")
    .problem(403, "login_required")
    .problem(409, "is_admin")
    .if_match(412, "version_changed")
    .problem(429, "account_locked")
}

async fn delete(ctx: &Ctx) -> Result<Reply, Problem> {
    let given: DeleteInput = input::optional(ctx)?;
    let (mut user, session) = accounts::caller(ctx).await?;
    prove(ctx, &user, session.as_ref(), given.password.as_deref()).await?;
    loop {
        ctx.if_match(user.version)?;
        let of_user = user.id.to_string();
        let addresses: Vec<Address> = ctx.list(Listing::Within(&of_user), None, 2 * MAX_ADDRESSES as usize).await?;
        let pending = mine::pending_email(ctx, &user).await?;
        let changes = erase(scene(ctx), &user, &addresses, pending.as_ref()).map_err(|IsAdmin| is_admin())?;
        let reply = tokens::clear_cookie(ctx, Reply::no_content());
        if refused::kept(ctx, ctx.commit(changes, &reply).await).await? {
            return Ok(reply);
        }
        (user, _) = accounts::caller(ctx).await?;
    }
}

async fn prove(ctx: &Ctx, user: &User, session: Option<&Session>, password: Option<&str>) -> Result<(), Problem> {
    if let Some(password) = password.filter(|_| user.password_hash.is_some()) {
        return lock::confirm_password(ctx, user, password).await;
    }
    let detail = "Send the password with it: this cannot be undone.";
    match proof(user, session, ctx.clock().now()) {
        Proof::Nothing => Ok(()),
        Proof::Password => Err(Problem::new(StatusCode::FORBIDDEN, "password_required", detail)),
        Proof::Login => Err(refused::login_required()),
    }
}

fn is_admin() -> Problem {
    Problem::conflict("is_admin", "An admin's account cannot be deleted; have another admin change your role first.")
}
