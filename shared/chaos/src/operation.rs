//! One thing that can be asked of a port, and the faults it may have.

use crate::act::FaultKind;
use crate::act::FaultKind::*;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Operation {
    /// As plans, log and metrics call it: `store`, `queue`.
    pub port: &'static str,
    /// The trait it is a method of; a store has several.
    pub of: &'static str,
    pub name: &'static str,
    pub writes: bool,
    pub faults: &'static [FaultKind],
}

/// Of every call that may fail.
const OF_CALLS: &[FaultKind] = &[Latency, ErrorBefore, ErrorAfter, Busy, Duplicate, TimeoutBefore, TimeoutAfter];

/// Of messages on their way to a queue. Those that come double are `duplicate`.
pub(crate) const OF_SENDING: &[FaultKind] =
    &[Latency, ErrorBefore, ErrorAfter, Busy, Duplicate, TimeoutBefore, TimeoutAfter, Lose, Late, Reorder];

/// Of messages that a queue gives out.
pub(crate) const OF_RECEIVING: &[FaultKind] =
    &[Latency, ErrorBefore, ErrorAfter, Busy, Duplicate, TimeoutBefore, TimeoutAfter, Reorder];

/// Of building an index beside the one in force: what is added is promised to be added once.
pub(crate) const OF_ADDING: &[FaultKind] = &[Latency, ErrorBefore, ErrorAfter, Busy, TimeoutBefore, TimeoutAfter];

/// Of messages to customers.
pub(crate) const OF_LETTERS: &[FaultKind] =
    &[Latency, ErrorBefore, ErrorAfter, Busy, Duplicate, TimeoutBefore, TimeoutAfter, Lose];

pub(crate) const OF_CLOCKS: &[FaultKind] = &[Skew];

impl Operation {
    pub(crate) const fn reads(port: &'static str, of: &'static str, name: &'static str) -> Self {
        Operation { port, of, name, writes: false, faults: OF_CALLS }
    }

    pub(crate) const fn writes(port: &'static str, of: &'static str, name: &'static str) -> Self {
        Operation { port, of, name, writes: true, faults: OF_CALLS }
    }

    pub(crate) const fn having(self, faults: &'static [FaultKind]) -> Self {
        Operation { faults, ..self }
    }
}
