//! The code a message carries: made once for its event, and the newest of its kind or none at all.

use bharatmart_core::identity::code::{self, Wanted};
use bharatmart_core::identity::{Code, Derived, Purpose};
use bharatmart_core::ports::{CommitError, Fault};
use bharatmart_core::{Changes, Event, Refusal, UserId};
use bharatmart_runtime::WorkCtx;
use bharatmart_runtime::config::REFRESH_KEY;

use super::{WORKER, mark};

/// Marks that the code of an event was made. That it was sent is another mark.
const MADE: &str = "notification-sender-code";

/// The secret to send; `None` when a newer one was asked for, or this one was used or has expired.
pub async fn secret(
    ctx: &WorkCtx,
    event: &Event,
    purpose: Purpose,
    what: &str,
    user_id: Option<UserId>,
    target: &str,
) -> Result<Option<String>, Fault> {
    let wanted = Wanted { purpose, what, user_id, target: Some(target) };
    let key = ctx.secret(REFRESH_KEY).await?;
    loop {
        let present: Option<Code> = ctx.find(&event.tenant, &purpose.key(what)).await?;
        if present.as_ref().is_some_and(|code| code.created_at > event.time) {
            return Ok(None);
        }
        // As of when it was asked for: so its life is what the customer was told, and the order of two is plain.
        let chance = Derived::new(key.reveal().as_bytes(), event.id);
        let issued = code::make(&wanted, present.as_ref(), event.time, &chance);
        if issued.code.expires_at <= ctx.clock().now() {
            return Ok(None);
        }
        let changes = Changes { applied: vec![mark(ctx, event, MADE)], ..Changes::new(&event.tenant) };
        match ctx.commit(issued.put(changes)).await {
            Ok(()) => return Ok(Some(issued.secret)),
            Err(CommitError::Refused(Refusal::AlreadyApplied(_))) => {
                let still_there = present.is_some_and(|code| code.hash == issued.code.hash);
                return Ok(still_there.then_some(issued.secret));
            }
            // Another was made, or a try was counted, in between.
            Err(CommitError::Refused(Refusal::VersionChanged(_) | Refusal::Exists(_))) => {}
            Err(CommitError::Refused(refusal)) => return Err(Fault::broken(WORKER.name, refusal)),
            Err(CommitError::Fault(fault)) => return Err(fault),
        }
    }
}
