mod breaking;
mod crowding;
mod paying;

use std::future::pending;

use futures_util::future::join_all;

use super::*;

/// Long enough to tell that nobody answers.
const PATIENCE: Duration = Duration::from_millis(250);

fn dependency() -> Dependency {
    Dependency::new("warehouse", "store")
}

async fn silent(dependency: &Dependency, patience: Duration) -> NoAnswer {
    dependency.ask(patience, pending::<()>(), |()| false).await.unwrap_err()
}

fn breaker(dependency: &Dependency) -> BreakerState {
    dependency.state().breaker
}

#[tokio::test]
async fn one_that_is_away_is_left_alone_and_callers_are_told_so_without_a_call() {
    let dependency = dependency();
    for _ in 0..5 {
        dependency.ask(PATIENCE, async {}, |()| true).await.unwrap();
    }
    assert_eq!(breaker(&dependency), BreakerState::Open);
    let told = silent(&dependency, Duration::from_secs(60)).await;
    let NoAnswer::NotAsked(Fault::Away { port: "store", cause }) = told else { panic!("{told:?}") };
    assert!(cause.starts_with("warehouse was away; it is left alone for "), "{cause}");
}

#[tokio::test]
async fn silence_is_a_failure() {
    let dependency = dependency();
    for told in join_all((0..5).map(|_| silent(&dependency, PATIENCE))).await {
        let NoAnswer::TooLate(fault) = told else { panic!("{told:?}") };
        assert_eq!(fault.to_string(), "store is away: warehouse: no answer within 250 ms");
    }
    assert_eq!(breaker(&dependency), BreakerState::Open);
}

#[tokio::test]
async fn it_is_a_failure_when_the_caller_has_gone_too() {
    let dependency = dependency();
    let waiting = || async {
        let asking = dependency.ask(Duration::from_secs(60), pending::<()>(), |()| false);
        assert!(tokio::time::timeout(PATIENCE, asking).await.is_err());
    };
    join_all((0..5).map(|_| waiting())).await;
    assert_eq!(breaker(&dependency), BreakerState::Open);
}

#[tokio::test]
async fn callers_without_time_say_nothing_about_it() {
    let dependency = dependency();
    join_all((0..50).map(|_| silent(&dependency, Duration::from_millis(10)))).await;
    assert_eq!(breaker(&dependency), BreakerState::Closed);
}

#[tokio::test]
async fn repetitions_are_counted_and_end() {
    let dependency = dependency();
    while dependency.may_retry() {}
    assert_eq!(dependency.state().retries, 30);
    for _ in 0..10 {
        dependency.ask(PATIENCE, async {}, |()| false).await.unwrap();
    }
    assert!(dependency.may_retry());
    assert_eq!(dependency.state().retries, 31);
}
