//! A clock that stands until it is turned.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use bharatmart_core::Timestamp;
use bharatmart_core::ports::Clock;
use bharatmart_tests::data;

pub struct TurnedClock(AtomicI64);

impl TurnedClock {
    pub fn new() -> Self {
        TurnedClock(AtomicI64::new(data::at(0).millis()))
    }

    pub fn turn(&self, by: Duration) {
        self.0.fetch_add(by.as_millis() as i64, Ordering::SeqCst);
    }
}

impl Clock for TurnedClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::SeqCst))
    }
}
