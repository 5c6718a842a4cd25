//! Records in SQL, as far as one file shows it: every field has its column, and what refers to nothing is refused.

use bharatmart_core::access::Role;
use bharatmart_core::identity::{
    Address, AuditEntry, Code, Mfa, PendingEmail, Purpose, Session, USER, User, UserStatus,
};
use bharatmart_core::ports::{CommitError, Commits, Fault, Ids, Records};
use bharatmart_core::record::{Document, KINDS, Kind, Record, RecordKey, Row};
use bharatmart_core::{AddressId, AuditId, Changes, Expect, Refusal, SessionId, Tenant, Timestamp, UserId, Write};
use serde_json::json;
use tempfile::TempDir;
use uuid::Uuid;

use super::SqliteStore;
use crate::system::System;

const NOW: Timestamp = Timestamp::from_millis(1_790_000_000_123);

struct World {
    store: SqliteStore,
    tenant: Tenant,
    _folder: TempDir,
}

impl World {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(&folder.path().join("shop.sqlite")).unwrap();
        World { store, tenant: Tenant::main(), _folder: folder }
    }

    fn changes(&self) -> Changes {
        Changes::new(&self.tenant)
    }

    async fn put(&self, row: Row, expect: Expect) -> Result<(), CommitError> {
        self.store.commit(self.changes().write(Write::Record { row, expect })).await
    }

    async fn find(&self, kind: &'static Kind, key: &RecordKey) -> Option<Document> {
        self.store.record(&self.tenant, kind, key).await.unwrap()
    }
}

fn a_user(id: UserId) -> User {
    User {
        id,
        version: 1,
        status: UserStatus::Active,
        role: Role::Customer,
        name: "आशा".to_owned(),
        email: Some("asha@example.in".to_owned()),
        email_verified: true,
        new_email: Some("asha@example.com".to_owned()),
        phone: Some("+919876543210".to_owned()),
        phone_verified: false,
        picture: Some("https://example.in/asha.png".to_owned()),
        password_hash: Some("$argon2id$".to_owned()),
        mfa: Some(Mfa {
            secret: "sealed".to_owned(),
            confirmed: true,
            last_step: u64::from(u32::MAX),
            recovery: vec!["a".to_owned(), "b".to_owned()],
        }),
        sessions_since: NOW,
        default_address: Some(AddressId::from_uuid(Uuid::from_u128(3))),
        addresses: 1,
        created_at: NOW,
        updated_at: NOW,
    }
}

fn a_session(user_id: UserId) -> Session {
    Session {
        user_id,
        id: SessionId::from_uuid(Uuid::from_u128(2)),
        version: 1,
        token_hash: "new".to_owned(),
        former_hash: Some("old".to_owned()),
        rotated_at: NOW,
        device_name: Some("Phone".to_owned()),
        user_agent: Some("Browser/1".to_owned()),
        address: Some("2001:db8::1".to_owned()),
        created_at: NOW,
        expires_at: NOW,
        revoked_at: Some(NOW),
    }
}

fn an_address(user_id: UserId) -> Address {
    Address {
        user_id,
        id: AddressId::from_uuid(Uuid::from_u128(3)),
        version: 1,
        label: "Home".to_owned(),
        full_name: "Asha".to_owned(),
        phone: "+919876543210".to_owned(),
        line1: "1 Mall Road".to_owned(),
        line2: Some("Second floor".to_owned()),
        landmark: Some("Clock tower".to_owned()),
        city: "Shimla".to_owned(),
        state: "Himachal Pradesh".to_owned(),
        pincode: "171001".to_owned(),
        country: "IN".to_owned(),
        latitude: Some(31_104_800),
        longitude: Some(-77_173_400),
        created_at: NOW,
        updated_at: NOW,
    }
}

fn an_audit_entry(subject: UserId) -> AuditEntry {
    AuditEntry {
        id: AuditId::from_uuid(System.uuid()),
        version: 1,
        at: NOW,
        actor: "guest".to_owned(),
        action: "signup".to_owned(),
        subject: subject.to_string(),
        address: Some("192.0.2.1".to_owned()),
        details: json!({ "role": { "before": null, "after": "admin" } }).as_object().unwrap().clone(),
    }
}

