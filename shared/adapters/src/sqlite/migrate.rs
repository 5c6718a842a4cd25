//! Brings the file's tables up to date. Of several processes that start at once, one does it and the others wait.

use bharatmart_core::ports::Fault;
use rusqlite::Connection;

use super::connection::{changed, rows};
use crate::sql::{self, Dialect, Done, Query, Stop};

pub(super) fn migrate(connection: &Connection) -> Result<(), Stop> {
    connection.execute_batch("BEGIN IMMEDIATE")?;
    let done = run_missing(connection).and_then(|()| Ok(connection.execute_batch("COMMIT")?));
    if done.is_err() {
        connection.execute_batch("ROLLBACK")?;
    }
    done
}

fn run_missing(connection: &Connection) -> Result<(), Stop> {
    connection.execute_batch(sql::CREATE_TABLE)?;
    let done = rows(connection, &Query::new(sql::SELECT_DONE))?;
    let done = done.iter().map(Done::read).collect::<Result<Vec<_>, Fault>>()?;
    for migration in sql::missing(Dialect::Sqlite, &done)? {
        connection.execute_batch(&migration.sql)?;
        changed(connection, &migration.note())?;
    }
    Ok(())
}
