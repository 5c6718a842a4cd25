//! What may befall one call.

use std::fmt;
use std::time::Duration;

/// What an injector wants done with a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    Pass,
    /// Nothing was done, and the answer is a fault.
    ErrorBefore,
    /// It was done, and the answer is a fault all the same.
    ErrorAfter,
    /// Nothing was done: there are too many calls.
    Busy,
    /// It is done after a while.
    Latency(Duration),
    /// It is done twice; the second answer is given.
    Duplicate,
    /// Nothing was done, and no answer comes while the caller waits.
    TimeoutBefore,
    /// It was done, and no answer comes while the caller waits.
    TimeoutAfter,
    /// What was sent never arrives, though sending it was answered Ok.
    Lose,
    /// What was sent arrives so much later.
    Late(Duration),
    /// What was sent or received together has its order turned round.
    Reorder,
    /// The clock goes wrong by so many milliseconds, forward or backward.
    Skew(i64),
}

macro_rules! kinds {
    ($($kind:ident = $name:literal),+ $(,)?) => {
        /// A fault by its name, as plans, log and metrics have it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum FaultKind {
            $($kind),+
        }

        impl FaultKind {
            pub const ALL: &'static [FaultKind] = &[$(FaultKind::$kind),+];

            pub const fn name(self) -> &'static str {
                match self {
                    $(FaultKind::$kind => $name),+
                }
            }
        }
    };
}

kinds! {
    Latency = "latency",
    ErrorBefore = "error_before",
    ErrorAfter = "error_after",
    Busy = "busy",
    Duplicate = "duplicate",
    TimeoutBefore = "timeout_before",
    TimeoutAfter = "timeout_after",
    Lose = "lose",
    Late = "late",
    Reorder = "reorder",
    Skew = "skew",
}

impl FaultKind {
    pub fn by_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.name() == name)
    }
}

impl fmt::Display for FaultKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Act {
    /// `None` when nothing is wrong.
    pub fn kind(self) -> Option<FaultKind> {
        Some(match self {
            Act::Pass => return None,
            Act::ErrorBefore => FaultKind::ErrorBefore,
            Act::ErrorAfter => FaultKind::ErrorAfter,
            Act::Busy => FaultKind::Busy,
            Act::Latency(_) => FaultKind::Latency,
            Act::Duplicate => FaultKind::Duplicate,
            Act::TimeoutBefore => FaultKind::TimeoutBefore,
            Act::TimeoutAfter => FaultKind::TimeoutAfter,
            Act::Lose => FaultKind::Lose,
            Act::Late(_) => FaultKind::Late,
            Act::Reorder => FaultKind::Reorder,
            Act::Skew(_) => FaultKind::Skew,
        })
    }
}
