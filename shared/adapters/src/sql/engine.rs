//! What an engine must do for the store's SQL: run statements. It knows no table.

use async_trait::async_trait;
use bharatmart_core::ports::{CommitError, Fault};
use bharatmart_core::{Tenant, Timestamp};

use super::plan::Plan;
use super::rows::Columns;

/// A value as it is bound. Nothing else is kept in a column; the type is known even when there is no value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    Int(Option<i64>),
    Text(Option<String>),
}

/// A statement and its values, `$1` first. Parameters first appear in their order, since SQLite numbers them so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    pub sql: &'static str,
    pub values: Vec<Value>,
}

impl Query {
    pub(crate) fn new(sql: &'static str) -> Self {
        Query { sql, values: Vec::new() }
    }

    pub(crate) fn with(mut self, value: impl Into<Value>) -> Self {
        self.values.push(value.into());
        self
    }
}

/// What reading costs the database, so that an embedded one knows whether to leave the async threads for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cost {
    /// A few rows by key: microseconds.
    Keyed,
    /// A range of rows.
    Range,
}

#[async_trait]
pub trait Engine: Send + Sync + 'static {
    type Row: Columns;

    /// The rows of each query. MUST see every write that was answered before the call, and take one round trip.
    async fn read(&self, queries: Vec<Query>, cost: Cost) -> Result<Vec<Vec<Self::Row>>, Fault>;

    /// Runs the queries in order, and gives the rows each returned. MUST be durable when it answers Ok. MUST retry a
    /// clash inside the caller's budget. Each query is whole in itself and does no harm when it is repeated, so after
    /// a fault it does not matter how many of them were applied.
    async fn write(&self, queries: Vec<Query>) -> Result<Vec<Vec<Self::Row>>, Fault>;

    /// As `Commits::commit` promises.
    async fn commit(&self, plan: Plan) -> Result<(), CommitError>;
}

impl From<i64> for Value {
    fn from(int: i64) -> Self {
        Value::Int(Some(int))
    }
}

impl From<u32> for Value {
    fn from(int: u32) -> Self {
        Value::Int(Some(i64::from(int)))
    }
}

impl From<Timestamp> for Value {
    fn from(time: Timestamp) -> Self {
        Value::Int(Some(time.millis()))
    }
}

impl From<Option<i64>> for Value {
    fn from(int: Option<i64>) -> Self {
        Value::Int(int)
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Value::Text(Some(text))
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Value::Text(Some(text.to_owned()))
    }
}

impl From<&Tenant> for Value {
    fn from(tenant: &Tenant) -> Self {
        Value::from(tenant.as_str())
    }
}

impl From<Option<String>> for Value {
    fn from(text: Option<String>) -> Self {
        Value::Text(text)
    }
}
