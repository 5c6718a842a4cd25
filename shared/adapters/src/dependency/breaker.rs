//! Whether a dependency is asked at all. Closed, every call goes through; open, none; half-open, one at a time, which
//! tells whether it is back.

use std::time::Duration;

use tokio::time::Instant;

/// Failures are looked at over so long, or up to twice that.
const WINDOW: Duration = Duration::from_secs(10);
/// It opens after so many of them, when they are half of the calls or more.
const ENOUGH: u32 = 5;
/// Or after so many in a row: of a busy dependency it takes long until failures are half of the calls.
const IN_A_ROW: u32 = 10;
/// How long it is left alone at first, and how long at most: well below what a customer waits before coming back.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// How long one call has to tell whether it is back, before another tries too.
const TRY: Duration = Duration::from_secs(3);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BreakerState {
    Closed,
    HalfOpen,
    Open,
}

impl BreakerState {
    pub fn name(self) -> &'static str {
        match self {
            BreakerState::Closed => "closed",
            BreakerState::HalfOpen => "half_open",
            BreakerState::Open => "open",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    Answered,
    Away,
    /// The caller went before anything could be told.
    Unknown,
}

/// The leave to make one call: after which change it was given.
#[derive(Debug)]
pub(super) struct Turn(u64);

pub(super) enum Entry {
    Open(Turn),
    Closed { left: Duration },
}

pub(super) struct Breaker {
    phase: Phase,
    /// Grows with each change, so that a call from before one says nothing about after it.
    changes: u64,
}

enum Phase {
    Closed {
        now: Tally,
        before: Tally,
        until: Instant,
    },
    Open {
        until: Instant,
        pause: Duration,
    },
    /// Who tries may be a worker that listens for long, or be stuck: by then another may.
    HalfOpen {
        pause: Duration,
        another_at: Instant,
    },
}

#[derive(Clone, Copy, Default)]
struct Tally {
    calls: u32,
    failures: u32,
    in_a_row: u32,
}

impl Breaker {
    pub fn new(now: Instant) -> Self {
        Breaker { phase: closed(now), changes: 0 }
    }

    pub fn state(&self) -> BreakerState {
        match self.phase {
            Phase::Closed { .. } => BreakerState::Closed,
            Phase::HalfOpen { .. } => BreakerState::HalfOpen,
            Phase::Open { .. } => BreakerState::Open,
        }
    }

    pub fn enter(&mut self, now: Instant) -> Entry {
        match self.phase {
            Phase::Closed { .. } => Entry::Open(Turn(self.changes)),
            Phase::Open { until, pause } if now >= until => {
                self.change(Phase::HalfOpen { pause, another_at: now + TRY });
                Entry::Open(Turn(self.changes))
            }
            Phase::HalfOpen { pause, another_at } if now >= another_at => {
                self.phase = Phase::HalfOpen { pause, another_at: now + TRY };
                Entry::Open(Turn(self.changes))
            }
            Phase::Open { until: at, .. } | Phase::HalfOpen { another_at: at, .. } => {
                Entry::Closed { left: at.saturating_duration_since(now) }
            }
        }
    }

    pub fn ended(&mut self, turn: Turn, outcome: Outcome, at: Instant) {
        if turn.0 != self.changes {
            return;
        }
        match (&mut self.phase, outcome) {
            (Phase::Closed { .. }, Outcome::Unknown) => {}
            (Phase::Closed { now, before, until }, outcome) => {
                if at >= *until {
                    let lately = at < *until + WINDOW;
                    (*before, *now) = (if lately { *now } else { Tally::default() }, Tally::default());
                    *until = at + WINDOW;
                }
                let failed = u32::from(outcome == Outcome::Away);
                now.calls += 1;
                now.failures += failed;
                now.in_a_row = (now.in_a_row + failed) * failed;
                let (calls, failures) = (now.calls + before.calls, now.failures + before.failures);
                if now.in_a_row >= IN_A_ROW || (failures >= ENOUGH && failures * 2 >= calls) {
                    self.open(at, FIRST_PAUSE);
                }
            }
            (Phase::HalfOpen { .. }, Outcome::Answered) => self.change(closed(at)),
            (Phase::HalfOpen { pause, .. }, Outcome::Away) => {
                let pause = (*pause * 2).min(LONGEST_PAUSE);
                self.open(at, pause);
            }
            // Another may try at once.
            (Phase::HalfOpen { pause, .. }, Outcome::Unknown) => {
                let pause = *pause;
                self.change(Phase::Open { until: at, pause });
            }
            // Nobody is let through while it is open.
            (Phase::Open { .. }, _) => {}
        }
    }

    fn open(&mut self, now: Instant, pause: Duration) {
        self.change(Phase::Open { until: now + pause, pause });
    }

    fn change(&mut self, phase: Phase) {
        self.phase = phase;
        self.changes += 1;
    }
}

fn closed(now: Instant) -> Phase {
    Phase::Closed { now: Tally::default(), before: Tally::default(), until: now + WINDOW }
}
