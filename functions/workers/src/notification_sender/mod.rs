//! Writes to customers: looks up whom a notice concerns, makes the code it carries, and sends it. Who asked for it was
//! answered before, the same whether or not there is an account.
//!
//! How a message is sent and marked, and when a code is made, core says.

mod code;
mod people;
#[cfg(test)]
mod tests;
mod words;

use bharatmart_core::identity::{CODE, PENDING_EMAIL, Purpose, USER, User};
use bharatmart_core::notice::{self, OrderNotice};
use bharatmart_core::ports::{Channel, Fault, Letter};
use bharatmart_core::queues;
use bharatmart_core::{Event, Notice, UserId};
use bharatmart_runtime::config::CODE_KEY;
use bharatmart_runtime::{Delivery, Job, Need, Verdict, WorkCtx, Worker};
use futures_util::future::join_all;

use words::Words;

pub static WORKER: Worker = Worker {
    name: "notification-sender",
    service: "workers",
    summary: "Send codes, links and news to customers",
    job: Job::Queue { queue: &queues::NOTIFICATIONS, batch: 10, handler: |ctx, batch| Box::pin(send_all(ctx, batch)) },
    needs: &[
        Need::reads(&USER),
        Need::reads(&PENDING_EMAIL),
        Need::reads(&CODE),
        Need::READS_CLAIMS,
        Need::COMMITS,
        Need::MESSAGES,
        Need::COUNTS,
        Need::secret(CODE_KEY),
        Need::receives(&queues::NOTIFICATIONS),
    ],
    memory_mb: 128,
    timeout_s: 20,
};

/// At once, so that one address whose mail server is slow keeps no other waiting.
async fn send_all(ctx: &WorkCtx, batch: Vec<Delivery>) -> Vec<(Delivery, Verdict)> {
    let sending = batch.into_iter().map(|delivery| async move {
        let verdict = match deliver(ctx, &delivery.event).await {
            Ok(()) => Verdict::Done,
            Err(fault) => Verdict::from(&fault),
        };
        (delivery, verdict)
    });
    join_all(sending).await
}

async fn deliver(ctx: &WorkCtx, event: &Event) -> Result<(), Fault> {
    let notice = Notice::read(event).map_err(|error| Fault::broken(WORKER.name, error))?;
    let (messages, letter) = (ctx.messages()?, letter(ctx, event, notice).await?);
    match &letter {
        Some(letter) if messages.sends(letter.channel) => {}
        Some(letter) => tracing::warn!(event = %event.id, channel = ?letter.channel, "nothing sends this way here"),
        None => tracing::debug!(event = %event.id, "nobody to write to, or nothing to say any more"),
    }
    notice::deliver(&ctx.bench(&ctx.held()), messages, event, letter.as_ref()).await
}

/// `None`: it concerns nobody, or no longer.
async fn letter(ctx: &WorkCtx, event: &Event, notice: Notice) -> Result<Option<Letter>, Fault> {
    let url = ctx.config().public_url.as_str();
    let tenant = &event.tenant;
    let found = match notice {
        Notice::Otp { phone } => {
            let secret = code::secret(ctx, event, Purpose::PhoneLogin, &phone, None, &phone).await?;
            secret.map(|code| (Channel::Sms, phone, words::otp(&code)))
        }
        Notice::CodCode { user_id, order_id, number, phone } => {
            let digits = code::secret(ctx, event, Purpose::CashOnDelivery, &order_id, Some(user_id), &phone).await?;
            digits.map(|digits| (Channel::Sms, phone, words::cod_code(&digits, &number)))
        }
        Notice::VerifyEmail { user_id, email } => match people::user(ctx, tenant, user_id).await? {
            Some(user) if people::is_to_prove(&user, &email) => {
                let what = user_id.to_string();
                let token = code::secret(ctx, event, Purpose::VerifyEmail, &what, Some(user_id), &email).await?;
                token.map(|token| (Channel::Email, email, words::verify_email(url, &token)))
            }
            _ => None,
        },
        Notice::ResetPassword { email } => match people::by_email(ctx, tenant, &email).await? {
            Some(user) => {
                let what = user.id.to_string();
                let token = code::secret(ctx, event, Purpose::ResetPassword, &what, Some(user.id), &email).await?;
                token.map(|token| (Channel::Email, email, words::reset_password(url, &token)))
            }
            None => None,
        },
        Notice::Welcome { user_id } => news(ctx, event, user_id, words::welcome(url)).await?,
        Notice::PasswordChanged { user_id } => news(ctx, event, user_id, words::password_changed(url)).await?,
        // By the time this is read the account may lead elsewhere: told is who it led to before.
        Notice::EmailChanged { email, .. } => Some((Channel::Email, email, words::email_changed(url))),
        Notice::PhoneChanged { phone: Some(phone), .. } => Some((Channel::Sms, phone, words::phone_left())),
        Notice::PhoneChanged { user_id, phone: None } => news(ctx, event, user_id, words::phone_added(url)).await?,
        Notice::SessionEnded { user_id } => news(ctx, event, user_id, words::session_ended(url)).await?,
        Notice::LowStock { sku, product, available } => {
            let words = words::low_stock(&sku, &product, available);
            Some((Channel::Email, ctx.config().admin_email.clone(), words))
        }
        Notice::Order(notice) => of_order(ctx, event, &notice).await?,
    };
    let id = event.id.to_string();
    Ok(found.map(|(channel, to, Words { subject, text, html })| Letter { id, channel, to, subject, text, html }))
}

type Addressed = (Channel, String, Words);

/// To somebody's e-mail address, once it is proved: before, it may be a stranger's whom somebody wants to annoy.
async fn news(ctx: &WorkCtx, event: &Event, user: UserId, words: Words) -> Result<Option<Addressed>, Fault> {
    let user = people::user(ctx, &event.tenant, user).await?;
    let email = user.filter(|user: &User| user.email_verified).and_then(|user| user.email);
    Ok(email.map(|email| (Channel::Email, email, words)))
}

/// To whoever ordered: by mail, else to the phone; to neither before it is proved.
async fn of_order(ctx: &WorkCtx, event: &Event, notice: &OrderNotice) -> Result<Option<Addressed>, Fault> {
    let Some(user) = people::user(ctx, &event.tenant, notice.user_id).await? else { return Ok(None) };
    let email = user.email.filter(|_| user.email_verified);
    let phone = user.phone.filter(|_| user.phone_verified);
    Ok(match (email, phone) {
        (Some(email), _) => Some((Channel::Email, email, words::order::mail(&ctx.config().public_url, notice))),
        (None, Some(phone)) => Some((Channel::Sms, phone, words::order::sms(notice))),
        (None, None) => {
            tracing::info!(event = %event.id, order = notice.order.id, "who ordered has proved no address and no phone");
            None
        }
    })
}
