//! A connection borrowed from the pool, and how statements run on it: all at once, answered in order.

use bharatmart_core::ports::Fault;
use bytes::BytesMut;
use deadpool_postgres::{ClientWrapper, Object};
use futures_util::future::{join_all, try_join_all};
use futures_util::{TryStreamExt, pin_mut};
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};
use tokio_postgres::{NoTls, Row, Statement};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::trouble::Trouble;
use crate::sql::{Columns, PORT, Query, Value};

/// What a statement came to.
pub(super) struct Ran {
    pub(super) rows: Vec<Row>,
    pub(super) changed: u64,
}

/// The statement of each query. Empty behind a pooler, where a query is parsed as it is run.
#[derive(Default)]
pub(super) struct Prepared {
    statements: Vec<Statement>,
    which: Vec<usize>,
}

impl Prepared {
    fn get(&self, query: usize) -> Option<&Statement> {
        self.statements.get(*self.which.get(query)?)
    }
}

/// Goes back to the pool only by `give_back`. One that is dropped instead, since its caller has gone or it failed, may
/// be in the middle of something: what it runs is cancelled and it is closed.
pub(super) struct Borrowed {
    object: Option<Object>,
    tls: Option<MakeRustlsConnect>,
    prepared: bool,
}

impl Borrowed {
    pub(super) fn new(object: Object, tls: Option<MakeRustlsConnect>, prepared: bool) -> Self {
        Borrowed { object: Some(object), tls, prepared }
    }

    pub(super) fn give_back(mut self) {
        self.object = None;
    }

    fn client(&self) -> Result<&ClientWrapper, Trouble> {
        self.object.as_deref().ok_or_else(|| Trouble::Lost("given back".to_owned()))
    }

    /// Statements without values.
    pub(super) async fn say(&self, sql: &str) -> Result<(), Trouble> {
        Ok(self.client()?.batch_execute(sql).await?)
    }

    /// What must be asked of the server before `run` can send everything at once. A connection is asked once for each
    /// statement, for several at the same time.
    pub(super) async fn prepare(&self, queries: &[&Query]) -> Result<Prepared, Trouble> {
        let mut prepared = Prepared::default();
        if !self.prepared {
            return Ok(prepared);
        }
        let client = self.client()?;
        let mut distinct: Vec<&Query> = Vec::new();
        for query in queries {
            let known = distinct.iter().position(|known| std::ptr::eq(known.sql, query.sql));
            prepared.which.push(known.unwrap_or(distinct.len()));
            if known.is_none() {
                distinct.push(query);
            }
        }
        let ask = |query: &Query| {
            let (sql, types) = (query.sql, types(query));
            async move { client.prepare_typed_cached(sql, &types).await }
        };
        prepared.statements = try_join_all(distinct.into_iter().map(ask)).await?;
        Ok(prepared)
    }

    /// Sends all queries before it waits for the first answer.
    pub(super) async fn run(&self, queries: &[&Query], prepared: &Prepared) -> Vec<Result<Ran, Trouble>> {
        join_all(queries.iter().enumerate().map(|(at, query)| self.run_one(query, prepared.get(at)))).await
    }

    async fn run_one(&self, query: &Query, statement: Option<&Statement>) -> Result<Ran, Trouble> {
        let client = self.client()?;
        let stream = match statement {
            Some(statement) => client.query_raw(statement, &query.values).await?,
            None => client.query_typed_raw(query.sql, query.values.iter().zip(types(query))).await?,
        };
        pin_mut!(stream);
        let mut rows = Vec::new();
        while let Some(row) = stream.try_next().await? {
            rows.push(row);
        }
        Ok(Ran { rows, changed: stream.rows_affected().unwrap_or(0) })
    }
}

impl Drop for Borrowed {
    fn drop(&mut self) {
        let Some(object) = self.object.take() else { return };
        let client = Object::take(object);
        if client.is_closed() {
            return;
        }
        let (token, tls) = (client.cancel_token(), self.tls.take());
        drop(client);
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move {
                let cancelled = match tls {
                    Some(tls) => token.cancel_query(tls).await,
                    None => token.cancel_query(NoTls).await,
                };
                if let Err(error) = cancelled {
                    tracing::debug!(%error, "a query nobody waits for was not cancelled");
                }
            });
        }
    }
}

fn types(query: &Query) -> Vec<Type> {
    let of = |value: &Value| match value {
        Value::Int(_) => Type::INT8,
        Value::Text(_) => Type::TEXT,
    };
    query.values.iter().map(of).collect()
}

impl ToSql for Value {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match self {
            Value::Int(int) => int.to_sql(ty, out),
            Value::Text(text) => text.to_sql(ty, out),
        }
    }

    fn accepts(ty: &Type) -> bool {
        matches!(*ty, Type::INT8 | Type::TEXT)
    }

    to_sql_checked!();
}

impl Columns for Row {
    fn int(&self, at: usize) -> Result<Option<i64>, Fault> {
        self.try_get(at).map_err(|error| Fault::broken(PORT, error))
    }

    fn text(&self, at: usize) -> Result<Option<&str>, Fault> {
        self.try_get(at).map_err(|error| Fault::broken(PORT, error))
    }
}
