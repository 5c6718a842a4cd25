//! Brings the database's tables up to date. Of several processes that start at once, one does it and the others wait.

use std::time::Duration;

use bharatmart_core::ports::Fault;
use tokio_postgres::error::SqlState;

use super::connection::Borrowed;
use super::trouble::Trouble;
use crate::sql::{self, Dialect, Done, Query, Stop};

/// Another process may be at it with large tables.
pub(super) const PATIENCE: Duration = Duration::from_secs(120);

/// Any number, the same in all programs of the shop.
const LOCK: &str = "BEGIN READ WRITE; SET LOCAL statement_timeout = 0; SELECT pg_advisory_xact_lock(7305807224119284)";

/// As a rule there is nothing to do, which is found out without a lock.
pub(super) async fn migrate(connection: &Borrowed) -> Result<(), Trouble> {
    let done = match done(connection).await {
        Ok(done) => done,
        Err(Trouble::Stop(Stop::Fault(fault))) if fault.to_string().contains(SqlState::UNDEFINED_TABLE.code()) => {
            Vec::new()
        }
        Err(trouble) => return Err(trouble),
    };
    if sql::missing(Dialect::Postgres, &done)?.is_empty() {
        return Ok(());
    }
    connection.say(LOCK).await?;
    connection.say(sql::CREATE_TABLE).await?;
    let done = self::done(connection).await?;
    for migration in sql::missing(Dialect::Postgres, &done)? {
        connection.say(&migration.sql).await?;
        run(connection, &migration.note()).await?;
    }
    connection.say("COMMIT").await
}

async fn done(connection: &Borrowed) -> Result<Vec<Done>, Trouble> {
    let rows = run(connection, &Query::new(sql::SELECT_DONE)).await?;
    rows.iter().map(Done::read).collect::<Result<_, Fault>>().map_err(Trouble::from)
}

async fn run(connection: &Borrowed, query: &Query) -> Result<Vec<tokio_postgres::Row>, Trouble> {
    let statements = connection.prepare(&[query]).await?;
    let ran = connection.run(&[query], &statements).await;
    let ran = ran.into_iter().collect::<Result<Vec<_>, _>>()?;
    Ok(ran.into_iter().flat_map(|ran| ran.rows).collect())
}
