//! The shop's records, looked at and moved from beside: how a test lets a day pass, and sees what lies in the store.

use std::time::Duration;

use bharatmart_core::identity::{CODE, Purpose, SESSION, USER};
use bharatmart_core::record::{Document, Kind, RecordKey, Row};
use bharatmart_core::{Changes, Expect, Tenant, Timestamp, Write};
use serde_json::{Value, json};

use super::people::Person;
use crate::world::Shop;

pub async fn read(shop: &Shop, kind: &'static Kind, key: &RecordKey) -> Option<Document> {
    shop.store().record(&Tenant::main(), kind, key).await.unwrap()
}

pub async fn edit(shop: &Shop, kind: &'static Kind, key: &RecordKey, change: impl FnOnce(&mut Document)) {
    let mut fields = read(shop, kind, key).await.unwrap_or_else(|| panic!("no {} {key:?}", kind.name));
    let version = fields["version"].as_u64().unwrap();
    change(&mut fields);
    fields.insert("version".to_owned(), json!(version + 1));
    let write = Write::Record { row: Row { kind, fields }, expect: Expect::Version(version) };
    shop.store().commit(Changes::new(&Tenant::main()).write(write)).await.unwrap();
}

/// Puts another record in the place of one, under a key of its own.
pub async fn replace(shop: &Shop, kind: &'static Kind, old: &RecordKey, mut new: Document) {
    let version = read(shop, kind, old).await.unwrap()["version"].as_u64().unwrap();
    new.insert("version".to_owned(), json!(1));
    let gone = Write::Remove { kind, key: old.clone(), version };
    let there = Write::Record { row: Row { kind, fields: new }, expect: Expect::New };
    shop.store().commit(Changes::new(&Tenant::main()).write(gone).write(there)).await.unwrap();
}

pub fn now(shop: &Shop) -> Timestamp {
    shop.cloud.app().clock.now()
}

fn ago(shop: &Shop, time: Duration) -> Value {
    json!(now(shop).before(time))
}

/// As if a record's time had passed a moment ago.
async fn expire(shop: &Shop, kind: &'static Kind, key: &RecordKey) {
    let past = ago(shop, Duration::from_secs(1));
    edit(shop, kind, key, |fields| drop(fields.insert("expires_at".to_owned(), past))).await;
}

pub async fn expire_code(shop: &Shop, purpose: Purpose, of: &str) {
    expire(shop, &CODE, &purpose.key(of)).await;
}

/// How long a code or session still holds.
pub fn life(shop: &Shop, fields: &Document) -> Duration {
    Timestamp::parse(fields["expires_at"].as_str().unwrap()).unwrap().since(now(shop))
}

fn session_key(person: &Person) -> RecordKey {
    RecordKey::within(&person.id, person.session())
}

pub async fn session(shop: &Shop, person: &Person) -> Document {
    read(shop, &SESSION, &session_key(person)).await.unwrap()
}

pub async fn expire_session(shop: &Shop, person: &Person) {
    expire(shop, &SESSION, &session_key(person)).await;
}

/// As if the session's refresh token had been used that long ago.
pub async fn rotated_ago(shop: &Shop, person: &Person, time: Duration) {
    let then = ago(shop, time);
    edit(shop, &SESSION, &session_key(person), |fields| drop(fields.insert("rotated_at".to_owned(), then))).await;
}

/// As if the person had logged in that long ago.
pub async fn logged_in_ago(shop: &Shop, person: &Person, time: Duration) {
    let then = ago(shop, time);
    let since = then.clone();
    edit_user(shop, &person.id, |fields| drop(fields.insert("sessions_since".to_owned(), since))).await;
    edit(shop, &SESSION, &session_key(person), |fields| drop(fields.insert("created_at".to_owned(), then))).await;
}

pub async fn user(shop: &Shop, id: &str) -> Document {
    read(shop, &USER, &RecordKey::alone(id)).await.unwrap()
}

pub async fn edit_user(shop: &Shop, id: &str, change: impl FnOnce(&mut Document)) {
    edit(shop, &USER, &RecordKey::alone(id), change).await;
}
