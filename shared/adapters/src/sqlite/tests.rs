//! Records in SQL beyond what every store promises: no field is lost for want of a column, and what belongs to nobody
//! is not taken.

use bharatmart_core::access::Role;
use bharatmart_core::identity::{AuditEntry, Session, User, UserStatus};
use bharatmart_core::ports::{CommitError, Commits, Fault, Ids, Records};
use bharatmart_core::record::{Document, Record, RecordKey, Row};
use bharatmart_core::{AuditId, Changes, Expect, Refusal, SessionId, Tenant, Timestamp, UserId, Write};
use serde_json::json;
use tempfile::TempDir;

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

    async fn refused(&self, row: Row) -> String {
        let changes = self.changes().write(Write::Record { row, expect: Expect::New });
        self.store.commit(changes).await.unwrap_err().to_string()
    }
}

fn a_user(id: UserId) -> User {
    User {
        id,
        version: 1,
        status: UserStatus::Active,
        role: Role::Customer,
        name: "Asha".to_owned(),
        email: None,
        email_verified: false,
        new_email: None,
        phone: None,
        phone_verified: false,
        picture: None,
        password_hash: None,
        mfa: None,
        sessions_since: NOW,
        default_address: None,
        addresses: 0,
        created_at: NOW,
        updated_at: NOW,
    }
}

fn a_session(user_id: UserId) -> Session {
    Session {
        user_id,
        id: SessionId::from_uuid(System.uuid()),
        version: 1,
        token_hash: "new".to_owned(),
        former_hash: None,
        rotated_at: NOW,
        device_name: None,
        user_agent: None,
        address: None,
        created_at: NOW,
        expires_at: NOW,
        revoked_at: None,
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
        address: None,
        details: Document::new(),
    }
}

#[tokio::test]
async fn a_field_that_no_column_keeps_is_a_mistake_and_not_lost() {
    let world = World::new();
    let user = Row::of(&a_user(UserId::from_uuid(System.uuid())));
    for (field, value) in [("shoe_size", json!(42)), ("addresses", json!("many")), ("created_at", json!("noon"))] {
        let mut row = user.clone();
        row.fields.insert(field.to_owned(), value);
        let told = world.refused(row).await;
        assert!(told.contains(field), "{told}");
    }
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
    let key = RecordKey::of_user(user.id, session.id);
    assert_eq!(world.store.record(&world.tenant, Session::KIND, &key).await.unwrap(), None);
    let together = world.changes().put(&session, Expect::New).put(&user, Expect::New);
    world.store.commit(together).await.unwrap();
}
