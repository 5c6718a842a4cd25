//! What each act does to a call that changes something, at each port: how it is answered, whether it took effect, and
//! how long it took.

use std::sync::Arc;
use std::time::Duration;

use bharatmart_adapters::blobs::FileBlobs;
use bharatmart_adapters::memory::{MemoryCache, MemoryQueueing, MemoryStore};
use bharatmart_adapters::system::System;
use bharatmart_chaos::{Act, Chaos};
use bharatmart_core::inventory::Location;
use bharatmart_core::ports::{
    Blobs, Cache, CommitError, Commits, Counters, Fault, Fence, Ids, Message, PutRefused, Queueing, Store,
};
use bharatmart_core::queues::STOCK;
use bharatmart_core::{Changes, ProductId, Refusal, Sku, Write};

use crate::complete::a_letter;
use crate::stage::{LEFT, always, now, tenant};
use crate::stubs::Tally;

const SECOND: Duration = Duration::from_secs(1);
const WRITES: &[&str] = &[
    "store.count",
    "queue.send",
    "cache.count",
    "blobs.put",
    "secrets.secret",
    "messages.send",
    "search.snapshot",
    "index.apply",
    "index.publish",
];

/// The answer of one call by its decorator, and how often it took effect behind it.
async fn call(at: &str, chaos: &Chaos) -> (Result<(), Fault>, u32) {
    let tally = Tally::default();
    let counted = |answer: Result<(), Fault>| (answer, tally.calls());
    match at {
        "store.count" => {
            let store = Arc::new(MemoryStore::new());
            let answer = chaos.store(store.clone()).count(&tenant(), "one", 1, SECOND, now()).await;
            let counted = Counters::count(store.as_ref(), &tenant(), "one", 0, SECOND, now()).await.unwrap();
            (answer.map(drop), counted.value as u32)
        }
        "queue.send" => {
            let queue = Arc::new(MemoryQueueing::new(Arc::new(System)));
            let answer = chaos.queue(queue.clone()).send(&STOCK, &[a_message("1")]).await;
            (answer, queue.waiting(&STOCK).await.unwrap().ready as u32)
        }
        "cache.count" => {
            let cache = Arc::new(MemoryCache::new(Arc::new(System)));
            let answer = chaos.cache(cache.clone()).count("one", 1, 60 * SECOND).await;
            (answer.map(drop), cache.count("one", 0, 60 * SECOND).await.unwrap().value as u32)
        }
        "blobs.put" => {
            let folder = tempfile::tempdir().unwrap();
            let blobs = Arc::new(FileBlobs::open(folder.path().to_owned()).unwrap());
            let answer = chaos.blobs(blobs.clone()).put("one", b"1".to_vec(), "text/plain").await;
            (answer.map(drop), u32::from(blobs.get("one").await.unwrap().is_some()))
        }
        "secrets.secret" => counted(chaos.secrets(Arc::new(tally.clone())).secret("one").await.map(drop)),
        "messages.send" => counted(chaos.messages(Arc::new(tally.clone())).send(&a_letter()).await),
        "search.snapshot" => counted(chaos.search(Arc::new(tally.clone())).snapshot().await.map(drop)),
        "index.apply" => {
            let index = chaos.index(Arc::new(tally.clone()));
            counted(index.apply(Fence(1), Vec::new(), Vec::new(), now()).await.map(drop))
        }
        "index.publish" => {
            let mut rebuild = chaos.index(Arc::new(tally.clone())).rebuild().await.unwrap();
            let answer = rebuild.publish(Fence(1), Vec::new(), Vec::new(), now()).await.map(drop);
            (answer, tally.calls() - 1)
        }
        _ => panic!("no call for {at}"),
    }
}

pub fn a_message(id: &str) -> Message {
    Message { id: id.to_owned(), body: "{}".to_owned(), traceparent: None, delay: Duration::ZERO }
}

/// At every port: what is answered, how often it took effect, how long it took.
async fn at_every_port(act: Act, sound: fn(&Result<(), Fault>) -> bool, effects: u32, took: Duration) {
    for at in WRITES {
        let (chaos, stage) = always(at, act);
        let (answer, effect) = call(at, &chaos).await;
        assert!(sound(&answer), "{at} under {act:?} answered {answer:?}");
        // A blob that is put twice is there once.
        let effects = if *at == "blobs.put" { effects.min(1) } else { effects };
        assert_eq!(effect, effects, "{at} under {act:?}");
        assert_eq!(stage.slept(), took, "{at} under {act:?}");
        let told: Vec<_> = stage.told().into_iter().map(|(_, kind)| Some(kind)).collect();
        assert_eq!(told, Vec::from_iter((act != Act::Pass).then_some(act.kind())), "{at} under {act:?}");
    }
}

