//! The thread that owns the queue's file. Whatever has come while it was busy goes into one transaction and waits for
//! one fsync; each caller is answered after the commit. It knows nothing of queues.

use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::time::Duration;

use bharatmart_core::ports::Fault;
use rusqlite::{Connection, ErrorCode, TransactionBehavior};
use tokio::sync::oneshot;

use crate::budget;

/// So that one slow caller is not made to wait for an endless row of others.
const MOST_AT_ONCE: usize = 256;
/// Another process may hold the file for the length of one transaction.
const PATIENCE: Duration = Duration::from_secs(5);
const STATEMENTS: usize = 32;

/// What a power cut may take back. (The end of the process takes nothing back.)
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Durability {
    /// Nothing: answered after an fsync.
    Fsync,
    /// The last moments: a delivery, or that it is done, which is then delivered again.
    Lazy,
}

pub(super) struct Writer {
    jobs: mpsc::Sender<Box<dyn Job>>,
}

trait Job: Send {
    fn durability(&self) -> Durability;

    fn work(&mut self, file: &Connection) -> rusqlite::Result<()>;

    /// Called once, when it is known whether the work of all was committed.
    fn tell(self: Box<Self>, committed: Result<(), &rusqlite::Error>);
}

struct Task<T, W> {
    durability: Durability,
    work: Option<W>,
    value: Option<T>,
    reply: oneshot::Sender<Result<T, Fault>>,
}

impl<T: Send, W: FnOnce(&Connection) -> rusqlite::Result<T> + Send> Job for Task<T, W> {
    fn durability(&self) -> Durability {
        self.durability
    }

    fn work(&mut self, file: &Connection) -> rusqlite::Result<()> {
        self.value = self.work.take().map(|work| work(file)).transpose()?;
        Ok(())
    }

    fn tell(self: Box<Self>, committed: Result<(), &rusqlite::Error>) {
        let Task { value, reply, .. } = *self;
        // Who no longer waits needs no answer.
        drop(reply.send(committed.map_err(fault).and_then(|()| value.ok_or_else(closed))));
    }
}

impl Writer {
    pub(super) async fn open(path: &Path, schema: &'static str) -> Result<Self, Fault> {
        let (jobs, inbox) = mpsc::channel();
        let (opened, answer) = oneshot::channel();
        let path = PathBuf::from(path);
        let thread = std::thread::Builder::new().name("queue".to_owned()).spawn(move || match open(&path, schema) {
            Ok(file) => {
                if opened.send(Ok(())).is_ok() {
                    serve(file, &inbox);
                }
            }
            Err(error) => drop(opened.send(Err(fault(&error)))),
        });
        thread.map_err(|error| Fault::broken("queue", error))?;
        answer.await.map_err(|_| closed())??;
        Ok(Writer { jobs })
    }

    pub(super) async fn run<T: Send + 'static>(
        &self,
        durability: Durability,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, Fault> {
        let (reply, answer) = oneshot::channel();
        let task = Task { durability, work: Some(work), value: None, reply };
        self.jobs.send(Box::new(task)).map_err(|_| closed())?;
        match tokio::time::timeout(budget::remaining(), answer).await {
            Ok(answer) => answer.map_err(|_| closed())?,
            Err(_) => Err(Fault::away("queue", "the disk is too slow")),
        }
    }
}

fn open(path: &Path, schema: &str) -> rusqlite::Result<Connection> {
    let file = Connection::open(path)?;
    file.busy_timeout(PATIENCE)?;
    file.pragma_update(None, "journal_mode", "WAL")?;
    file.pragma_update(None, "synchronous", "FULL")?;
    file.set_prepared_statement_cache_capacity(STATEMENTS);
    file.execute_batch(schema)?;
    Ok(file)
}

/// Until the `Writer` is gone.
fn serve(mut file: Connection, inbox: &mpsc::Receiver<Box<dyn Job>>) {
    while let Ok(first) = inbox.recv() {
        let mut jobs: Vec<_> = std::iter::once(first).chain(inbox.try_iter()).take(MOST_AT_ONCE).collect();
        let committed = commit(&mut file, &mut jobs);
        for job in jobs {
            job.tell(committed.as_ref().copied());
        }
    }
}

/// All of the jobs or none of them.
fn commit(file: &mut Connection, jobs: &mut [Box<dyn Job>]) -> rusqlite::Result<()> {
    let fsync = jobs.iter().any(|job| job.durability() == Durability::Fsync);
    file.pragma_update(None, "synchronous", if fsync { "FULL" } else { "NORMAL" })?;
    let transaction = file.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for job in jobs {
        job.work(&transaction)?;
    }
    transaction.commit()
}

fn fault(error: &rusqlite::Error) -> Fault {
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Fault::busy("queue", error),
        Some(ErrorCode::DiskFull | ErrorCode::SystemIoFailure | ErrorCode::CannotOpen | ErrorCode::OutOfMemory) => {
            Fault::away("queue", error)
        }
        _ => Fault::broken("queue", error),
    }
}

fn closed() -> Fault {
    Fault::away("queue", "its file is closed")
}
