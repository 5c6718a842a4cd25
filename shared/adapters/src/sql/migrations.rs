//! The tables' history, embedded. A migration that has run is never changed: another one follows it.

use std::fmt::Write;

use bharatmart_core::ports::Fault;
use sha2::{Digest, Sha256};

use super::engine::Query;
use super::rows::{Columns, Reader, broken};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    #[cfg_attr(not(feature = "sqlite"), allow(dead_code, reason = "named by the SQLite engine alone"))]
    Sqlite,
    #[cfg_attr(not(feature = "postgres"), allow(dead_code, reason = "named by the PostgreSQL engine alone"))]
    Postgres,
}

/// In the order they run; the number is the version.
const ALL: &[(i64, &str, &str)] = &[
    (1, "catalog", include_str!("migrations/0001_catalog.sql")),
    (2, "stock_after_all", include_str!("migrations/0002_stock_after_all.sql")),
    (3, "identity", include_str!("migrations/0003_identity.sql")),
    (4, "shelf", include_str!("migrations/0004_shelf.sql")),
    (5, "wishlists", include_str!("migrations/0005_wishlists.sql")),
    (6, "orders", include_str!("migrations/0006_orders.sql")),
    (7, "sold", include_str!("migrations/0007_sold.sql")),
];

pub(crate) const CREATE_TABLE: &str = "CREATE TABLE IF NOT EXISTS schema_migrations (\
    version BIGINT NOT NULL PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL)";

pub(crate) const SELECT_DONE: &str = "SELECT version, checksum FROM schema_migrations ORDER BY version";

const INSERT_DONE: &str = "INSERT INTO schema_migrations (version, name, checksum) VALUES ($1, $2, $3)";

pub(crate) struct Migration {
    version: i64,
    name: &'static str,
    checksum: String,
    pub(crate) sql: String,
}

impl Migration {
    /// What is written down once it has run.
    pub(crate) fn note(&self) -> Query {
        Query::new(INSERT_DONE).with(self.version).with(self.name).with(self.checksum.as_str())
    }
}

/// One that has run: its version and checksum.
pub(crate) struct Done(i64, String);

impl Done {
    pub(crate) fn read<R: Columns>(row: &R) -> Result<Self, Fault> {
        let mut read = Reader::new(row);
        Ok(Done(read.int()?, read.owned()?))
    }
}

/// What is still to run. A database that is ahead of this program is left as it is: during a deployment, older
/// functions go on working beside newer ones.
pub(crate) fn missing(dialect: Dialect, done: &[Done]) -> Result<Vec<Migration>, Fault> {
    let mut missing = Vec::new();
    for (version, name, text) in ALL {
        let checksum = checksum(text);
        match done.iter().find(|done| done.0 == *version) {
            Some(done) if done.1 == checksum => {}
            Some(_) => {
                return Err(broken(format_args!("migration {version}_{name} was changed after it ran; add a new one")));
            }
            None => missing.push(Migration { version: *version, name, checksum, sql: dialect.text(text) }),
        }
    }
    Ok(missing)
}

fn checksum(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

impl Dialect {
    /// Opens the comments meant for this engine: `/*pg COLLATE "C" */`.
    fn text(self, sql: &str) -> String {
        let opening = match self {
            Dialect::Sqlite => "/*sqlite ",
            Dialect::Postgres => "/*pg ",
        };
        let mut parts = sql.split(opening);
        let mut text = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            text += &part.replacen("*/", "", 1);
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_engine_reads_its_own_comments_and_no_others() {
        let sql = "a TEXT /*pg COLLATE \"C\" */ NOT NULL) /*sqlite WITHOUT ROWID */; b /* both */";
        assert_eq!(
            Dialect::Postgres.text(sql),
            "a TEXT COLLATE \"C\"  NOT NULL) /*sqlite WITHOUT ROWID */; b /* both */"
        );
        assert_eq!(Dialect::Sqlite.text(sql), "a TEXT /*pg COLLATE \"C\" */ NOT NULL) WITHOUT ROWID ; b /* both */");
    }

    #[test]
    fn what_has_run_is_not_run_again_and_not_changed() {
        let all = missing(Dialect::Sqlite, &[]).unwrap();
        let done: Vec<_> = all.iter().map(|one| Done(one.version, one.checksum.clone())).collect();
        assert!(missing(Dialect::Sqlite, &done).unwrap().is_empty());
        assert!(missing(Dialect::Sqlite, &[Done(1, "another".to_owned())]).is_err());
    }

    #[test]
    fn a_newer_database_is_left_as_it_is() {
        let mut done: Vec<_> = ALL.iter().map(|(version, _, text)| Done(*version, checksum(text))).collect();
        done.push(Done(9_999, "of a later program".to_owned()));
        assert!(missing(Dialect::Postgres, &done).unwrap().is_empty());
    }
}
