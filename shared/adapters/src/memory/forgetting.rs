//! What the store in memory takes away once its life is over.

use std::collections::BTreeMap;

use bharatmart_core::Timestamp;
use bharatmart_core::ports::SENT_KEPT;
use bharatmart_core::record::Document;

use super::state::{Key, KeyState, Noted, State, Window};

impl State {
    /// At most `limit` of each kind.
    pub(super) fn forget(&mut self, before: Timestamp, limit: usize) -> usize {
        let sent_before = before.before(SENT_KEPT);
        let records = self.records.values_mut().map(|rows| forget(rows, limit, |_, row| has_ended(row, before)));
        let records: usize = records.sum();
        records
            + forget(&mut self.keys, limit, |_, key| key.lives_until() < before)
            + forget(&mut self.applied, limit, |_, until| *until < before)
            + forget(&mut self.windows, limit, |_, window: &Window| window.ends_at < before)
            + forget(&mut self.events, limit, |(time, _), noted: &Noted| noted.sent && *time < sent_before)
    }
}

impl Key {
    fn lives_until(&self) -> Timestamp {
        match self.at {
            KeyState::Free { until } | KeyState::Running { until } => until,
            KeyState::Answered { expires_at, .. } => expires_at,
        }
    }
}

fn has_ended(row: &Document, before: Timestamp) -> bool {
    let until = row.get("expires_at").and_then(|until| until.as_str());
    until.and_then(|until| Timestamp::parse(until).ok()).is_some_and(|until| until < before)
}

fn forget<K: Ord, V>(rows: &mut BTreeMap<K, V>, limit: usize, has_ended: impl Fn(&K, &V) -> bool) -> usize {
    let kept = rows.len();
    let mut left = limit;
    rows.retain(|key, row| {
        let goes = left > 0 && has_ended(key, row);
        left -= usize::from(goes);
        !goes
    });
    kept - rows.len()
}
