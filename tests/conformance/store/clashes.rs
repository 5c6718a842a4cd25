//! What another connection has locked is waited for while there is time, and then told as busy. DynamoDB's conflicts,
//! which the emulator never raises, are told apart in `dynamodb_trouble`.

use std::time::{Duration, Instant};

use bharatmart_adapters::budget;
use bharatmart_core::ports::{CommitError, Fault};
use bharatmart_core::{Changes, Refusal, Tenant, Write};
use bharatmart_tests::stores::{self, Place, StoreWorld};
use bharatmart_tests::{eventually, on_every};
use tokio_postgres::{Client, NoTls};

use super::{commit, refusal};

on_every!(bharatmart_tests::stores: sqlite, postgres => [
    a_lock_that_passes_is_waited_for,
    a_lock_that_lasts_is_told_as_busy_within_the_budget,
]);

/// Adds one to each counter; `at_most` tells how often it was applied.
fn count(counters: &[&str], at_most: u32) -> Changes {
    let count = |counter: &&str| Write::Count { counter: (*counter).to_owned(), by: 1, at_most };
    Changes { writes: counters.iter().map(count).collect(), ..Changes::new(&Tenant::main()) }
}

/// A connection from beside the shop that has locked what a commit wants.
enum Lock {
    File(rusqlite::Connection),
    Rows(Client),
}

impl Lock {
    async fn take(place: &Place) -> Lock {
        match place {
            Place::Sqlite { file, .. } => {
                let connection = rusqlite::Connection::open(file).unwrap();
                connection.execute_batch("BEGIN IMMEDIATE").unwrap();
                Lock::File(connection)
            }
            Place::Postgres { url } => {
                let client = connect(url).await;
                client.batch_execute("BEGIN; SELECT * FROM counters FOR UPDATE").await.unwrap();
                Lock::Rows(client)
            }
            _ => unreachable!("an engine without locks"),
        }
    }

    async fn release(self) {
        match self {
            Lock::File(connection) => connection.execute_batch("ROLLBACK").unwrap(),
            Lock::Rows(client) => client.batch_execute("ROLLBACK").await.unwrap(),
        }
    }
}

async fn connect(url: &str) -> Client {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

async fn a_lock_that_passes_is_waited_for(world: StoreWorld) {
    commit(&*world.store, count(&["a"], 1)).await;
    let lock = Lock::take(&world.place).await;
    let store = world.store.clone();
    let mut committing = tokio::spawn(async move { store.commit(count(&["a"], 2)).await });

    let early = tokio::time::timeout(Duration::from_millis(400), &mut committing).await;
    assert!(early.is_err(), "it cannot be done while the lock is held: {early:?}");
    lock.release().await;

    committing.await.expect("no panic").expect("the lock is gone");
    assert_eq!(refusal(&*world.store, count(&["a"], 2)).await, Refusal::LimitReached("a".to_owned()));
}

async fn a_lock_that_lasts_is_told_as_busy_within_the_budget(world: StoreWorld) {
    commit(&*world.store, count(&["a"], 1)).await;
    let lock = Lock::take(&world.place).await;
    let started = Instant::now();

    let told = budget::within(Duration::from_millis(800), world.store.commit(count(&["a"], 2))).await;

    assert!(matches!(told, Err(CommitError::Fault(Fault::Busy { .. }))), "{told:?}");
    assert!(started.elapsed() < Duration::from_secs(2), "{:?}", started.elapsed());
    lock.release().await;
    commit(&*world.store, count(&["a"], 2)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deadlock_is_tried_again_and_applied_once() {
    let world = stores::postgres().await;
    let Place::Postgres { url } = &world.place else { unreachable!("it is PostgreSQL's") };
    commit(&*world.store, count(&["a", "b"], 1)).await;
    let (other, watch) = (connect(url).await, connect(url).await);
    // The shop's side finds the deadlock first, and is the one who loses.
    let lock = |name| format!("SELECT * FROM counters WHERE name = '{name}' FOR UPDATE");
    other.batch_execute(&format!("SET deadlock_timeout = '30s'; BEGIN; {}", lock("b"))).await.unwrap();
    let store = world.store.clone();
    let committing = tokio::spawn(async move { store.commit(count(&["a", "b"], 2)).await });
    eventually("the commit holds a and waits for b", || async {
        let waiting = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
        !watch.query(waiting, &[]).await.unwrap().is_empty()
    })
    .await;

    other.batch_execute(&format!("{}; COMMIT", lock("a"))).await.expect("the shop gives way");

    committing.await.expect("no panic").expect("it is tried again");
    assert_eq!(refusal(&*world.store, count(&["a", "b"], 2)).await, Refusal::LimitReached("a".to_owned()));
}
