//! The store's SQL on a SQLite file: one thread writes, the others read beside it.

use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use bharatmart_core::ports::{CommitError, Fault};
use rusqlite::Connection;

use super::connection::{Row, changed, open_writer, rows};
use super::migrate::migrate;
use super::readers::Readers;
use super::writer::Writer;
use crate::sql::{Cost, Engine, PORT, Plan, Query, SqlStore, Stop, Verdict, retried, written};

pub type SqliteStore = SqlStore<Sqlite>;

pub struct Sqlite {
    readers: Arc<Readers>,
    writer: Writer,
}

impl SqlStore<Sqlite> {
    /// Opens the file, makes it when there is none, and brings its tables up to date. Several processes may share it.
    pub fn open(path: &Path) -> Result<Self, Fault> {
        if let Some(folder) = path.parent() {
            let away = |error| Fault::away(PORT, format_args!("{}: {error}", folder.display()));
            std::fs::create_dir_all(folder).map_err(away)?;
        }
        let connection = open(path).map_err(Stop::into_fault)?;
        let engine = Sqlite { readers: Arc::new(Readers::new(path)), writer: Writer::start(connection)? };
        Ok(SqlStore { engine })
    }
}

fn open(path: &Path) -> Result<Connection, Stop> {
    let connection = open_writer(path)?;
    migrate(&connection)?;
    Ok(connection)
}

#[async_trait]
impl Engine for Sqlite {
    type Row = Row;

    async fn read(&self, queries: Vec<Query>, cost: Cost) -> Result<Vec<Vec<Row>>, Fault> {
        let read = match cost {
            // A few microseconds: less than it takes to hand the work to another thread.
            Cost::Keyed => self.readers.read(&queries),
            Cost::Range => {
                let readers = Arc::clone(&self.readers);
                let reading = tokio::task::spawn_blocking(move || readers.read(&queries));
                reading.await.map_err(|error| Fault::broken(PORT, error))?
            }
        };
        read.map_err(Stop::into_fault)
    }

    async fn write(&self, queries: Vec<Query>) -> Result<Vec<Vec<Row>>, Fault> {
        let queries = Arc::new(queries);
        let work = move |connection: &Connection| queries.iter().map(|query| rows(connection, query)).collect();
        written(|| self.writer.run(work.clone())).await
    }

    async fn commit(&self, plan: Plan) -> Result<(), CommitError> {
        let plan = Arc::new(plan);
        let work = move |connection: &Connection| apply(connection, &plan);
        retried(|| self.writer.run(work.clone())).await
    }
}

fn apply(connection: &Connection, plan: &Plan) -> Result<(), Stop> {
    let (mut verdict, mut failed) = (Verdict::default(), None);
    for step in &plan.steps {
        if verdict.needs(step) {
            match changed(connection, &step.query) {
                Ok(rows) => verdict.note(step, rows),
                // A row that refers to nothing, say: as in PostgreSQL, a refusal before or after it is the answer.
                Err(Stop::Fault(fault @ Fault::Broken { .. })) if !connection.is_autocommit() => {
                    failed.get_or_insert(fault);
                }
                Err(stop) => return Err(stop),
            }
        }
    }
    match (verdict.refusal(), failed) {
        (Some(refusal), _) => Err(Stop::Refused(refusal)),
        (None, Some(fault)) => Err(fault.into()),
        (None, None) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;

    #[test]
    fn several_may_open_a_new_file_at_once_and_leave_one_file_behind() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new").join("shop.sqlite");
        thread::scope(|scope| {
            let opening: Vec<_> = (0..8).map(|_| scope.spawn(|| SqliteStore::open(&path).map(drop))).collect();
            for opened in opening {
                opened.join().unwrap().unwrap();
            }
        });
        let left: Vec<_> =
            std::fs::read_dir(path.parent().unwrap()).unwrap().map(|file| file.unwrap().path()).collect();
        assert_eq!(left, [path], "the write-ahead log is taken in when the last one closes");
    }
}
