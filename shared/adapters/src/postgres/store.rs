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
use super::connection::{Borrowed, Prepared, Ran};
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
        if prepared {
            config.options([config.get_options().unwrap_or_default(), SESSION].join(" "));
        }
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
    async fn try_write(&self, queries: &[&Query]) -> Result<Vec<Ran>, Trouble> {
        let connection = self.borrow().await?;
        let statements = connection.prepare(queries).await?;
        self.run_at_once(connection, queries, &statements).await
    }

    async fn run_at_once(
        &self,
        connection: Borrowed,
        queries: &[&Query],
        statements: &Prepared,
    ) -> Result<Vec<Ran>, Trouble> {
        let begin = begin(self.prepared);
        let (begun, ran, committed) =
            tokio::join!(biased; connection.say(&begin), connection.run(queries, statements), connection.say("COMMIT"));
        begun?;
        let ran = ran.into_iter().collect::<Result<_, _>>()?;
        committed?;
        connection.give_back();
        Ok(ran)
    }

    /// What is refused has changed nothing, so there is nothing to take back.
    async fn try_step(&self, plan: &Plan, step: &Query) -> Result<(), Trouble> {
        let connection = self.borrow().await?;
        let statements = connection.prepare(&[step]).await?;
        let ran = self.run_at_once(connection, &[step], &statements).await.map_err(|trouble| self.in_doubt(trouble))?;
        let refusal = verdict(plan, ran.into_iter().map(Ok).collect())?.refusal();
        refusal.map_or(Ok(()), |refusal| Err(Stop::Refused(refusal).into()))
    }

    async fn try_commit(&self, plan: &Plan) -> Result<(), Trouble> {
        if let ([step], true) = (plan.steps.as_slice(), self.prepared) {
            return self.try_step(plan, &step.query).await;
        }
        let connection = self.borrow().await?;
        let queries: Vec<_> = plan.steps.iter().map(|step| &step.query).collect();
        let statements = connection.prepare(&queries).await?;
        let begin = begin(self.prepared);
        let ran = if self.prepared {
            let (begun, ran) = tokio::join!(biased; connection.say(&begin), connection.run(&queries, &statements));
            begun?;
            ran
        } else {
            // Waited for: were it to fail, what is sent behind it would be applied piece by piece.
            connection.say(&begin).await?;
            connection.run(&queries, &statements).await
        };
        if let Some(refusal) = verdict(plan, ran)?.refusal() {
            connection.say("ROLLBACK").await?;
            connection.give_back();
            return Err(Stop::Refused(refusal).into());
        }
        connection.say("COMMIT").await.map_err(|trouble| self.in_doubt(trouble))?;
        connection.give_back();
        Ok(())
    }

    /// A commit that may have been applied must not be tried again; but with its connection others are lost, as a rule.
    fn in_doubt(&self, trouble: Trouble) -> Trouble {
        match trouble {
            Trouble::Lost(cause) => {
                self.pool.retain(|_, _| false);
                Fault::away(PORT, cause).into()
            }
            trouble => trouble,
        }
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

/// What holds for a session that is ours to set, as it is not behind a pooler. Nothing is written outside of a transaction
/// that says so: a commit's writes are sent behind their `BEGIN` without waiting for it, and were that to fail, each would
/// else be applied by itself. What a client has left behind that is no more, the server ends.
const SESSION: &str =
    "-c default_transaction_read_only=on -c statement_timeout=30000 -c idle_in_transaction_session_timeout=5000";

/// How many milliseconds a lock is waited for by who has so many left: less, so that there is time to try again. Where
/// there is not, there is still time to tell that the store is busy, and nobody takes it for away. Never 0: that is for
/// ever.
fn patience(left: u128) -> u128 {
    const TELLING: u128 = 100;
    left.saturating_sub(TELLING.max(left / 4)).max(1)
}

fn begin(session_is_ours: bool) -> String {
    let left = budget::remaining().as_millis().max(4);
    let waits = format!("BEGIN READ WRITE; SET LOCAL lock_timeout = {}", patience(left));
    if session_is_ours {
        return waits;
    }
    format!(
        "{waits}; SET LOCAL statement_timeout = {left}; SET LOCAL idle_in_transaction_session_timeout = {}",
        left + 1_000
    )
}

#[async_trait]
impl Engine for Postgres {
    type Row = Row;

    async fn read(&self, queries: Vec<Query>, _: Cost) -> Result<Vec<Vec<Row>>, Fault> {
        self.anew(|| self.try_read(&queries)).await.map_err(Stop::into_fault)
    }

    async fn write(&self, queries: Vec<Query>) -> Result<Vec<Vec<Row>>, Fault> {
        let queries: Vec<_> = queries.iter().collect();
        let ran = written(|| self.anew(|| self.try_write(&queries))).await?;
        Ok(ran.into_iter().map(|ran| ran.rows).collect())
    }

    async fn commit(&self, plan: Plan) -> Result<(), CommitError> {
        retried(|| self.anew(|| self.try_commit(&plan))).await
    }
}

#[cfg(test)]
mod tests {
    use super::patience;

    #[test]
    fn who_waited_for_a_lock_has_time_to_be_told_that_there_was_none() {
        for (left, waited) in [(4, 1), (50, 1), (100, 1), (101, 1), (192, 92), (400, 300), (800, 600), (5_000, 3_750)] {
            assert_eq!(patience(left), waited, "of {left} ms");
        }
    }
}
