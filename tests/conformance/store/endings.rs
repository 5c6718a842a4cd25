//! What has ended is taken away, a few rows at a time; what lives stays. Where the table's own time to live does that,
//! each row that has an end carries it, and nothing is to be done.

use aws_sdk_dynamodb::types::AttributeValue;
use bharatmart_core::changes::Applied;
use bharatmart_core::ports::{Answer, Answered, IdempotencyKey, KeyClaim, SENT_KEPT, Store};
use bharatmart_core::record::Row;
use bharatmart_core::{Changes, Event, Expect, Refusal, Tenant, Timestamp, Write};
use bharatmart_tests::data::{MINUTE, an_event, at, tenant};
use bharatmart_tests::on_every_store;
use bharatmart_tests::stores::{Place, StoreWorld};

use super::{commit, refusal};
use crate::samples::{samples, user_id};

on_every_store![
    what_has_ended_is_forgotten_and_what_lives_stays,
    no_more_is_forgotten_at_once_than_was_asked_for,
    a_key_that_was_forgotten_goes_on_past_its_fences,
];

const CONSUMER: &str = "mail";

fn key(name: &str) -> IdempotencyKey {
    IdempotencyKey(name.to_owned())
}

/// A row of each kind that has an end, which is then.
struct Ending {
    tenant: Tenant,
    until: Timestamp,
    records: Vec<Row>,
    mark: Event,
}

async fn ending(store: &dyn Store, tenant: Tenant, until: Timestamp) -> Ending {
    let mut records = Vec::new();
    for sample in samples(user_id()) {
        let mut row = sample.full;
        let ends = row.fields.contains_key("expires_at");
        if ends {
            row.fields.insert("expires_at".to_owned(), serde_json::json!(until));
        }
        if ends || row.kind.name == "user" {
            let put = Write::Record { row: row.clone(), expect: Expect::New };
            commit(store, Changes::new(&tenant).write(put)).await;
        }
        records.extend(ends.then_some(row));
    }
    assert!(records.len() >= 4, "sessions, codes, carts and e-mails to be proved");
    let mark = an_event(&tenant, at(0));
    let applied = vec![Applied { consumer: CONSUMER, event: mark.id, expires_at: until }];
    commit(store, Changes { applied, ..Changes::new(&tenant) }).await;
    store.count(&tenant, "window", 3, MINUTE, until.before(MINUTE)).await.unwrap();
    let claim = store.claim_key(&tenant, &key("running"), "hash", MINUTE, until.before(MINUTE)).await.unwrap();
    assert!(matches!(claim, KeyClaim::Mine(_)));
    answered(store, &tenant, "answered", until).await;
    Ending { tenant, until, records, mark }
}

async fn answered(store: &dyn Store, tenant: &Tenant, name: &str, until: Timestamp) {
    let claim = store.claim_key(tenant, &key(name), "hash", MINUTE, until.before(MINUTE)).await.unwrap();
    let KeyClaim::Mine(fence) = claim else { panic!("the key is free: {claim:?}") };
    let answer = Answer { status: 201, headers: Vec::new(), body: "12 MG Road".to_owned() };
    let answer = Answered { key: key(name), fence, answer, expires_at: until };
    commit(store, Changes { answer: Some(answer), ..Changes::new(tenant) }).await;
}

impl Ending {
    /// How many of them are in the store still, as it was before their end.
    async fn are_there(&self, store: &dyn Store) -> usize {
        let Ending { tenant, until, .. } = self;
        let moment = until.before(MINUTE / 2);
        let mut there = 0;
        for row in &self.records {
            let found = store.record(tenant, row.kind, &row.key().unwrap()).await.unwrap();
            there += usize::from(found.is_some());
        }
        there += store.applied(tenant, CONSUMER, &[self.mark.id]).await.unwrap().len();
        let window = store.count(tenant, "window", 0, MINUTE, moment).await.unwrap();
        there += usize::from(window.value == 3);
        for name in ["running", "answered"] {
            let claim = store.claim_key(tenant, &key(name), "another hash", MINUTE, moment).await.unwrap();
            there += usize::from(claim == KeyClaim::AnotherRequest);
        }
        there
    }

