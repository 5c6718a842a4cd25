//! A code that was sent to a phone comes back: it logs in, the first time it makes the account, and for somebody who is
//! logged in it proves the phone.

use bharatmart_core::changes::ClaimKind;
use bharatmart_core::identity::{
    AccountChange, By, CODE, Code, Device, DeviceName, Phone, Purpose, SESSION, USER, UserStatus, UserView, proof,
    sign_up_by_phone,
};
use bharatmart_core::{Changes, Check, queues};
use bharatmart_runtime::config::REFRESH_KEY;
use bharatmart_runtime::http::{Method, StatusCode};
use bharatmart_runtime::{Access, Ctx, Idempotency, Limit, Need, Problem, Reply, Route, Spec};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::access::steps::scene::{device, scene};
use crate::access::steps::tokens::{self, LoginView};
use crate::access::steps::{accounts, codes, input, refused};

pub static ROUTE: Route = Route {
    name: "otp-verify",
    service: "identity",
    method: Method::POST,
    path: "/api/v1/auth/otp/verify",
    summary: "Log in by a code, or prove a phone",
    access: Access::guest(),
    limit: Limit::Login,
    idempotency: Idempotency::None,
    needs: &[
        Need::reads(&CODE),
        Need::reads(&USER),
        Need::reads(&SESSION),
        Need::READS_CLAIMS,
        Need::COMMITS,
        Need::ISSUES_TOKENS,
        Need::secret(REFRESH_KEY),
        Need::sends(&queues::NOTIFICATIONS),
    ],
    memory_mb: 128,
    timeout_s: 10,
    handler: |ctx| Box::pin(verify(ctx)),
};

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OtpVerifyInput {
    /// `+91`, a digit from 6 to 9, and nine more.
    phone: String,
    /// Six digits.
    #[schemars(length(max = 64))]
    code: String,
    /// What to call this device in the list of sessions.
    #[schemars(length(min = 1, max = 100))]
    device_name: Option<String>,
}

/// For somebody who is logged in already.
#[derive(Serialize, JsonSchema)]
pub struct PhoneProved {
    user: UserView,
}

#[derive(Serialize, JsonSchema)]
#[serde(untagged)]
#[allow(dead_code, reason = "describes to OpenAPI what is written by its parts")]
enum OtpVerified {
    LoggedIn(LoginView),
    Proved(Box<PhoneProved>),
}

pub fn spec() -> Spec {
    Spec::new(
        "Logs in by a code; the first time this makes the account. Sent with an access token, it proves the phone \
         for that account instead, and answers the user alone; a number that is not the account's takes a log-in of \
         the last 15 minutes.",
    )
    .body::<OtpVerifyInput>()
    .answer::<OtpVerified>(200, "The account and its tokens, or a token for the second step.")
    .problem(401, "otp_invalid")
    .problem(401, "otp_expired")
    .problem(403, "account_disabled")
    .problem(403, "login_required")
    .problem(409, "phone_taken")
    .problem(429, "otp_attempts_exceeded")
}

async fn verify(ctx: &Ctx) -> Result<Reply, Problem> {
    let given = ctx.json::<OtpVerifyInput>()?;
    let mut check = Check::new();
    let phone = check.field("phone", Phone::parse(&given.phone));
    let name = given.device_name.as_deref().and_then(|name| check.field("device_name", DeviceName::parse(name)));
    let phone = input::all(check, phone)?;
    let device = device(ctx, name);

    let key = Purpose::PhoneLogin.key(&phone);
    let mut code = codes::tried(ctx, &key, refused::otp_expired).await?;
    loop {
        // Gone, or replaced by a newer one: as good as wrong.
        let good = code.filter(|code| code.matches(&given.code)).ok_or_else(refused::otp_invalid)?;
        let (reply, changes) = match &ctx.caller {
            Some(_) => proved(ctx, &phone, &good).await?,
            None => logged_in(ctx, &phone, device.clone(), scene(ctx).changes().remove(&good)).await?,
        };
        match refused::kept(ctx, ctx.commit(changes, &reply).await).await {
            Ok(true) => return Ok(reply),
            // Another made this phone's account in the same moment: it is there to log in to now.
            Err(problem) if problem.code == "phone_taken" && ctx.caller.is_none() => {}
            Err(problem) => return Err(problem),
            Ok(false) => {}
        }
        code = ctx.find::<Code>(&key).await?;
    }
}

async fn logged_in(ctx: &Ctx, phone: &Phone, device: Device, changes: Changes) -> Result<(Reply, Changes), Problem> {
    let since = ctx.clock().now();
    match accounts::holder(ctx, ClaimKind::Phone, phone.as_str()).await? {
        Some(user) if user.status != UserStatus::Active => Err(refused::account_disabled()),
        Some(user) => tokens::let_in(ctx, user, By::Phone, since, device, changes).await,
        None => {
            let entered = sign_up_by_phone(scene(ctx), phone, device, changes);
            tokens::entered(ctx, StatusCode::OK, entered).await
        }
    }
}

async fn proved(ctx: &Ctx, phone: &Phone, code: &Code) -> Result<(Reply, Changes), Problem> {
    let (user, session) = accounts::caller(ctx).await?;
    if proof::is_new_phone(&user, phone) {
        accounts::logged_in_just_now(ctx, session.as_ref())?;
    }
    let change = AccountChange::of(scene(ctx), &user).prove_phone(phone).with(|changes| changes.remove(code));
    let (user, changes) = change.done();
    Ok((Reply::ok(&PhoneProved { user: UserView::of(&user) })?, changes))
}