/// One of each kind with every field it can have. A field that is added to a type is missed here by the compiler.
fn one_of_each() -> Vec<Row> {
    let user = a_user(UserId::from_uuid(Uuid::from_u128(1)));
    let pending = PendingEmail { email: "asha@example.com".to_owned(), version: 1, user_id: user.id, expires_at: NOW };
    let code = Code {
        id: "phone_login/+919876543210".to_owned(),
        version: 1,
        purpose: Purpose::PhoneLogin,
        user_id: Some(user.id),
        target: Some("+919876543210".to_owned()),
        hash: "hash".to_owned(),
        tries: 2,
        created_at: NOW,
        expires_at: NOW,
    };
    vec![
        Row::of(&user),
        Row::of(&pending),
        Row::of(&a_session(user.id)),
        Row::of(&code),
        Row::of(&an_address(user.id)),
        Row::of(&an_audit_entry(user.id)),
    ]
}

#[tokio::test]
async fn a_record_of_each_kind_comes_back_as_it_was_written() {
    let (world, rows) = (World::new(), one_of_each());
    for kind in KINDS {
        let row = rows.iter().find(|row| row.kind == *kind).unwrap_or_else(|| panic!("no {} is tried", kind.name));
        let key = row.key().unwrap();
        world.put(row.clone(), Expect::New).await.unwrap();
        assert_eq!(world.find(kind, &key).await.as_ref(), Some(&row.fields));
        let mut next = row.clone();
        next.fields.insert("version".to_owned(), json!(2));
        world.put(next.clone(), Expect::Version(1)).await.unwrap();
        assert_eq!(world.find(kind, &key).await, Some(next.fields));
    }
}

#[tokio::test]
async fn a_field_without_a_value_is_not_there_when_it_is_read() {
    let world = World::new();
    let user = User { email: None, mfa: None, default_address: None, ..a_user(UserId::from_uuid(System.uuid())) };
    let row = Row::of(&user);
    world.put(row.clone(), Expect::New).await.unwrap();
    assert_eq!(world.find(&USER, &row.key().unwrap()).await, Some(row.fields));
}

#[tokio::test]
async fn a_field_that_no_column_keeps_is_a_mistake_and_not_lost() {
    let world = World::new();
    let mut row = Row::of(&a_user(UserId::from_uuid(System.uuid())));
    row.fields.insert("shoe_size".to_owned(), json!(42));
    let told = world.put(row.clone(), Expect::New).await.unwrap_err().to_string();
    assert!(told.contains("shoe_size"), "{told}");
    row.fields.remove("shoe_size");
    row.fields.insert("addresses".to_owned(), json!("many"));
    let told = world.put(row, Expect::New).await.unwrap_err().to_string();
    assert!(told.contains("addresses"), "{told}");
}

#[tokio::test]
async fn a_session_of_nobody_is_broken_unless_the_commit_is_refused_anyway() {
    let world = World::new();
    let user = a_user(UserId::from_uuid(System.uuid()));
    let (session, entry) = (a_session(user.id), an_audit_entry(user.id));
    let orphan = world.changes().put(&session, Expect::New);
    let broken = world.store.commit(orphan.clone()).await.unwrap_err();
    assert!(matches!(broken, CommitError::Fault(Fault::Broken { .. })), "{broken}");
    // Its table is written after the session's.
    let refused = world.store.commit(orphan.put(&entry, Expect::Version(1))).await.unwrap_err();
    assert!(matches!(refused, CommitError::Refused(Refusal::VersionChanged(_))), "{refused}");
    assert_eq!(world.find(Session::KIND, &RecordKey::of_user(user.id, session.id)).await, None);
    let together = world.changes().put(&session, Expect::New).put(&user, Expect::New);
    world.store.commit(together).await.unwrap();
}
