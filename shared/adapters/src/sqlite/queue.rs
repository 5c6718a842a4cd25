//! The queue on an SQLite file of its own, so that neither it nor the store waits for the other's fsync. One thread
//! owns the file and takes all that has come meanwhile into one transaction; what a delivery means is said in SQL here,
//! how the thread commits in `writer`.

use std::path::Path;
use std::time::Duration;

use async_trait::async_trait;
use bharatmart_core::Timestamp;
use bharatmart_core::ports::{Clock, Fault, Message, Queueing, Received, Waiting};
use bharatmart_core::queues::Queue;
use rusqlite::{Connection, OptionalExtension, Result, Row, params};

use super::queue_writer::{Durability, Writer};
use crate::bells::{Bells, Look};
use crate::system::System;

const SCHEMA: &str = "
    -- A dead letter is a message whose queue is the dead one. A message that is sent again is a new row, and no number
    -- is used twice, so (number, receives) names one delivery for ever.
    CREATE TABLE IF NOT EXISTS message (
        number      INTEGER PRIMARY KEY AUTOINCREMENT,
        queue       TEXT NOT NULL,
        id          TEXT NOT NULL,
        body        TEXT NOT NULL,
        traceparent TEXT,
        sent_at     INTEGER NOT NULL,
        visible_at  INTEGER NOT NULL,
        receives    INTEGER NOT NULL CHECK (receives >= 0)
    ) STRICT;
    CREATE INDEX IF NOT EXISTS message_in_order ON message (queue);
    CREATE INDEX IF NOT EXISTS message_by_time ON message (queue, visible_at);
    -- Ids that a FIFO queue has taken, for as long as it takes each once.
    CREATE TABLE IF NOT EXISTS taken (
        queue TEXT NOT NULL,
        id    TEXT NOT NULL,
        at    INTEGER NOT NULL,
        PRIMARY KEY (queue, id)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS taken_by_time ON taken (at);
";

const TAKEN_ONCE_FOR: Duration = Duration::from_secs(5 * 60);

pub struct SqliteQueueing {
    writer: Writer,
    bells: Bells,
}

impl SqliteQueueing {
    /// Makes the file when it is not there.
    pub async fn open(path: &Path) -> Result<Self, Fault> {
        Ok(SqliteQueueing { writer: Writer::open(path, SCHEMA).await?, bells: Bells::default() })
    }
}

#[async_trait]
impl Queueing for SqliteQueueing {
    async fn send(&self, queue: &'static Queue, messages: &[Message]) -> Result<(), Fault> {
        let messages = messages.to_vec();
        self.writer.run(Durability::Fsync, move |file| send(file, queue, &messages, System.now())).await?;
        self.bells.ring(queue.name);
        Ok(())
    }

    async fn receive(&self, queue: &'static Queue, most: usize, wait: Duration) -> Result<Vec<Received>, Fault> {
        let look = || self.writer.run(Durability::Lazy, move |file| look(file, queue, most, System.now()));
        self.bells.receive(queue.name, wait, look).await
    }

    async fn done(&self, queue: &'static Queue, receipt: &str) -> Result<(), Fault> {
        let Some(delivery) = Delivery::named_by(receipt) else { return Ok(()) };
        self.writer.run(Durability::Lazy, move |file| done(file, queue, delivery)).await?;
        if queue.fifo {
            self.bells.ring(queue.name);
        }
        Ok(())
    }

    async fn retry(&self, queue: &'static Queue, receipt: &str, wait: Duration) -> Result<(), Fault> {
        let Some(delivery) = Delivery::named_by(receipt) else { return Ok(()) };
        self.writer.run(Durability::Lazy, move |file| retry(file, queue, delivery, System.now().after(wait))).await?;
        self.bells.ring(queue.name);
        Ok(())
    }

    async fn waiting(&self, queue: &'static Queue) -> Result<Waiting, Fault> {
        self.writer.run(Durability::Lazy, move |file| waiting(file, queue, System.now())).await
    }

    async fn dead_letters(&self, queue: &'static Queue, most: usize) -> Result<Vec<Received>, Fault> {
        self.writer.run(Durability::Lazy, move |file| dead_letters(file, queue, most)).await
    }

    async fn redrive(&self, queue: &'static Queue) -> Result<u64, Fault> {
        let count = self.writer.run(Durability::Fsync, move |file| redrive(file, queue, System.now())).await?;
        self.bells.ring(queue.name);
        Ok(count)
    }

    async fn probe(&self) -> Result<(), Fault> {
        let look = |file: &Connection| file.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0));
        self.writer.run::<i64>(Durability::Lazy, look).await.map(|_| ())
    }
}

/// One giving out of one message.
#[derive(Clone, Copy)]
struct Delivery {
    number: i64,
    receives: u32,
}

impl Delivery {
    fn named_by(receipt: &str) -> Option<Self> {
        let (number, receives) = receipt.split_once('.')?;
        Some(Delivery { number: number.parse().ok()?, receives: receives.parse().ok()? })
    }
}

fn dead(queue: &Queue) -> String {
    format!("{}-dead", queue.name)
}

fn send(file: &Connection, queue: &Queue, messages: &[Message], now: Timestamp) -> Result<()> {
    if queue.fifo {
        let outdated = now.before(TAKEN_ONCE_FOR).millis();
        file.prepare_cached("DELETE FROM taken WHERE at <= ?")?.execute([outdated])?;
    }
    let mut take = file.prepare_cached("INSERT OR IGNORE INTO taken (queue, id, at) VALUES (?, ?, ?)")?;
    let mut insert = file.prepare_cached(
        "INSERT INTO message (queue, id, body, traceparent, sent_at, visible_at, receives) VALUES (?, ?, ?, ?, ?, ?, 0)",
    )?;
    for message in messages {
        if queue.fifo && take.execute(params![queue.name, message.id, now.millis()])? == 0 {
            continue;
        }
        let visible_at = if queue.fifo { now } else { now.after(message.delay) };
        let (sent, visible) = (now.millis(), visible_at.millis());
        insert.execute(params![queue.name, message.id, message.body, message.traceparent, sent, visible])?;
    }
    Ok(())
}

