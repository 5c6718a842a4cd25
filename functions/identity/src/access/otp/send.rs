//! Have a code sent to a phone.

use std::time::Duration;

use bharatmart_core::identity::lock::{SENDS_WINDOW, otp_sends_counter};
use bharatmart_core::identity::{Phone, Purpose};
use bharatmart_core::ports::Channel;
use bharatmart_core::{Check, Notice, queues};
use bharatmart_runtime::http::{Method, StatusCode};
use bharatmart_runtime::{Access, Ctx, Idempotency, Limit, Need, Problem, Reply, Route, Spec};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::access::steps::scene::scene;
use crate::access::steps::{input, refused};

pub static ROUTE: Route = Route {
    name: "otp-send",
    service: "identity",
    method: Method::POST,
    path: "/api/v1/auth/otp/send",
    summary: "Send a code to a phone",
    access: Access::Public,
    limit: Limit::Codes,
    idempotency: Idempotency::None,
    needs: &[Need::COUNTS, Need::COMMITS, Need::sends(&queues::NOTIFICATIONS)],
    memory_mb: 128,
    timeout_s: 10,
    handler: |ctx| Box::pin(send(ctx)),
};

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OtpSendInput {
    /// `+91`, a digit from 6 to 9, and nine more.
    phone: String,
}

#[derive(Serialize, JsonSchema)]
pub struct Sent {
    /// Seconds what was sent is good for.
    expires_in: u64,
}

impl Sent {
    pub fn reply(life: Duration) -> Result<Reply, Problem> {
        Reply::json(StatusCode::ACCEPTED, &Sent { expires_in: life.as_secs() })
    }
}

pub fn spec() -> Spec {
    Spec::new("Sends six digits to log in by, whether or not the phone has an account. At most five an hour.")
        .body::<OtpSendInput>()
        .answer::<Sent>(202, "A code is on its way.")
        .problem(429, "rate_limited")
        .problem(503, "channel_unavailable")
}

async fn send(ctx: &Ctx) -> Result<Reply, Problem> {
    if !ctx.sends(Channel::Sms) {
        let detail = "This shop sends no codes to phones; log in by e-mail.";
        return Err(Problem::new(StatusCode::SERVICE_UNAVAILABLE, "channel_unavailable", detail));
    }
    let given = ctx.json::<OtpSendInput>()?;
    let mut check = Check::new();
    let phone = check.field("phone", Phone::parse(&given.phone));
    let phone = input::all(check, phone)?;
    let counted = ctx.count(&otp_sends_counter(phone.as_str()), 1, SENDS_WINDOW).await?;
    if counted.value > u64::from(ctx.config().limits.codes_per_phone) {
        return Err(refused::too_often("rate_limited", "This phone was sent enough codes for now.", &counted));
    }
    let scene = scene(ctx);
    let notice = Notice::Otp { phone: phone.into() }.event(scene.tenant, scene.clock, scene.ids);
    let reply = Sent::reply(Purpose::PhoneLogin.life())?;
    ctx.commit(scene.changes().event(notice), &reply).await?;
    Ok(reply)
}
