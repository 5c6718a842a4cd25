//! Whatever stands outside of this process and answers over a network: each client asks it through here. One that is
//! away is left alone for a while, one that is slow holds so many calls and no more, a call is given up when its time is
//! over, and calls are repeated only as far as a small share of them allows. What an answer means is the adapter's to say. An embedded engine needs none of it.

mod breaker;
mod purse;
mod room;
#[cfg(test)]
mod tests;

use std::future::Future;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bharatmart_core::ports::Fault;
use tokio::time::Instant;

use breaker::{Breaker, Entry, Outcome, Turn};
use purse::Purse;
use room::{MOST, Place, Room};

pub use breaker::BreakerState;

/// Who did not answer for so long was asked in vain; a caller who goes earlier has learnt nothing.
const SILENCE: Duration = Duration::from_millis(200);

/// An adapter whose calls go to one.
pub trait Depends {
    fn dependency(&self) -> &Arc<Dependency>;
}

pub struct Dependency {
    name: String,
    /// What its faults are named after.
    port: &'static str,
    breaker: Mutex<Breaker>,
    purse: Mutex<Purse>,
    retries: AtomicU64,
    room: Room,
}

/// How a dependency stands, for health and figures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DependencyState {
    pub name: String,
    pub breaker: BreakerState,
    /// Calls that were repeated, since the process began.
    pub retries: u64,
    /// Calls under way.
    pub calls: u64,
    /// Calls that were not made because too many were under way, since the process began.
    pub turned_away: u64,
}

/// Why there is no answer, not even a bad one.
#[derive(Debug)]
pub enum NoAnswer {
    /// It was away a moment ago, or has too many to answer already, so it was not asked.
    NotAsked(Fault),
    /// It was asked, and nobody knows what came of it.
    TooLate(Fault),
}

impl From<NoAnswer> for Fault {
    fn from(none: NoAnswer) -> Self {
        match none {
            NoAnswer::NotAsked(fault) | NoAnswer::TooLate(fault) => fault,
        }
    }
}

impl Dependency {
    pub fn new(name: impl Into<String>, port: &'static str) -> Self {
        let now = Instant::now();
        Dependency {
            name: name.into(),
            port,
            breaker: Mutex::new(Breaker::new(now)),
            purse: Mutex::new(Purse::new(now)),
            retries: AtomicU64::new(0),
            room: Room::default(),
        }
    }

    pub fn port(&self) -> &'static str {
        self.port
    }

    pub fn state(&self) -> DependencyState {
        let breaker = lock(&self.breaker).state();
        DependencyState {
            name: self.name.clone(),
            breaker,
            retries: self.retries.load(Ordering::Relaxed),
            calls: self.room.taken(),
            turned_away: self.room.turned_away(),
        }
    }

    /// Asks, and waits for the answer no longer than `patience`. `away` tells an answer that is none: that the other
    /// side was not reached, or could not serve anybody.
    pub async fn ask<T>(
        &self,
        patience: Duration,
        asking: impl Future<Output = T>,
        away: impl FnOnce(&T) -> bool,
    ) -> Result<T, NoAnswer> {
        let call = self.enter().map_err(NoAnswer::NotAsked)?;
        let Ok(answer) = tokio::time::timeout(patience, asking).await else {
            let cause = format_args!("{}: no answer within {} ms", self.name, patience.as_millis());
            return Err(NoAnswer::TooLate(Fault::away(self.port, cause)));
        };
        call.ended(if away(&answer) { Outcome::Away } else { Outcome::Answered });
        Ok(answer)
    }

    /// Whether a call may be repeated that was lost, or turned away for too much load. Of an outage this keeps calls
    /// from becoming many more than there are.
    pub fn may_retry(&self) -> bool {
        let may = lock(&self.purse).spend(Instant::now());
        if may {
            self.retries.fetch_add(1, Ordering::Relaxed);
        }
        may
    }

    fn enter(&self) -> Result<Call<'_>, Fault> {
        let begun = Instant::now();
        let Some(place) = self.room.enter() else {
            let cause = format_args!("{} has {MOST} calls to answer already", self.name);
            return Err(Fault::busy(self.port, cause));
        };
        match lock(&self.breaker).enter(begun) {
            Entry::Open(turn) => {
                lock(&self.purse).earn();
                Ok(Call { dependency: self, begun, turn: Some(turn), _place: place })
            }
            Entry::Closed { left } => {
                let cause = format_args!("{} was away; it is left alone for {} ms", self.name, left.as_millis());
                Err(Fault::away(self.port, cause))
            }
        }
    }

    fn heard(&self, turn: Turn, outcome: Outcome) {
        let mut breaker = lock(&self.breaker);
        let before = breaker.state();
        breaker.ended(turn, outcome, Instant::now());
        let after = breaker.state();
        drop(breaker);
        match (before, after) {
            (BreakerState::Closed, BreakerState::Open) => {
                tracing::warn!(dependency = self.name, port = self.port, "a dependency is away and left alone");
            }
            (BreakerState::HalfOpen, BreakerState::Closed) => {
                tracing::info!(dependency = self.name, port = self.port, "a dependency is back");
            }
            _ => {}
        }
    }
}

/// A call that was let through. One that is dropped was given up by its caller.
struct Call<'a> {
    dependency: &'a Dependency,
    begun: Instant,
    turn: Option<Turn>,
    _place: Place<'a>,
}

impl Call<'_> {
    fn ended(mut self, outcome: Outcome) {
        if let Some(turn) = self.turn.take() {
            self.dependency.heard(turn, outcome);
        }
    }
}

impl Drop for Call<'_> {
    fn drop(&mut self) {
        if let Some(turn) = self.turn.take() {
            let outcome = if self.begun.elapsed() >= SILENCE { Outcome::Away } else { Outcome::Unknown };
            self.dependency.heard(turn, outcome);
        }
    }
}

fn lock<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}
