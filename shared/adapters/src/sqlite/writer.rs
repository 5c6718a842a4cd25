//! The one thread that writes. What waits for it is done in one transaction, each piece of work in a savepoint of its
//! own, so that one fsync serves them all and a refused piece is undone alone.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use bharatmart_core::ports::Fault;
use rusqlite::Connection;
use tokio::sync::oneshot;

use super::connection::BUSY;
use crate::budget;
use crate::sql::{PORT, Stop};

/// More than ever wait at once on one machine; a bound on what one failure undoes.
const MOST_AT_ONCE: usize = 256;

/// Left, of a caller's time, for telling that the file is held by another process.
const MARGIN: Duration = Duration::from_millis(50);

pub(super) struct Writer {
    /// `None` once the writer is being dropped.
    jobs: Option<Sender<Box<dyn Job>>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    pub(super) fn start(connection: Connection) -> Result<Self, Fault> {
        let (jobs, waiting) = channel();
        let thread = std::thread::Builder::new()
            .name("sqlite-writer".to_owned())
            .spawn(move || serve(&connection, &waiting))
            .map_err(|error| Fault::away(PORT, error))?;
        Ok(Writer { jobs: Some(jobs), thread: Some(thread) })
    }

    /// Runs `work` in a transaction and answers when it is durable; an error undoes what it did.
    pub(super) async fn run<T, W>(&self, work: W) -> Result<T, Stop>
    where
        T: Send + 'static,
        W: FnOnce(&Connection) -> Result<T, Stop> + Send + 'static,
    {
        let gone = || Stop::Fault(Fault::broken(PORT, "the thread that writes is gone"));
        let left = budget::remaining();
        let (answer, answered) = oneshot::channel();
        let asked = Asked { work: Some(work), outcome: None, answer, deadline: Instant::now() + left };
        self.jobs.as_ref().ok_or_else(gone)?.send(Box::new(asked)).map_err(|_| gone())?;
        match tokio::time::timeout(left, answered).await {
            Ok(answered) => answered.map_err(|_| gone())?,
            Err(_) => Err(Fault::away(PORT, "not written in time").into()),
        }
    }
}

impl Drop for Writer {
    /// What was asked for is done before the thread ends.
    fn drop(&mut self) {
        self.jobs = None;
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the thread that writes had panicked");
        }
    }
}

trait Job: Send {
    /// Whether somebody still waits for it.
    fn is_wanted(&self) -> bool;
    fn time_left(&self) -> Duration;
    /// Whether what it did is to be kept.
    fn run(&mut self, connection: &Connection) -> bool;
    /// Called when the transaction has ended: well, or as the error says.
    fn answer(self: Box<Self>, failed: Option<&rusqlite::Error>);
}

struct Asked<T, W> {
    work: Option<W>,
    outcome: Option<Result<T, Stop>>,
    answer: oneshot::Sender<Result<T, Stop>>,
    deadline: Instant,
}

impl<T: Send, W: FnOnce(&Connection) -> Result<T, Stop> + Send> Job for Asked<T, W> {
    fn is_wanted(&self) -> bool {
        !self.answer.is_closed() && !self.time_left().is_zero()
    }

    fn time_left(&self) -> Duration {
        self.deadline.saturating_duration_since(Instant::now())
    }

    fn run(&mut self, connection: &Connection) -> bool {
        self.outcome = self.work.take().map(|work| work(connection));
        matches!(self.outcome, Some(Ok(_)))
    }

    fn answer(self: Box<Self>, failed: Option<&rusqlite::Error>) {
        let outcome = match (failed, self.outcome) {
            // Even a refusal may rest on what has been undone since.
            (Some(error), _) => Err(stop(error)),
            (None, Some(outcome)) => outcome,
            (None, None) => Err(Fault::away(PORT, "not written in time").into()),
        };
        // Who does not wait any more does not want the answer.
        let _ = self.answer.send(outcome);
    }
}

fn serve(connection: &Connection, waiting: &Receiver<Box<dyn Job>>) {
    while let Ok(first) = waiting.recv() {
        let mut jobs = vec![first];
        jobs.extend(waiting.try_iter().take(MOST_AT_ONCE - 1));
        let done = together(connection, &mut jobs);
        for job in jobs {
            job.answer(done.as_ref().err());
        }
    }
}

fn together(connection: &Connection, jobs: &mut [Box<dyn Job>]) -> rusqlite::Result<()> {
    let say = |sql| connection.prepare_cached(sql)?.raw_execute().map(drop);
    let wanted = jobs.iter().filter(|job| job.is_wanted()).map(|job| job.time_left());
    let patience = wanted.min().unwrap_or_default().saturating_sub(MARGIN).min(BUSY);
    let mut work = || {
        connection.busy_timeout(patience)?;
        say("BEGIN IMMEDIATE")?;
        for job in jobs.iter_mut().filter(|job| job.is_wanted()) {
            say("SAVEPOINT job")?;
            let keep = job.run(connection);
            if connection.is_autocommit() {
                // A full disk, say, makes SQLite undo the whole transaction by itself.
                return Err(rusqlite::Error::SqliteFailure(
                    rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_IOERR),
                    Some("the transaction was undone".to_owned()),
                ));
            }
            if !keep {
                say("ROLLBACK TO job")?;
            }
            say("RELEASE job")?;
        }
        say("COMMIT")
    };
    let done = work();
    if done.is_err() && !connection.is_autocommit() {
        say("ROLLBACK").unwrap_or_else(|error| tracing::error!(%error, "a transaction could not be undone"));
    }
    done
}

/// An error serves every job of its transaction.
fn stop(error: &rusqlite::Error) -> Stop {
    match error {
        rusqlite::Error::SqliteFailure(code, text) => rusqlite::Error::SqliteFailure(*code, text.clone()).into(),
        other => Fault::broken(PORT, other).into(),
    }
}
