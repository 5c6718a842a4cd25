//! The code a message carries: made once for its event, and the newest of its kind or none at all.
//!
//! It is made in one commit with a mark of its own, *before* it goes out, so it is made once, however often its event
//! comes; and its secret is derived from the event, so whoever comes back after a crash sends the very same secret without
//! its having been kept. When it comes back and the code was used, replaced or has expired, there is nothing left to send.
//!
//! Anybody can have the shop write to any address, so that links are counted by address, and codes for orders by phone;
//! past the limit none is made, and the one that was sent before stays good.

use super::deliver::mark;
use crate::bench::Bench;
use crate::changes::{Changes, Refusal};
use crate::event::Event;
use crate::identity::code::{self, Issued, Wanted};
use crate::identity::lock::{SENDS, SENDS_WINDOW, address_sends_counter, otp_sends_counter};
use crate::identity::{Code, Derived, Keys, Purpose};
use crate::ports::{CommitError, Fault};

/// Marks that the code of an event was made. That it was sent is another mark.
const MADE: &str = "notification-sender-code";

/// What the shop makes codes with.
#[derive(Clone, Copy)]
pub struct Mint<'a> {
    pub keys: &'a Keys,
    /// Codes an hour to one phone.
    pub codes_per_phone: u32,
}

/// What there is to send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Minted {
    Secret(String),
    /// A newer one was asked for, this one was used, or has expired.
    Past,
    /// The address was sent enough for now.
    Enough,
}

pub async fn mint(bench: &Bench<'_>, mint: Mint<'_>, event: &Event, wanted: &Wanted<'_>) -> Result<Minted, Fault> {
    // As of when it was asked for: so its life is what the customer was told, and the order of two is plain.
    let issue = |key: &[u8], older: Option<&Code>| -> Issued {
        code::make(wanted, older, event.time, &Derived::new(key, event.id))
    };
    let (mut counted, mut made_before, mut clashes) = (false, false, 0);
    loop {
        let present: Option<Code> = bench.find(&event.tenant, &wanted.purpose.key(wanted.what)).await?;
        if present.as_ref().is_some_and(|code| code.created_at > event.time) {
            return Ok(Minted::Past);
        }
        let issued = issue(mint.keys.newest(), present.as_ref());
        if issued.code.expires_at <= bench.now() {
            return Ok(Minted::Past);
        }
        // Made when this event came before, perhaps by a key that was the newest then.
        if let Some(present) = &present {
            let mut again = mint.keys.all().map(|key| issue(key, Some(present)));
            if let Some(again) = again.find(|again| again.code.hash == present.hash) {
                return Ok(Minted::Secret(again.secret));
            }
        }
        if made_before {
            return Ok(Minted::Past);
        }
        if !counted && !may_be_sent(bench, mint, event, wanted).await? {
            return Ok(Minted::Enough);
        }
        counted = true;
        let changes = Changes { applied: vec![mark(bench, event, MADE)], ..Changes::new(&event.tenant) };
        match bench.store.commit(issued.put(changes)).await {
            Ok(()) => return Ok(Minted::Secret(issued.secret)),
            Err(CommitError::Refused(Refusal::AlreadyApplied(_))) => made_before = true,
            // Another was made, or a try was counted, in between.
            Err(error) => bench.give_way(error, &mut clashes).await?,
        }
    }
}

/// Codes to log in by were counted where they were asked for; those of orders count with them, for a phone is one.
/// Looked at before the code is made: else asking would spoil the one its owner was sent last.
async fn may_be_sent(bench: &Bench<'_>, mint: Mint<'_>, event: &Event, wanted: &Wanted<'_>) -> Result<bool, Fault> {
    let target = wanted.target.unwrap_or_default();
    let (counter, most) = match wanted.purpose {
        Purpose::PhoneLogin => return Ok(true),
        Purpose::CashOnDelivery => (otp_sends_counter(target), u64::from(mint.codes_per_phone)),
        _ => (address_sends_counter(target), SENDS),
    };
    let sent = bench.store.count(&event.tenant, &counter, 1, SENDS_WINDOW, bench.now()).await?;
    Ok(sent.value <= most)
}