fn look(file: &Connection, queue: &Queue, most: usize, now: Timestamp) -> Result<Look> {
    let mut first_hidden = file.prepare_cached(
        "SELECT visible_at FROM message WHERE queue = ? AND visible_at > ? ORDER BY visible_at LIMIT 1",
    )?;
    let hidden: Option<i64> = first_hidden.query_row(params![queue.name, now.millis()], |row| row.get(0)).optional()?;
    let next_in = hidden.map(|at| Timestamp::from_millis(at).since(now));
    let mut received = Vec::new();
    if queue.fifo && hidden.is_some() {
        return Ok(Look { received, next_in });
    }
    while received.len() < most {
        let visible = visible(file, queue, most - received.len(), now)?;
        if visible.is_empty() {
            break;
        }
        for (number, message) in visible {
            received.extend(give_or_bury(file, queue, number, message, now)?);
        }
    }
    Ok(Look { received, next_in })
}

fn visible(file: &Connection, queue: &Queue, most: usize, now: Timestamp) -> Result<Vec<(i64, Received)>> {
    let order = if queue.fifo { "number" } else { "visible_at, number" };
    file.prepare_cached(&format!(
        "SELECT number, id, body, traceparent, sent_at, receives FROM message
         WHERE queue = ? AND visible_at <= ? ORDER BY {order} LIMIT ?"
    ))?
    .query_map(params![queue.name, now.millis(), most as i64], received)?
    .collect()
}

/// Counts one more receive; a message that has had its number of them goes to the dead letters instead.
fn give_or_bury(
    file: &Connection,
    queue: &Queue,
    number: i64,
    message: Received,
    now: Timestamp,
) -> Result<Option<Received>> {
    if message.receives >= queue.max_receives {
        file.prepare_cached("UPDATE message SET queue = ? WHERE number = ?")?.execute(params![dead(queue), number])?;
        return Ok(None);
    }
    let receives = message.receives + 1;
    let until = now.after(queue.visibility).millis();
    file.prepare_cached("UPDATE message SET visible_at = ?, receives = ? WHERE number = ?")?
        .execute(params![until, receives, number])?;
    Ok(Some(Received { receipt: format!("{number}.{receives}"), receives, ..message }))
}

fn received(row: &Row<'_>) -> Result<(i64, Received)> {
    let number = row.get("number")?;
    let receives = row.get("receives")?;
    let message = Message {
        id: row.get("id")?,
        body: row.get("body")?,
        traceparent: row.get("traceparent")?,
        delay: Duration::ZERO,
    };
    let sent_at = Timestamp::from_millis(row.get("sent_at")?);
    Ok((number, Received { message, receipt: format!("{number}.{receives}"), receives, sent_at }))
}

fn done(file: &Connection, queue: &Queue, delivery: Delivery) -> Result<()> {
    file.prepare_cached("DELETE FROM message WHERE number = ? AND receives = ? AND queue = ?")?.execute(params![
        delivery.number,
        delivery.receives,
        queue.name
    ])?;
    Ok(())
}

fn retry(file: &Connection, queue: &Queue, delivery: Delivery, at: Timestamp) -> Result<()> {
    file.prepare_cached("UPDATE message SET visible_at = ? WHERE number = ? AND receives = ? AND queue = ?")?
        .execute(params![at.millis(), delivery.number, delivery.receives, queue.name])?;
    Ok(())
}

fn waiting(file: &Connection, queue: &Queue, now: Timestamp) -> Result<Waiting> {
    let figures = "SELECT count(*) FILTER (WHERE queue = ?1 AND visible_at <= ?3) AS ready,
                          count(*) FILTER (WHERE queue = ?1 AND visible_at > ?3 AND receives > 0) AS in_flight,
                          count(*) FILTER (WHERE queue = ?1 AND visible_at > ?3 AND receives = 0) AS delayed,
                          count(*) FILTER (WHERE queue = ?2) AS dead
                   FROM message WHERE queue IN (?1, ?2)";
    let count = |row: &Row<'_>, figure| row.get::<&str, i64>(figure).map(i64::unsigned_abs);
    file.prepare_cached(figures)?.query_row(params![queue.name, dead(queue), now.millis()], |row| {
        Ok(Waiting {
            ready: count(row, "ready")?,
            in_flight: count(row, "in_flight")?,
            delayed: count(row, "delayed")?,
            dead: count(row, "dead")?,
        })
    })
}

fn dead_letters(file: &Connection, queue: &Queue, most: usize) -> Result<Vec<Received>> {
    file.prepare_cached(
        "SELECT number, id, body, traceparent, sent_at, receives FROM message WHERE queue = ? ORDER BY number LIMIT ?",
    )?
    .query_map(params![dead(queue), most as i64], |row| Ok(received(row)?.1))?
    .collect()
}

fn redrive(file: &Connection, queue: &Queue, now: Timestamp) -> Result<u64> {
    let sent = file.execute(
        "INSERT INTO message (queue, id, body, traceparent, sent_at, visible_at, receives)
         SELECT ?, id, body, traceparent, sent_at, ?, 0 FROM message WHERE queue = ? ORDER BY number",
        params![queue.name, now.millis(), dead(queue)],
    )?;
    file.execute("DELETE FROM message WHERE queue = ?", [dead(queue)])?;
    Ok(sent as u64)
}