    fn count(&self) -> usize {
        self.records.len() + 4
    }
}

async fn what_has_ended_is_forgotten_and_what_lives_stays(world: StoreWorld) {
    let store = &*world.store;
    let ended = ending(store, Tenant::main(), at(99)).await;
    let living = ending(store, tenant("second"), at(101)).await;
    let old = at(99).before(SENT_KEPT);
    let (sent, unsent) = (an_event(&Tenant::main(), old), an_event(&Tenant::main(), old));
    let young = an_event(&Tenant::main(), at(101).before(SENT_KEPT));
    for event in [&sent, &unsent, &young] {
        commit(store, Changes::new(&event.tenant).event(event.clone())).await;
    }
    store.mark_sent(&[sent.clone(), young.clone()]).await.unwrap();
    if let Place::Dynamo { .. } = world.place {
        assert_eq!(store.forget(at(100), 100).await.unwrap(), 0);
        return each_carries_its_end(&world, unsent.id.to_string()).await;
    }
    assert_eq!(store.forget(at(100), 100).await.unwrap(), ended.count() + 1);
    assert_eq!(store.forget(at(100), 100).await.unwrap(), 0);
    assert_eq!((ended.are_there(store).await, living.are_there(store).await), (0, living.count()));
    let mut left: Vec<_> = store.newest_events(10).await.unwrap().into_iter().map(|event| event.id).collect();
    left.sort_unstable();
    let mut expected = [unsent.id, young.id];
    expected.sort_unstable();
    assert_eq!(left, expected);
}

/// Accounts, and what is still to be sent, stay for good.
async fn each_carries_its_end(world: &StoreWorld, unsent: String) {
    let Place::Dynamo { config, table } = &world.place else { return };
    let client = aws_sdk_dynamodb::Client::new(config);
    let rows = client.scan().table_name(table).consistent_read(true).send().await.unwrap();
    let mut with_end = 0;
    for row in rows.items() {
        let pk = row["pk"].as_s().unwrap();
        let endless = pk.contains("#user#") || pk.contains(&unsent);
        let ends = row.get("expires_at").is_some_and(AttributeValue::is_n);
        assert_ne!(endless, ends, "{row:?}");
        with_end += usize::from(ends);
    }
    assert!(with_end >= 18, "{with_end}");
}

async fn no_more_is_forgotten_at_once_than_was_asked_for(StoreWorld { store, place }: StoreWorld) {
    let main = Tenant::main();
    let mark = |_| Applied { consumer: CONSUMER, event: an_event(&main, at(0)).id, expires_at: at(10) };
    commit(&*store, Changes { applied: (0..7).map(mark).collect(), ..Changes::new(&main) }).await;
    let mut forgotten = Vec::new();
    for _ in 0..4 {
        forgotten.push(store.forget(at(100), 3).await.unwrap());
    }
    let expected = if matches!(place, Place::Dynamo { .. }) { [0; 4] } else { [3, 3, 1, 0] };
    assert_eq!(forgotten, expected);
}

async fn a_key_that_was_forgotten_goes_on_past_its_fences(StoreWorld { store, .. }: StoreWorld) {
    let main = Tenant::main();
    let claim = async |now| match store.claim_key(&main, &key("stalled"), "hash", MINUTE, now).await.unwrap() {
        KeyClaim::Mine(fence) => fence,
        other => panic!("the key is free: {other:?}"),
    };
    let stalled = claim(at(0)).await;
    store.forget(at(4_000), 100).await.unwrap();
    let second = claim(at(4_001)).await;
    assert!(second > stalled);
    let answer = Answer { status: 201, headers: Vec::new(), body: String::new() };
    let late = Answered { key: key("stalled"), fence: stalled, answer, expires_at: at(9_000) };
    let late = Changes { answer: Some(late), ..Changes::new(&main) };
    assert_eq!(refusal(&*store, late).await, Refusal::FenceLost("stalled".to_owned()));
}