fn is_away(answer: &Result<(), Fault>) -> bool {
    matches!(answer, Err(Fault::Away { .. }))
}

#[tokio::test]
async fn a_call_that_passes_is_as_it_was() {
    at_every_port(Act::Pass, Result::is_ok, 1, Duration::ZERO).await;
}

#[tokio::test]
async fn an_error_before_did_nothing() {
    at_every_port(Act::ErrorBefore, is_away, 0, Duration::ZERO).await;
}

#[tokio::test]
async fn an_error_after_took_effect() {
    at_every_port(Act::ErrorAfter, is_away, 1, Duration::ZERO).await;
}

#[tokio::test]
async fn what_is_busy_did_nothing_and_says_so() {
    at_every_port(Act::Busy, |answer| matches!(answer, Err(Fault::Busy { .. })), 0, Duration::ZERO).await;
}

#[tokio::test]
async fn what_is_slow_takes_effect_after_a_while() {
    let wait = Duration::from_millis(250);
    at_every_port(Act::Latency(wait), Result::is_ok, 1, wait).await;
}

#[tokio::test]
async fn what_is_slower_than_the_caller_waits_is_not_begun() {
    at_every_port(Act::Latency(LEFT * 2), is_away, 0, LEFT).await;
}

#[tokio::test]
async fn a_double_took_effect_twice() {
    at_every_port(Act::Duplicate, Result::is_ok, 2, Duration::ZERO).await;
}

#[tokio::test]
async fn a_time_out_answers_when_the_caller_has_gone() {
    at_every_port(Act::TimeoutBefore, is_away, 0, LEFT).await;
    at_every_port(Act::TimeoutAfter, is_away, 1, LEFT).await;
}

#[tokio::test]
async fn a_fault_that_an_operation_cannot_have_is_none() {
    for at in WRITES.iter().filter(|at| !at.ends_with(".send")) {
        let (chaos, stage) = always(at, Act::Lose);
        let (answer, effect) = call(at, &chaos).await;
        assert!(answer.is_ok() && effect == 1 && stage.told().is_empty(), "{at}");
    }
}

/// New stock can be entered once.
fn new_stock() -> Changes {
    let product = ProductId::from_uuid(System.uuid());
    let (sku, location) = (Sku::parse("TEA-1").unwrap(), Location::main());
    let mut changes = Changes::new(&tenant());
    changes.writes.push(Write::NewStock { product, sku, location, available: 7 });
    changes
}

#[tokio::test]
async fn a_double_commit_is_answered_as_the_store_answers_it() {
    let (chaos, _) = always("store.commit", Act::Duplicate);
    let store = Arc::new(MemoryStore::new());
    let faulty: Arc<dyn Store> = chaos.store(store.clone());
    let answer = faulty.commit(new_stock()).await;
    assert!(matches!(answer, Err(CommitError::Refused(Refusal::Exists(_)))), "{answer:?}");
}

#[tokio::test]
async fn a_commit_whose_answer_is_lost_is_there() {
    let (chaos, _) = always("store.commit", Act::ErrorAfter);
    let store = Arc::new(MemoryStore::new());
    let changes = new_stock();
    let answer = chaos.store(store.clone()).commit(changes.clone()).await;
    assert!(matches!(answer, Err(CommitError::Fault(Fault::Away { .. }))), "{answer:?}");
    let again = Commits::commit(store.as_ref(), changes).await;
    assert!(matches!(again, Err(CommitError::Refused(_))), "{again:?}");
}

#[tokio::test]
async fn a_double_put_of_a_new_blob_finds_it_changed() {
    let (chaos, _) = always("blobs.put_if", Act::Duplicate);
    let folder = tempfile::tempdir().unwrap();
    let blobs = chaos.blobs(Arc::new(FileBlobs::open(folder.path().to_owned()).unwrap()));
    let answer = blobs.put_if("one", b"1".to_vec(), None).await;
    assert!(matches!(answer, Err(PutRefused::Changed)), "{answer:?}");
    assert_eq!(blobs.get("one").await.unwrap().unwrap().bytes, b"1");
}

#[tokio::test]
async fn a_lost_letter_was_never_sent() {
    let (chaos, stage) = always("messages.send", Act::Lose);
    let tally = Tally::default();
    chaos.messages(Arc::new(tally.clone())).send(&a_letter()).await.unwrap();
    assert_eq!((tally.calls(), stage.told().len()), (0, 1));
}
