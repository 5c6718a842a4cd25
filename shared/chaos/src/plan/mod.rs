//! What shall go wrong, where, how often and until when. A plan is read whole or not at all: of a broken one nothing is
//! injected.

mod read;

use std::fmt;
use std::time::Duration;

use bharatmart_core::{FieldError, Timestamp};

use crate::act::{Act, FaultKind};
use crate::aim::Draws;
use crate::operation::Operation;

/// More is no plan but noise.
pub const MOST_FAULTS: usize = 20;

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Plan {
    faults: Vec<Planned>,
}

#[derive(Clone, Debug, PartialEq)]
struct Planned {
    kind: FaultKind,
    /// Every port and operation that can have the fault, where none is named.
    port: Option<&'static str>,
    operation: Option<&'static str>,
    /// Of the calls, from 0 to 1.
    share: f64,
    /// How late a call or message is, in milliseconds.
    late_ms: (u64, u64),
    /// By how many milliseconds a clock goes wrong.
    skew_ms: i64,
    /// Never, for what settings switch on for a process.
    until: Option<Timestamp>,
}

/// Why a plan is none: every mistake there is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BrokenPlan(pub Vec<FieldError>);

impl fmt::Display for BrokenPlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (nth, FieldError { field, message, .. }) in self.0.iter().enumerate() {
            write!(f, "{}{field} {message}", if nth > 0 { "; " } else { "" })?;
        }
        Ok(())
    }
}

impl std::error::Error for BrokenPlan {}

impl Plan {
    /// From JSON: `{"faults":[{"fault":"error_after","port":"store","operation":"commit","share":0.1,"until":"…"}]}`.
    pub fn read(text: &str) -> Result<Self, BrokenPlan> {
        read::plan(text).map_err(BrokenPlan)
    }

    /// This share of all calls fails too, half of them after they took effect.
    pub fn and_failures(mut self, share: f64) -> Self {
        if share > 0.0 {
            let half = |kind| Planned { share: share / 2.0, ..Planned::everywhere(kind) };
            self.faults.extend([half(FaultKind::ErrorBefore), half(FaultKind::ErrorAfter)]);
        }
        self
    }

    /// Each call that nothing else befalls takes so much longer.
    pub fn and_latency(mut self, wait: Duration) -> Self {
        if !wait.is_zero() {
            let ms = wait.as_millis().min(u128::from(u64::MAX)) as u64;
            self.faults.push(Planned { late_ms: (ms, ms), ..Planned::everywhere(FaultKind::Latency) });
        }
        self
    }

    /// How many faults are planned.
    pub fn len(&self) -> usize {
        self.faults.len()
    }

    pub fn is_empty(&self) -> bool {
        self.faults.is_empty()
    }

    pub(crate) fn aims_at(&self, operation: &Operation) -> bool {
        self.faults.iter().any(|fault| fault.aims_at(operation))
    }

    /// One number decides which fault it is, so that each has the share it was given, whatever stands beside it.
    pub(crate) fn act(&self, operation: &Operation, now: Timestamp, draws: &mut Draws) -> Act {
        let mut drawn = draws.share();
        for fault in self.faults.iter().filter(|fault| fault.aims_at(operation)) {
            let in_time = fault.until.is_none_or(|until| now < until);
            if in_time && drawn < fault.share {
                return fault.act(draws);
            }
            drawn -= fault.share;
        }
        Act::Pass
    }
}

impl Planned {
    fn everywhere(kind: FaultKind) -> Self {
        Planned { kind, port: None, operation: None, share: 1.0, late_ms: (0, 0), skew_ms: 0, until: None }
    }

    fn aims_at(&self, operation: &Operation) -> bool {
        self.port.is_none_or(|port| port == operation.port)
            && self.operation.is_none_or(|name| name == operation.name)
            && operation.faults.contains(&self.kind)
    }

    fn act(&self, draws: &mut Draws) -> Act {
        let mut late = || Duration::from_millis(draws.between(self.late_ms.0, self.late_ms.1));
        match self.kind {
            FaultKind::Latency => Act::Latency(late()),
            FaultKind::Late => Act::Late(late()),
            FaultKind::Skew => Act::Skew(self.skew_ms),
            FaultKind::ErrorBefore => Act::ErrorBefore,
            FaultKind::ErrorAfter => Act::ErrorAfter,
            FaultKind::Busy => Act::Busy,
            FaultKind::Duplicate => Act::Duplicate,
            FaultKind::TimeoutBefore => Act::TimeoutBefore,
            FaultKind::TimeoutAfter => Act::TimeoutAfter,
            FaultKind::Lose => Act::Lose,
            FaultKind::Reorder => Act::Reorder,
        }
    }
}
