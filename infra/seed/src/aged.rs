//! A clock that stands at a moment past, and ids as they would have been given then: products are listed by id.

use bharatmart_core::Timestamp;
use bharatmart_core::ports::{Clock, Ids};
use uuid::{Builder, Uuid};

pub(crate) struct Aged<'a> {
    pub at: Timestamp,
    pub ids: &'a dyn Ids,
}

impl Clock for Aged<'_> {
    fn now(&self) -> Timestamp {
        self.at
    }
}

impl Ids for Aged<'_> {
    /// The moment of `at`, and the part of a new id that is not its time.
    fn uuid(&self) -> Uuid {
        let mut rest = [0; 10];
        rest.copy_from_slice(&self.ids.uuid().as_bytes()[6..]);
        Builder::from_unix_timestamp_millis(self.at.millis().max(0) as u64, &rest).into_uuid()
    }
}
