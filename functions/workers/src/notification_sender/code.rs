//! The code a message carries: made once for its event, and the newest of its kind or none at all.

use bharatmart_core::identity::code::{self, Issued, Wanted};
use bharatmart_core::identity::lock::{SENDS, SENDS_WINDOW, address_sends_counter, otp_sends_counter};
use bharatmart_core::identity::{Code, Derived, Purpose};
use bharatmart_core::ports::{CommitError, Fault};
use bharatmart_core::{Changes, Event, Refusal, UserId};
use bharatmart_runtime::config::CODE_KEY;
use bharatmart_runtime::{Backoff, WorkCtx};

use super::{WORKER, mark};

/// Marks that the code of an event was made. That it was sent is another mark.
const MADE: &str = "notification-sender-code";

/// The secret to send; `None` when a newer one was asked for, when this one was used or has expired, or when the
/// address was sent enough.
pub async fn secret(
    ctx: &WorkCtx,
    event: &Event,
    purpose: Purpose,
    what: &str,
    user_id: Option<UserId>,
    target: &str,
) -> Result<Option<String>, Fault> {
    let wanted = Wanted { purpose, what, user_id, target: Some(target) };
    let keys = ctx.keys(CODE_KEY).await?;
    // As of when it was asked for: so its life is what the customer was told, and the order of two is plain.
    let issue = |key: &[u8], older: Option<&Code>| -> Issued {
        code::make(&wanted, older, event.time, &Derived::new(key, event.id))
    };
    let (mut counted, mut made_before, mut pauses) = (false, false, Backoff::default());
    loop {
        let present: Option<Code> = ctx.find(&event.tenant, &purpose.key(what)).await?;
        if present.as_ref().is_some_and(|code| code.created_at > event.time) {
            return Ok(None);
        }
        let issued = issue(keys.newest(), present.as_ref());
        if issued.code.expires_at <= ctx.clock().now() {
            return Ok(None);
        }
        // Made when this event came before, perhaps by a key that was the newest then.
        if let Some(present) = &present {
            let mut again = keys.all().map(|key| issue(key, Some(present)));
            if let Some(again) = again.find(|again| again.code.hash == present.hash) {
                return Ok(Some(again.secret));
            }
        }
        if made_before {
            return Ok(None);
        }
        if !counted && !may_be_sent(ctx, event, purpose, target).await? {
            return Ok(None);
        }
        counted = true;
        let changes = Changes { applied: vec![mark(ctx, event, MADE)], ..Changes::new(&event.tenant) };
        match ctx.commit(issued.put(changes)).await {
            Ok(()) => return Ok(Some(issued.secret)),
            Err(CommitError::Refused(Refusal::AlreadyApplied(_))) => made_before = true,
            // Another was made, or a try was counted, in between.
            Err(CommitError::Refused(Refusal::VersionChanged(_) | Refusal::Exists(_))) if pauses.pause().await => {}
            Err(CommitError::Refused(refusal @ (Refusal::VersionChanged(_) | Refusal::Exists(_)))) => {
                return Err(Fault::busy(WORKER.name, refusal));
            }
            Err(CommitError::Refused(refusal)) => return Err(Fault::broken(WORKER.name, refusal)),
            Err(CommitError::Fault(fault)) => return Err(fault),
        }
    }
}

/// Codes to log in by were counted where they were asked for; those of orders count with them, for a phone is one.
/// Looked at before the code is made: else asking would spoil the one its owner was sent last.
async fn may_be_sent(ctx: &WorkCtx, event: &Event, purpose: Purpose, target: &str) -> Result<bool, Fault> {
    let (counter, most) = match purpose {
        Purpose::PhoneLogin => return Ok(true),
        Purpose::CashOnDelivery => (otp_sends_counter(target), u64::from(ctx.config().limits.codes_per_phone)),
        _ => (address_sends_counter(target), SENDS),
    };
    let sent = ctx.count(&event.tenant, &counter, 1, SENDS_WINDOW).await?;
    if sent.value > most {
        tracing::info!(event = %event.id, purpose = purpose.name(), "an address or phone was sent enough for now");
    }
    Ok(sent.value <= most)
}
