//! Records are listed newest first: those that are gathered as soon as they are committed, the others soon after.

use bharatmart_core::identity::{ADDRESS, AUDIT, AuditEntry, CODE, PENDING_EMAIL, SESSION, USER};
use bharatmart_core::ports::{Fault, Store};
use bharatmart_core::record::{Document, KINDS, Kind, Listing, Record, Row};
use bharatmart_core::{AuditId, Changes, Expect, SessionId, Tenant, UserId};
use bharatmart_tests::data::tenant;
use bharatmart_tests::stores::StoreWorld;
use bharatmart_tests::{eventually, on_every_store};
use uuid::Uuid;

use super::commit;
use crate::samples::{a_session, a_user, an_audit_entry, user_id};

on_every_store![
    gathered_records_are_seen_at_once_newest_first,
    gathered_records_are_walked_page_by_page,
    records_are_listed_by_what_they_are_about,
    all_records_of_a_kind_are_listed,
    a_long_list_is_walked_once_each,
    a_listing_follows_what_becomes_of_a_record,
    a_tenant_lists_no_record_of_another,
    a_listing_that_a_kind_does_not_have_is_a_mistake,
];

const NOTHING: [Document; 0] = [];

fn main() -> Tenant {
    Tenant::main()
}

/// Sorts by `nth`, as ids sort by the time they were made; its tail is random, as theirs is.
fn uuid(nth: u128) -> Uuid {
    Uuid::from_u128(nth << 80 | 0x7000_8000_0000_0000_0000 | rand::random::<u64>() as u128 >> 2)
}

async fn add<R: Record>(store: &dyn Store, tenant: &Tenant, records: &[R]) {
    for some in records.chunks(50) {
        let changes = some.iter().fold(Changes::new(tenant), |changes, record| changes.put(record, Expect::New));
        commit(store, changes).await;
    }
}

async fn list(store: &dyn Store, kind: &'static Kind, listing: Listing<'_>) -> Vec<Document> {
    store.records(&main(), kind, listing, None, 1000).await.unwrap()
}

/// As they must be listed, given in the order they were made.
fn newest_first<R: Record>(records: &[R]) -> Vec<Document> {
    records.iter().rev().map(|record| Row::of(record).fields).collect()
}

/// Page by page until one is not full.
async fn walk(store: &dyn Store, kind: &'static Kind, listing: Listing<'_>, limit: usize) -> Vec<Document> {
    let mut walked: Vec<Document> = Vec::new();
    loop {
        let before = walked.last().map(|last| last[kind.id].as_str().unwrap().to_owned());
        let page = store.records(&main(), kind, listing.clone(), before.as_deref(), limit).await.unwrap();
        assert!(page.len() <= limit);
        let last = page.len() < limit;
        walked.extend(page);
        if last {
            return walked;
        }
    }
}

fn sessions(user: UserId, count: u128) -> Vec<bharatmart_core::identity::Session> {
    (0..count).map(|nth| a_session(user, SessionId::from_uuid(uuid(nth)))).collect()
}

fn entries(subject: UserId, from: u128, count: u128) -> Vec<AuditEntry> {
    (from..from + count).map(|nth| an_audit_entry(AuditId::from_uuid(uuid(nth)), subject)).collect()
}

async fn gathered_records_are_seen_at_once_newest_first(StoreWorld { store, .. }: StoreWorld) {
    let (user, other) = (a_user(user_id()), a_user(user_id()));
    add(&*store, &main(), &[user.clone(), other.clone()]).await;
    let (id, others_id) = (user.id.to_string(), other.id.to_string());
    assert_eq!(list(&*store, &SESSION, Listing::Within(&id)).await, NOTHING);
    let (mine, theirs) = (sessions(user.id, 5), sessions(other.id, 2));
    add(&*store, &main(), &theirs).await;
    for so_far in 1..=mine.len() {
        // In no order, so that none comes of how they were written.
        add(&*store, &main(), &mine[mine.len() - so_far..=mine.len() - so_far]).await;
        let seen = list(&*store, &SESSION, Listing::Within(&id)).await;
        assert_eq!(seen, newest_first(&mine[mine.len() - so_far..]));
    }
    assert_eq!(list(&*store, &SESSION, Listing::Within(&others_id)).await, newest_first(&theirs));
    assert_eq!(list(&*store, &ADDRESS, Listing::Within(&id)).await, NOTHING);
    for nobody in ["", "usr_", &"u".repeat(3000)] {
        assert_eq!(list(&*store, &SESSION, Listing::Within(nobody)).await, NOTHING);
    }

    let revoked = bharatmart_core::identity::Session { version: 2, user_agent: None, ..mine[4].clone() };
    let changes = Changes::new(&main()).put(&revoked, Expect::Version(1)).remove(&mine[0]);
    commit(&*store, changes).await;
    let left = [&mine[1..4], &[revoked]].concat();
    assert_eq!(list(&*store, &SESSION, Listing::Within(&id)).await, newest_first(&left));
}

