//! The clock, which may go wrong.

use std::sync::Arc;

use bharatmart_core::Timestamp;
use bharatmart_core::ports::Clock;

use crate::act::Act;
use crate::decorator::{Chaos, Faulty};
use crate::operation::{OF_CLOCKS, Operation};

impl Chaos {
    pub fn clock(&self, clock: Arc<dyn Clock>) -> Arc<dyn Clock> {
        Arc::new(self.faulty(clock))
    }
}

const NOW: Operation = Operation::reads("clock", "Clock", "now").having(OF_CLOCKS);
pub(crate) const CLOCK: &[Operation] = &[NOW];

impl Clock for Faulty<dyn Clock> {
    fn now(&self) -> Timestamp {
        let now = self.inner.now();
        match self.chaos.act(&NOW) {
            Act::Skew(by) => Timestamp::from_millis(now.millis().saturating_add(by)),
            _ => now,
        }
    }
}
