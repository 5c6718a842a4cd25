//! The store's SQL on PostgreSQL: a pool of connections, each call pipelined on one of them.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bharatmart_core::ports::{CommitError, Fault};
use deadpool_postgres::{Manager, ManagerConfig, Pool, PoolError, RecyclingMethod};
use tokio_postgres::{NoTls, Row};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::address::Address;
use super::connection::{Borrowed, Ran};
use super::migrate;
use super::tls;
use super::trouble::{Trouble, connecting};
use crate::budget;
use crate::dependency::{Dependency, Depends};
use crate::sql::{Cost, Engine, PORT, Plan, Query, SqlStore, Stop, Verdict, retried, written};

pub type PostgresStore = SqlStore<Postgres>;

pub struct Postgres {
    pool: Pool,
    tls: Option<MakeRustlsConnect>,
    prepared: bool,
    dependency: Arc<Dependency>,
}

impl SqlStore<Postgres> {
    /// Connects and brings the tables up to date. When they are, that is one round trip.
    pub async fn connect(url: &str, max_connections: usize) -> Result<Self, Fault> {
        let store = Self::attach(url, max_connections)?;
        store.migrate().await?;
        Ok(store)
    }

    /// The store as it stands, for who must not change its tables. Nothing is sent yet.
    pub fn attach(url: &str, max_connections: usize) -> Result<Self, Fault> {
        let Address { mut config, tls, prepared } = Address::parse(url)?;
        config.application_name("bharatmart").connect_timeout(Duration::from_secs(5));
        // A frozen function, or a network that forgot the connection, must not be waited for.
        config.keepalives_idle(Duration::from_secs(30)).tcp_user_timeout(Duration::from_secs(10));
        let tls = tls::connector(&tls)?;
        let how = ManagerConfig { recycling_method: RecyclingMethod::Fast };
        let manager = match tls.clone() {
            Some(tls) => Manager::from_config(config, tls, how),
            None => Manager::from_config(config, NoTls, how),
        };
        let pool = Pool::builder(manager).max_size(max_connections).build().map_err(|e| Fault::broken(PORT, e))?;
        let dependency = Arc::new(Dependency::new("postgresql", PORT));
        Ok(SqlStore { engine: Postgres { pool, tls, prepared, dependency } })
    }

    pub async fn migrate(&self) -> Result<(), Fault> {
        let work = async {
            let connection = self.engine.borrow().await?;
            migrate::migrate(&connection).await?;
            connection.give_back();
            Ok(())
        };
        self.engine.asked(migrate::PATIENCE, work).await.map_err(Trouble::into_fault)
    }
}

impl Depends for PostgresStore {
    fn dependency(&self) -> &Arc<Dependency> {
        &self.engine.dependency
    }
}

impl Postgres {
    async fn borrow(&self) -> Result<Borrowed, Trouble> {
        match self.pool.get().await {
            Ok(object) => Ok(Borrowed::new(object, self.tls.clone(), self.prepared)),
            Err(PoolError::Backend(error)) => Err(connecting(error).into()),
            Err(error) => Err(Fault::away(PORT, error).into()),
        }
    }

    /// A server that was restarted, or a function that was frozen, leaves dead connections behind. Once one turns out
    /// to be dead, all that lie idle are given up, and a new one is tried.
    async fn anew<T, F>(&self, attempt: impl Fn() -> F) -> Result<T, Stop>
    where
        F: Future<Output = Result<T, Trouble>>,
    {
        let work = async {
            match attempt().await {
                Err(Trouble::Lost(cause)) => {
                    self.pool.retain(|_, _| false);
                    if !self.dependency.may_retry() {
                        return Err(Trouble::Lost(cause));
                    }
                    attempt().await
                }
                result => result,
            }
        };
        self.asked(budget::remaining(), work).await.map_err(Trouble::into_stop)
    }

