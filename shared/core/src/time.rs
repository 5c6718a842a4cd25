//! A moment in UTC, to the millisecond: what every store can keep exactly. Written as RFC 3339.

use std::fmt;
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use time::OffsetDateTime;
use time::format_description::BorrowedFormatItem;
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;

use crate::check::Invalid;

/// How far India is ahead of UTC. It has one time, and no summer time.
pub const IST: Duration = Duration::from_secs(5 * 3600 + 1800);

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, JsonSchema)]
#[schemars(inline)]
pub struct Timestamp(#[schemars(with = "String", extend("format" = "date-time"))] i64);

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

    /// As a clock in India shows it: `21 Sep 2026, 7:23 pm IST`.
    pub fn in_india(self) -> String {
        let format = format_description!(
            "[day padding:none] [month repr:short] [year], [hour repr:12 padding:none]:[minute] [period case:lower] IST"
        );
        self.after(IST).written(format)
    }

    fn written(self, format: &[BorrowedFormatItem<'_>]) -> String {
        let moment = OffsetDateTime::from_unix_timestamp_nanos(i128::from(self.0) * 1_000_000).ok();
        moment.and_then(|moment| moment.format(format).ok()).unwrap_or_else(|| "invalid time".to_owned())
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
        f.write_str(&self.written(format))
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

    #[test]
    fn a_customer_is_told_the_time_of_india() {
        let told = |text| Timestamp::parse(text).unwrap().in_india();
        assert_eq!(told("2026-11-20T14:12:09.500Z"), "20 Nov 2026, 7:42 pm IST");
        assert_eq!(told("2026-12-31T18:30:00Z"), "1 Jan 2027, 12:00 am IST");
        assert_eq!(told("2026-03-09T06:35:00Z"), "9 Mar 2026, 12:05 pm IST");
    }
}
