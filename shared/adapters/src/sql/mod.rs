//! The store in SQL, written once for SQLite and PostgreSQL: the tables, the statements, how rows are read and how a
//! commit becomes statements. How a statement reaches a database is the engine's: `sqlite`, `postgres`.

mod bookkeeping;
mod catalog;
mod counters;
mod document;
mod engine;
mod forgetting;
mod migrations;
mod plan;
mod records;
mod rows;
mod statements;
mod stop;
mod table_statements;
mod tables;

use async_trait::async_trait;
use bharatmart_core::Changes;
use bharatmart_core::ports::{CommitError, Commits, Fault, Probe};

pub(crate) use engine::{Cost, Engine, Query, Value};
pub(crate) use migrations::{CREATE_TABLE, Dialect, Done, SELECT_DONE, missing};
pub(crate) use plan::{Plan, Verdict};
pub(crate) use rows::Columns;
pub(crate) use stop::{Stop, retried, written};

/// The name the store's faults carry.
pub(crate) const PORT: &str = "store";

/// Every capability of the store, on any engine that speaks this SQL.
pub struct SqlStore<E> {
    pub(crate) engine: E,
}

#[async_trait]
impl<E: Engine> Commits for SqlStore<E> {
    async fn commit(&self, changes: Changes) -> Result<(), CommitError> {
        changes.check()?;
        let plan = Plan::of(&changes)?;
        if plan.steps.is_empty() {
            return Ok(());
        }
        self.engine.commit(plan).await
    }
}

#[async_trait]
impl<E: Engine> Probe for SqlStore<E> {
    async fn probe(&self) -> Result<(), Fault> {
        self.engine.read(vec![Query::new(statements::PROBE)], Cost::Keyed).await.map(drop)
    }
}
