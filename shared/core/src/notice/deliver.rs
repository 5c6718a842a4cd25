//! Sending what a notice says, and marking that it was sent. A message may repeat, never vanish: a crash between the two
//! sends it again, under the same id.

use std::time::Duration;

use crate::bench::Bench;
use crate::changes::{Applied, Changes, Refusal};
use crate::event::Event;
use crate::ports::{CommitError, Fault, Letter, Messages};

/// A mark is kept as long as a message can live.
const MARK_FOR: Duration = Duration::from_secs(14 * 24 * 3600);

/// `None`: it concerns nobody, or no longer.
pub async fn deliver(
    bench: &Bench<'_>,
    messages: &dyn Messages,
    event: &Event,
    letter: Option<&Letter>,
) -> Result<(), Fault> {
    if let Some(letter) = letter.filter(|letter| messages.sends(letter.channel)) {
        messages.send(letter).await?;
    }
    let changes = Changes { applied: vec![mark(bench, event, bench.worker)], ..Changes::new(&event.tenant) };
    match bench.store.commit(changes).await {
        Ok(()) | Err(CommitError::Refused(Refusal::AlreadyApplied(_))) => Ok(()),
        Err(CommitError::Refused(refusal)) => Err(Fault::broken(bench.worker, refusal)),
        Err(CommitError::Fault(fault)) => Err(fault),
    }
}

pub(super) fn mark(bench: &Bench<'_>, event: &Event, consumer: &'static str) -> Applied {
    Applied { consumer, event: event.id, expires_at: bench.now().after(MARK_FOR) }
}
