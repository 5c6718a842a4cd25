//! Connections that only read. One is borrowed for the length of a read, so there are as many as threads that read at
//! the same time. Each read sees every commit that was answered before it, of this process or another.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use rusqlite::Connection;

use super::connection::{Row, open_reader, rows};
use crate::sql::{Query, Stop};

/// A burst may open more; they are closed again.
const MOST_IDLE: usize = 16;

pub(super) struct Readers {
    path: PathBuf,
    idle: Mutex<Vec<Connection>>,
}

impl Readers {
    pub(super) fn new(path: &Path) -> Self {
        Readers { path: path.to_owned(), idle: Mutex::default() }
    }

    pub(super) fn read(&self, queries: &[Query]) -> Result<Vec<Vec<Row>>, Stop> {
        let connection = match self.idle().pop() {
            Some(connection) => connection,
            None => open_reader(&self.path)?,
        };
        let read = in_one_snapshot(&connection, queries);
        // A connection that failed may be within a transaction still.
        if read.is_ok() {
            let mut idle = self.idle();
            if idle.len() < MOST_IDLE {
                idle.push(connection);
            }
        }
        read
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Connection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn in_one_snapshot(connection: &Connection, queries: &[Query]) -> Result<Vec<Vec<Row>>, Stop> {
    if let [query] = queries {
        return Ok(vec![rows(connection, query)?]);
    }
    connection.prepare_cached("BEGIN")?.raw_execute()?;
    let read = queries.iter().map(|query| rows(connection, query)).collect::<Result<_, _>>()?;
    connection.prepare_cached("COMMIT")?.raw_execute()?;
    Ok(read)
}
