//! A moment in UTC, to the millisecond: what every store can keep exactly. Written as RFC 3339.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;

use crate::check::Invalid;

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    pub const fn from_millis(millis: i64) -> Self {
        Timestamp(millis)
    }

    pub const fn millis(self) -> i64 {
        self.0
    }

    pub fn after(self, wait: Duration) -> Self {
        Timestamp(self.0.saturating_add(wait.as_millis().min(i64::MAX as u128) as i64))
    }

    pub fn before(self, wait: Duration) -> Self {
        Timestamp(self.0.saturating_sub(wait.as_millis().min(i64::MAX as u128) as i64))
    }

    /// How long until `self`, seen from `now`; zero when it has passed.
    pub fn since(self, now: Timestamp) -> Duration {
        Duration::from_millis(self.0.saturating_sub(now.0).max(0) as u64)
    }

    pub fn parse(text: &str) -> Result<Self, Invalid> {
        OffsetDateTime::parse(text, &Rfc3339)
            .map(|moment| Timestamp((moment.unix_timestamp_nanos() / 1_000_000) as i64))
            .map_err(|_| Invalid::new("invalid_time", "must be a time like 2026-01-31T10:00:00Z"))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let format = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");
        let text = OffsetDateTime::from_unix_timestamp_nanos(i128::from(self.0) * 1_000_000)
            .ok()
            .and_then(|moment| moment.format(format).ok());
        f.write_str(text.as_deref().unwrap_or("invalid time"))
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        Timestamp::parse(&text).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_reads_back_to_the_millisecond() {
        let moment = Timestamp::from_millis(1_790_000_000_123);
        assert_eq!(Timestamp::parse(&moment.to_string()).unwrap(), moment);
        assert!(moment.to_string().ends_with(".123Z"));
    }
}
