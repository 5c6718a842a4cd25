//! What is taken away once its life is over: of each table so many rows at a time, the oldest first, found by an index.

use std::sync::LazyLock;

use async_trait::async_trait;
use bharatmart_core::Timestamp;
use bharatmart_core::ports::{Fault, Forgets, SENT_KEPT};

use super::catalog::rows_at_most;
use super::engine::{Engine, Query};
use super::{SqlStore, table_statements};

/// Besides records: a table, its key, the column that says until when a row lives, and what else must hold.
const KEPT_BESIDE: &[(&str, &str, &str, &str)] = &[
    ("idempotency_keys", "tenant, idempotency_key", "live_until", ""),
    ("inbox", "tenant, consumer, event_id", "expires_at", ""),
    ("windows", "tenant, name", "ends_at", ""),
];

/// An event has no end of its own.
static FORGET_EVENTS: LazyLock<String> =
    LazyLock::new(|| statement("events", "tenant, event_id", "occurred_at", " AND sent = 1"));

static FORGET: LazyLock<Vec<String>> = LazyLock::new(|| {
    let beside = KEPT_BESIDE.iter().map(|(name, key, until, also)| statement(name, key, until, also));
    beside.chain(table_statements::ending().map(|(name, key)| statement(name, &key, "expires_at", ""))).collect()
});

/// The condition stands twice: what was given a longer life since it was found stays. `+` keeps SQLite from finding all
/// that have ended where so many are asked for.
fn statement(table: &str, key: &str, until: &str, also: &str) -> String {
    format!(
        "DELETE FROM {table} WHERE ({key}) IN \
         (SELECT {key} FROM {table} WHERE {until} < $1{also} ORDER BY {until} LIMIT $2) \
         AND +{until} < $1 RETURNING 1"
    )
}

#[async_trait]
impl<E: Engine> Forgets for SqlStore<E> {
    /// A table at a time: none is kept from its writers for long.
    async fn forget(&self, before: Timestamp, limit: usize) -> Result<usize, Fault> {
        let of_events = (FORGET_EVENTS.as_str(), before.before(SENT_KEPT));
        let mut forgotten = 0;
        for (sql, before) in FORGET.iter().map(|sql| (sql.as_str(), before)).chain([of_events]) {
            let query = Query::new(sql).with(before).with(rows_at_most(limit));
            forgotten += self.engine.write(vec![query]).await?.iter().flatten().count();
        }
        Ok(forgotten)
    }
}

#[cfg(all(test, feature = "sqlite"))]
mod tests {
    use super::super::migrations::{Dialect, missing};
    use super::*;

    #[test]
    fn what_has_ended_is_found_by_an_index_and_by_its_key() {
        let file = rusqlite::Connection::open_in_memory().unwrap();
        for migration in missing(Dialect::Sqlite, &[]).unwrap() {
            file.execute_batch(&migration.sql).unwrap();
        }
        assert!(FORGET.iter().any(|sql| sql.starts_with("DELETE FROM sessions ")));
        for sql in FORGET.iter().chain([&*FORGET_EVENTS]) {
            let mut explained = file.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
            let mut lines = explained.raw_query();
            let mut plan = Vec::new();
            while let Some(line) = lines.next().unwrap() {
                plan.push(line.get::<_, String>("detail").unwrap());
            }
            let looks = || plan.iter().filter(|line| line.starts_with("SEARCH") || line.starts_with("SCAN"));
            let sought = looks().all(|line| line.starts_with("SEARCH"));
            assert!(sought && looks().count() == 2, "{sql}: {plan:?}");
            assert!(plan.iter().any(|line| line.contains("(tenant=?")), "{sql}: {plan:?}");
            assert!(!plan.iter().any(|line| line.contains("TEMP B-TREE")), "{sql}: {plan:?}");
        }
    }
}
