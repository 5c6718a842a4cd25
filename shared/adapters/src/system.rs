//! The real clock, real ids and real chance.

use std::time::{SystemTime, UNIX_EPOCH};

use bharatmart_core::Timestamp;
use bharatmart_core::ports::{Clock, Ids, Random};
use rand::RngCore;
use uuid::Uuid;

/// All three; it holds nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct System;

impl Clock for System {
    #[allow(clippy::disallowed_methods, reason = "the one place that asks the real clock")]
    fn now(&self) -> Timestamp {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp::from_millis(since.as_millis() as i64)
    }
}

impl Ids for System {
    #[allow(clippy::disallowed_methods, reason = "the one place that makes real ids")]
    fn uuid(&self) -> Uuid {
        Uuid::now_v7()
    }
}

impl Random for System {
    fn fill(&self, bytes: &mut [u8]) {
        rand::rng().fill_bytes(bytes);
    }
}