async fn gathered_records_are_walked_page_by_page(StoreWorld { store, .. }: StoreWorld) {
    let user = a_user(user_id());
    let sessions = sessions(user.id, 10);
    add(&*store, &main(), std::slice::from_ref(&user)).await;
    add(&*store, &main(), &sessions).await;
    let id = user.id.to_string();
    for limit in [1, 3, 5, 10, 11] {
        assert_eq!(walk(&*store, &SESSION, Listing::Within(&id), limit).await, newest_first(&sessions));
    }
    let page = async |before: &str, limit| {
        let within = Listing::Within(&id);
        store.records(&main(), &SESSION, within, Some(before), limit).await.unwrap()
    };
    assert_eq!(page(&sessions[4].id.to_string(), 2).await, newest_first(&sessions[2..4]));
    assert_eq!(page("ses_~", usize::MAX).await, newest_first(&sessions), "a mark need not be a record");
    assert_eq!(page(&sessions[0].id.to_string(), 2).await, NOTHING);
    assert_eq!(page("", 2).await, NOTHING);
    assert_eq!(page("ses_~", 0).await, NOTHING);
}

async fn records_are_listed_by_what_they_are_about(StoreWorld { store, .. }: StoreWorld) {
    let (user, other) = (user_id(), user_id());
    let (mine, theirs) = (entries(user, 0, 12), entries(other, 6, 3));
    add(&*store, &main(), &mine).await;
    add(&*store, &main(), &theirs).await;
    for (subject, expected) in [(user, newest_first(&mine)), (other, newest_first(&theirs))] {
        let subject = subject.to_string();
        eventually("what was done is listed by whom it was done to", || async {
            list(&*store, &AUDIT, Listing::By(&subject)).await == expected
        })
        .await;
        assert_eq!(walk(&*store, &AUDIT, Listing::By(&subject), 5).await, expected);
    }
    for nobody in ["", "usr_", &"u".repeat(3000)] {
        assert_eq!(list(&*store, &AUDIT, Listing::By(nobody)).await, NOTHING);
    }
}

async fn all_records_of_a_kind_are_listed(StoreWorld { store, .. }: StoreWorld) {
    let users: Vec<_> = (0..20).map(|nth| a_user(UserId::from_uuid(uuid(nth)))).collect();
    let entries = entries(users[0].id, 0, 3);
    add(&*store, &main(), &users).await;
    add(&*store, &main(), &entries).await;
    for (kind, expected) in [(&USER, newest_first(&users)), (&AUDIT, newest_first(&entries))] {
        eventually("all are listed", || async { list(&*store, kind, Listing::All).await == expected }).await;
        for limit in [1, 7, 20, 50] {
            assert_eq!(walk(&*store, kind, Listing::All, limit).await, expected);
        }
    }
    let newest = store.records(&main(), &USER, Listing::All, None, 3).await.unwrap();
    assert_eq!(newest, newest_first(&users[17..]));
    let middle = store.records(&main(), &USER, Listing::All, Some(&users[9].id.to_string()), 4).await.unwrap();
    assert_eq!(middle, newest_first(&users[5..9]));
    assert_eq!(store.records(&main(), &USER, Listing::All, Some(""), 4).await.unwrap(), NOTHING);
}