    async fn asked<T>(&self, left: Duration, work: impl Future<Output = Result<T, Trouble>>) -> Result<T, Trouble> {
        let away = |result: &Result<T, Trouble>| result.as_ref().is_err_and(Trouble::is_away);
        self.dependency.ask(left, work, away).await.map_err(Fault::from)?
    }

    async fn try_read(&self, queries: &[Query]) -> Result<Vec<Vec<Row>>, Trouble> {
        let connection = self.borrow().await?;
        let queries: Vec<_> = queries.iter().collect();
        let statements = connection.prepare(&queries).await?;
        let ran = connection.run(&queries, &statements).await;
        let rows = ran.into_iter().map(|ran| ran.map(|ran| ran.rows)).collect::<Result<_, _>>()?;
        connection.give_back();
        Ok(rows)
    }

    /// One trip: nothing depends on what a statement came to.
    async fn try_write(&self, queries: &[Query]) -> Result<Vec<Vec<Row>>, Trouble> {
        let connection = self.borrow().await?;
        let queries: Vec<_> = queries.iter().collect();
        let statements = connection.prepare(&queries).await?;
        let begin = begin();
        let (begun, ran, committed) = tokio::join!(biased; connection.say(&begin), connection.run(&queries, &statements), connection.say("COMMIT"));
        begun?;
        let rows = ran.into_iter().map(|ran| ran.map(|ran| ran.rows)).collect::<Result<_, _>>()?;
        committed?;
        connection.give_back();
        Ok(rows)
    }

    async fn try_commit(&self, plan: &Plan) -> Result<(), Trouble> {
        let connection = self.borrow().await?;
        let queries: Vec<_> = plan.steps.iter().map(|step| &step.query).collect();
        let statements = connection.prepare(&queries).await?;
        // Waited for: were it to fail, what is sent behind it would be applied piece by piece.
        connection.say(&begin()).await?;
        let ran = connection.run(&queries, &statements).await;
        if let Some(refusal) = verdict(plan, ran)?.refusal() {
            connection.say("ROLLBACK").await?;
            connection.give_back();
            return Err(Stop::Refused(refusal).into());
        }
        connection.say("COMMIT").await.map_err(|trouble| match trouble {
            // It may have been applied, so it must not be tried again.
            Trouble::Lost(cause) => Fault::away(PORT, cause).into(),
            trouble => trouble,
        })?;
        connection.give_back();
        Ok(())
    }
}

fn verdict(plan: &Plan, ran: Vec<Result<Ran, Trouble>>) -> Result<Verdict, Trouble> {
    let mut verdict = Verdict::default();
    for (step, ran) in plan.steps.iter().zip(ran) {
        match ran {
            Ok(ran) => verdict.note(step, ran.changed),
            // What follows from a refused write may fail; the refusal is the answer.
            Err(Trouble::Stop(Stop::Fault(Fault::Broken { .. }))) if verdict.is_refused() => break,
            Err(trouble) => return Err(trouble),
        }
    }
    Ok(verdict)
}

/// The server gives up when the caller does. A lock is waited for less long, so that there is time to try again.
fn begin() -> String {
    let left = budget::remaining().as_millis().max(4);
    format!(
        "BEGIN; SET LOCAL statement_timeout = {left}; SET LOCAL lock_timeout = {}; \
         SET LOCAL idle_in_transaction_session_timeout = {}",
        left * 3 / 4,
        left + 1_000,
    )
}

#[async_trait]
impl Engine for Postgres {
    type Row = Row;

    async fn read(&self, queries: Vec<Query>, _: Cost) -> Result<Vec<Vec<Row>>, Fault> {
        self.anew(|| self.try_read(&queries)).await.map_err(Stop::into_fault)
    }

    async fn write(&self, queries: Vec<Query>) -> Result<Vec<Vec<Row>>, Fault> {
        written(|| self.anew(|| self.try_write(&queries))).await
    }

    async fn commit(&self, plan: Plan) -> Result<(), CommitError> {
        retried(|| self.anew(|| self.try_commit(&plan))).await
    }
}
