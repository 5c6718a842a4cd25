//! Sign up by e-mail address and password.

use bharatmart_core::changes::ClaimKind;
use bharatmart_core::identity::{PENDING_EMAIL, PendingEmail, SignUp, SignUpInput, USER, sign_up};
use bharatmart_core::{Expect, RecordKey, queues};
use bharatmart_runtime::config::REFRESH_KEY;
use bharatmart_runtime::http::{Method, StatusCode};
use bharatmart_runtime::{Access, Ctx, Idempotency, Limit, Need, Problem, Reply, Route, Spec};

use super::steps::scene::{device, scene};
use super::steps::tokens::{self, EnteredView};
use super::steps::{accounts, refused};

pub static ROUTE: Route = Route {
    name: "auth-signup",
    service: "identity",
    method: Method::POST,
    path: "/api/v1/auth/signup",
    summary: "Sign up",
    access: Access::Public,
    limit: Limit::Login,
    idempotency: Idempotency::None,
    needs: &[
        Need::READS_CLAIMS,
        Need::reads(&PENDING_EMAIL),
        Need::reads(&USER),
        Need::COMMITS,
        Need::ISSUES_TOKENS,
        Need::secret(REFRESH_KEY),
        Need::sends(&queues::NOTIFICATIONS),
    ],
    memory_mb: 512,
    timeout_s: 10,
    handler: |ctx| Box::pin(signup(ctx)),
};

pub fn spec() -> Spec {
    Spec::new("Makes an account and logs it in. The e-mail address is sent a link that proves it.")
        .body::<SignUpInput>()
        .answer::<EnteredView>(201, "The account, and tokens of its first session.")
        .problem(409, "email_taken")
}

async fn signup(ctx: &Ctx) -> Result<Reply, Problem> {
    let input = SignUp::parse(ctx.json::<SignUpInput>()?).map_err(Problem::invalid)?;
    if ctx.owner(ClaimKind::Email, input.email.as_str()).await?.is_some() {
        return Err(refused::email_taken());
    }
    let hash = ctx.hash_password(input.password.reveal()).await?;
    loop {
        let pending = pending(ctx, &input).await?;
        let entered = sign_up(scene(ctx), &input, hash.clone(), pending, device(ctx, input.device_name.clone()));
        let (reply, changes) = tokens::entered(ctx, StatusCode::CREATED, entered).await?;
        if refused::kept(ctx, ctx.commit(changes, &reply).await).await? {
            return Ok(reply);
        }
    }
}

/// How to write that the address logs in to the new account; `None` when it logs in to an earlier one that waits.
async fn pending(ctx: &Ctx, input: &SignUp) -> Result<Option<Expect>, Problem> {
    let Some(earlier) = ctx.find::<PendingEmail>(&RecordKey::alone(&input.email)).await? else {
        return Ok(Some(Expect::New));
    };
    let waits = earlier.expires_at > ctx.clock().now();
    let account = if waits { accounts::user(ctx, earlier.user_id).await? } else { None };
    let has_it = account.is_some_and(|user| user.email.as_deref() == Some(input.email.as_str()));
    Ok((!has_it).then_some(Expect::Version(earlier.version)))
}
