//! Who decides what befalls a call: a plan, or whatever a simulation puts in its place.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bharatmart_core::ports::Clock;

use crate::act::Act;
use crate::aim::{Draws, Marks};
use crate::operation::Operation;
use crate::plan::Plan;

pub trait Injector: Send + Sync {
    /// Asked once a call. What `operation.faults` does not hold is as good as `Act::Pass`.
    fn act(&self, operation: &'static Operation) -> Act;
}

/// Follows a plan. The same seed, request and call always meet the same fault.
pub struct PlanInjector {
    plan: Plan,
    seed: u64,
    clock: Arc<dyn Clock>,
    marks: Arc<dyn Marks>,
    on: AtomicBool,
}

impl PlanInjector {
    /// Off, until it is switched on.
    pub fn new(plan: Plan, seed: u64, clock: Arc<dyn Clock>, marks: Arc<dyn Marks>) -> Self {
        PlanInjector { plan, seed, clock, marks, on: AtomicBool::new(false) }
    }

    pub fn switch(&self, on: bool) {
        self.on.store(on, Ordering::Relaxed);
    }

    pub fn is_on(&self) -> bool {
        self.on.load(Ordering::Relaxed)
    }
}

impl Injector for PlanInjector {
    fn act(&self, operation: &'static Operation) -> Act {
        // First of all the switch; then the plan, which costs a number only where it aims.
        if !self.is_on() || !self.plan.aims_at(operation) {
            return Act::Pass;
        }
        let mut draws = Draws::of(self.seed, self.marks.next(), operation.port, operation.name);
        self.plan.act(operation, self.clock.now(), &mut draws)
    }
}
