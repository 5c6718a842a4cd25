//! As many as there is room for, and no more.

use futures_util::FutureExt;

use super::super::room::MOST;
use super::*;

/// Calls that nobody answers, begun and not ended.
fn waiting(dependency: &Dependency, calls: u64) -> Vec<impl Future<Output = Result<(), NoAnswer>> + '_> {
    let mut waiting: Vec<_> =
        (0..calls).map(|_| Box::pin(dependency.ask(Duration::from_secs(60), pending::<()>(), |()| false))).collect();
    for call in &mut waiting {
        assert!(call.as_mut().now_or_never().is_none());
    }
    waiting
}

#[tokio::test]
async fn a_slow_one_holds_so_many_callers_and_the_next_is_told_at_once() {
    let (slow, other) = (dependency(), dependency());
    let begun = waiting(&slow, MOST);
    assert_eq!((slow.state().calls, slow.state().turned_away), (MOST, 0));
    let told = slow.ask(Duration::from_secs(60), async {}, |()| false).now_or_never().expect("at once").unwrap_err();
    let NoAnswer::NotAsked(Fault::Busy { port: "store", cause }) = told else { panic!("{told:?}") };
    assert_eq!(cause, "warehouse has 512 calls to answer already");
    assert_eq!((slow.state().calls, slow.state().turned_away), (MOST, 1));
    other.ask(PATIENCE, async {}, |()| false).await.unwrap();
    drop(begun);
}

#[tokio::test]
async fn whoever_goes_makes_room() {
    let dependency = dependency();
    let mut begun = waiting(&dependency, MOST);
    begun.pop();
    dependency.ask(PATIENCE, async {}, |()| false).await.unwrap();
    dependency.ask(PATIENCE, async {}, |()| false).await.unwrap();
    drop(begun);
    assert_eq!((dependency.state().calls, dependency.state().turned_away), (0, 0));
}

#[tokio::test]
async fn to_be_crowded_is_not_to_be_away() {
    let dependency = dependency();
    let begun = waiting(&dependency, MOST);
    for _ in 0..50 {
        assert!(dependency.ask(PATIENCE, async {}, |()| false).await.is_err());
    }
    assert_eq!(breaker(&dependency), BreakerState::Closed);
    drop(begun);
    dependency.ask(PATIENCE, async {}, |()| false).await.unwrap();
}