/// Longer than one answer of DynamoDB, which is at most a megabyte.
async fn a_long_list_is_walked_once_each(StoreWorld { store, .. }: StoreWorld) {
    let user = user_id();
    let mut entries = entries(user, 0, 120);
    for entry in &mut entries {
        entry.details.insert("note".to_owned(), "n".repeat(12_000).into());
    }
    for some in entries.chunks(30) {
        add(&*store, &main(), some).await;
    }
    let (subject, expected) = (user.to_string(), newest_first(&entries));
    eventually("all are listed", || async { list(&*store, &AUDIT, Listing::By(&subject)).await.len() == 120 }).await;
    assert!(list(&*store, &AUDIT, Listing::By(&subject)).await == expected);
    assert!(walk(&*store, &AUDIT, Listing::By(&subject), 90).await == expected);
    assert!(walk(&*store, &AUDIT, Listing::All, 90).await == expected);
}

async fn a_listing_follows_what_becomes_of_a_record(StoreWorld { store, .. }: StoreWorld) {
    let (user, other) = (user_id(), user_id());
    let entries = entries(user, 0, 2);
    add(&*store, &main(), &entries).await;
    let moved = AuditEntry { version: 2, subject: other.to_string(), ..entries[0].clone() };
    let changes = Changes::new(&main()).put(&moved, Expect::Version(1)).remove(&entries[1]);
    commit(&*store, changes).await;
    let (old, new) = (user.to_string(), other.to_string());
    eventually("it is listed in its new place, and the one that was removed nowhere", || async {
        let moved = newest_first(std::slice::from_ref(&moved));
        list(&*store, &AUDIT, Listing::By(&old)).await.is_empty()
            && list(&*store, &AUDIT, Listing::By(&new)).await == moved
            && list(&*store, &AUDIT, Listing::All).await == moved
    })
    .await;
}

async fn a_tenant_lists_no_record_of_another(StoreWorld { store, .. }: StoreWorld) {
    let user = a_user(user_id());
    let (sessions, entries) = (sessions(user.id, 2), entries(user.id, 0, 2));
    let (id, other) = (user.id.to_string(), tenant("main-2"));
    add(&*store, &other, std::slice::from_ref(&user)).await;
    add(&*store, &other, &sessions).await;
    add(&*store, &other, &entries).await;
    eventually("its own tenant lists them", || async {
        let all = store.records(&other, &AUDIT, Listing::All, None, 9).await.unwrap();
        let by = store.records(&other, &AUDIT, Listing::By(&id), None, 9).await.unwrap();
        let users = store.records(&other, &USER, Listing::All, None, 9).await.unwrap();
        (all.len(), by.len(), users.len()) == (2, 2, 1)
    })
    .await;
    let within = store.records(&other, &SESSION, Listing::Within(&id), None, 9).await.unwrap();
    assert_eq!(within, newest_first(&sessions));

    assert_eq!(list(&*store, &SESSION, Listing::Within(&id)).await, NOTHING);
    assert_eq!(list(&*store, &AUDIT, Listing::By(&id)).await, NOTHING);
    assert_eq!(list(&*store, &AUDIT, Listing::All).await, NOTHING);
    assert_eq!(list(&*store, &USER, Listing::All).await, NOTHING);
}

async fn a_listing_that_a_kind_does_not_have_is_a_mistake(StoreWorld { store, .. }: StoreWorld) {
    let is_broken = async |kind, listing| {
        let listed = store.records(&main(), kind, listing, None, 1).await;
        matches!(listed, Err(Fault::Broken { .. }))
    };
    for kind in KINDS.iter().copied() {
        assert_eq!(is_broken(kind, Listing::Within("usr_1")).await, kind.within.is_none(), "{}", kind.name);
        assert_eq!(is_broken(kind, Listing::By("usr_1")).await, kind.listed_by.is_none(), "{}", kind.name);
        assert_eq!(is_broken(kind, Listing::All).await, !kind.listed, "{}", kind.name);
    }
    for kind in [&CODE, &PENDING_EMAIL] {
        assert!(is_broken(kind, Listing::All).await, "a secret is never listed");
    }
}
