//! One connection to the file: how it is opened, how a statement runs on it, and what its errors mean.

use std::path::Path;
use std::time::Duration;

use bharatmart_core::ports::Fault;
use rusqlite::config::DbConfig;
use rusqlite::types::ValueRef;
use rusqlite::{CachedStatement, Connection, ErrorCode, OpenFlags};

use crate::sql::{Columns, PORT, Query, Stop, Value};

/// Statements of the store, six or so a kind of record, and a few more, so that none is prepared twice.
const STATEMENTS: usize = 256;
/// How long SQLite itself waits for another process; after that it is a clash, retried with jitter.
pub(super) const BUSY: Duration = Duration::from_millis(100);
/// Several processes may start at once, and one of them makes the file.
const BUSY_AT_START: Duration = Duration::from_secs(10);

impl From<rusqlite::Error> for Stop {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            // Another process holds the file.
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Stop::Clash(error.to_string()),
            Some(ErrorCode::DiskFull | ErrorCode::SystemIoFailure | ErrorCode::CannotOpen) => {
                Stop::Fault(Fault::away(PORT, error))
            }
            _ => Stop::Fault(Fault::broken(PORT, error)),
        }
    }
}

/// The one connection that writes. `synchronous = FULL` makes a commit durable before it is answered.
pub(super) fn open_writer(path: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(BUSY_AT_START)?;
    connection.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; \
         PRAGMA journal_size_limit = 67108864;",
    )?;
    keep_statements(&connection)?;
    Ok(connection)
}

pub(super) fn open_reader(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY)?;
    keep_statements(&connection)?;
    Ok(connection)
}

/// A prepared statement stays as it was planned. Without this SQLite plans each query anew whenever its values change,
/// which takes half of the time of a read.
fn keep_statements(connection: &Connection) -> rusqlite::Result<()> {
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).map(drop)
}

pub struct Row(Vec<Value>);

impl Columns for Row {
    fn int(&self, at: usize) -> Result<Option<i64>, Fault> {
        match self.0.get(at) {
            Some(Value::Int(int)) => Ok(*int),
            Some(Value::Text(None)) => Ok(None),
            _ => Err(Fault::broken(PORT, format_args!("column {at} is no figure"))),
        }
    }

    fn text(&self, at: usize) -> Result<Option<&str>, Fault> {
        match self.0.get(at) {
            Some(Value::Text(text)) => Ok(text.as_deref()),
            _ => Err(Fault::broken(PORT, format_args!("column {at} is no text"))),
        }
    }
}

pub(super) fn rows(connection: &Connection, query: &Query) -> Result<Vec<Row>, Stop> {
    let mut statement = bound(connection, query)?;
    let columns = statement.column_count();
    let mut cursor = statement.raw_query();
    let mut rows = Vec::new();
    while let Some(row) = cursor.next()? {
        let values = (0..columns).map(|at| row.get_ref(at).map_err(Stop::from).and_then(value));
        rows.push(Row(values.collect::<Result<_, _>>()?));
    }
    Ok(rows)
}

/// How many rows the statement changed.
pub(super) fn changed(connection: &Connection, query: &Query) -> Result<u64, Stop> {
    Ok(bound(connection, query)?.raw_execute()? as u64)
}

fn bound<'c>(connection: &'c Connection, query: &Query) -> rusqlite::Result<CachedStatement<'c>> {
    let mut statement = connection.prepare_cached(query.sql)?;
    for (value, at) in query.values.iter().zip(1..) {
        debug_assert_eq!(statement.parameter_name(at), Some(format!("${at}").as_str()), "{}", query.sql);
        match value {
            Value::Int(int) => statement.raw_bind_parameter(at, int)?,
            Value::Text(text) => statement.raw_bind_parameter(at, text)?,
        }
    }
    Ok(statement)
}

fn value(value: ValueRef<'_>) -> Result<Value, Stop> {
    match value {
        ValueRef::Null => Ok(Value::Text(None)),
        ValueRef::Integer(int) => Ok(Value::Int(Some(int))),
        ValueRef::Text(text) => {
            let text = std::str::from_utf8(text).map_err(|error| Fault::broken(PORT, error))?;
            Ok(Value::Text(Some(text.to_owned())))
        }
        ValueRef::Real(_) | ValueRef::Blob(_) => Err(Fault::broken(PORT, "neither a figure nor text").into()),
    }
}
