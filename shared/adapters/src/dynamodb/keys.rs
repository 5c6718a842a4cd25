//! Where each row lies. Every key begins with the tenant; what belongs to the deployment as a whole begins with a word
//! no tenant can have.

use bharatmart_core::changes::ClaimKind;
use bharatmart_core::inventory::Location;
use bharatmart_core::ports::{IdempotencyKey, LeaseName};
use bharatmart_core::record::{Kind, RecordKey};
use bharatmart_core::{CategoryId, Event, EventId, ProductId, Sku, Tenant, Timestamp};
use uuid::Uuid;

use super::item::{Item, s};
use super::shape::{IndexShape, PK, SK};

/// A partition takes a thousand writes a second; rows that are gathered under one key are spread over so many.
pub(super) const SHARDS: u8 = 8;

/// `_` is not in a tenant's alphabet.
const SHOP: &str = "_shop";

pub(super) const PRODUCT: &str = "product";
pub(super) const STOCK: &str = "stock#";

/// Parts the records of every kind from all other rows, whatever a kind is called.
const RECORD: &str = "record";

/// What DynamoDB takes as a key, in bytes.
const LONGEST_PARTITION: usize = 2048;
const LONGEST_SORT: usize = 1024;

pub(super) struct Key {
    pub(super) pk: String,
    pub(super) sk: String,
}

impl Key {
    /// A row that is alone in its partition is named by its kind.
    fn alone(owner: &str, kind: &str, name: impl std::fmt::Display) -> Key {
        Key { pk: format!("{owner}#{kind}#{name}"), sk: kind.to_owned() }
    }

    /// `false` for one that DynamoDB refuses to look for, and so no row has.
    pub(super) fn can_be(&self) -> bool {
        can_be_partition(&self.pk) && (1..=LONGEST_SORT).contains(&self.sk.len())
    }

    pub(super) fn item(self) -> Item {
        Item::from([(PK.to_owned(), s(self.pk)), (SK.to_owned(), s(self.sk))])
    }
}

pub(super) fn product(tenant: &Tenant, id: ProductId) -> Key {
    Key::alone(tenant.as_str(), PRODUCT, id)
}

/// In the product's partition, so that one Query brings both.
pub(super) fn stock(tenant: &Tenant, id: ProductId, sku: &Sku, location: &Location) -> Key {
    Key { sk: format!("{}{location}", stock_of(sku)), ..product(tenant, id) }
}

/// What the stock of a SKU begins with; no SKU has a `#` in it.
pub(super) fn stock_of(sku: &Sku) -> String {
    format!("{STOCK}{sku}#")
}

pub(super) fn category(tenant: &Tenant, id: CategoryId) -> Key {
    Key { pk: categories(tenant), sk: id.to_string() }
}

pub(super) fn categories(tenant: &Tenant) -> String {
    format!("{tenant}#categories")
}

pub(super) fn claim(tenant: &Tenant, kind: ClaimKind, name: &str) -> Key {
    Key { pk: format!("{tenant}#claim#{}#{name}", kind.name()), sk: "claim".to_owned() }
}

pub(super) fn can_be_partition(pk: &str) -> bool {
    (1..=LONGEST_PARTITION).contains(&pk.len())
}

/// Those that are gathered share a partition, so that one Query brings them, and sees every commit.
pub(super) fn record(tenant: &Tenant, kind: &Kind, key: &RecordKey) -> Key {
    match kind.within {
        Some(_) => Key { pk: records_within(tenant, kind, &key.within), sk: key.id.clone() },
        None => Key { pk: format!("{tenant}#{RECORD}#{}#{}", kind.name, key.id), sk: RECORD.to_owned() },
    }
}

pub(super) fn records_within(tenant: &Tenant, kind: &Kind, value: &str) -> String {
    format!("{tenant}#{RECORD}#{}#{value}", kind.name)
}

pub(super) fn window(tenant: &Tenant, counter: &str) -> Key {
    Key::alone(tenant.as_str(), "window", counter)
}

pub(super) fn counter(tenant: &Tenant, counter: &str) -> Key {
    Key::alone(tenant.as_str(), "counter", counter)
}

pub(super) fn idempotency(tenant: &Tenant, key: &IdempotencyKey) -> Key {
    Key::alone(tenant.as_str(), "key", &key.0)
}

pub(super) fn applied(tenant: &Tenant, consumer: &str, event: EventId) -> Key {
    Key { pk: format!("{tenant}#applied#{consumer}#{event}"), sk: "applied".to_owned() }
}

pub(super) fn event(event: &Event) -> Key {
    Key::alone(event.tenant.as_str(), "event", event.id)
}

pub(super) fn lease(name: LeaseName) -> Key {
    Key::alone(SHOP, "lease", name.0)
}

pub(super) fn registered(tenant: &Tenant) -> Key {
    Key { pk: register(), sk: tenant.to_string() }
}

pub(super) fn register() -> String {
    format!("{SHOP}#tenants")
}

/// A row that is never there.
pub(super) fn probe() -> Key {
    Key::alone(SHOP, "probe", "none")
}

/// The place of a row in an index.
pub(super) fn place(index: &IndexShape, key: Key) -> [(String, aws_sdk_dynamodb::types::AttributeValue); 2] {
    [(index.partition_key.to_owned(), s(key.pk)), (index.sort_key.to_owned(), s(key.sk))]
}

pub(super) fn among_products(tenant: &Tenant, id: ProductId) -> Key {
    Key { pk: products(tenant, shard(id.uuid())), sk: id.to_string() }
}

pub(super) fn products(tenant: &Tenant, shard: u8) -> String {
    format!("{tenant}#products#{shard}")
}

pub(super) fn in_category(tenant: &Tenant, category: CategoryId, id: ProductId) -> Key {
    Key { pk: products_of(tenant, category), sk: id.to_string() }
}

pub(super) fn products_of(tenant: &Tenant, category: CategoryId) -> String {
    format!("{tenant}#category#{category}")
}

pub(super) fn among_records(tenant: &Tenant, kind: &Kind, id: &str) -> Key {
    // Ids are made by chance, or people's e-mail addresses: the sum of their bytes spreads them well enough.
    let shard = id.bytes().fold(0, u8::wrapping_add) % SHARDS;
    Key { pk: records_of(tenant, kind, shard), sk: id.to_owned() }
}

pub(super) fn records_of(tenant: &Tenant, kind: &Kind, shard: u8) -> String {
    format!("{tenant}#{RECORD}#{}#{shard}", kind.name)
}

pub(super) fn listed_by(tenant: &Tenant, kind: &Kind, value: &str, id: &str) -> Key {
    Key { pk: records_by(tenant, kind, value), sk: id.to_owned() }
}

pub(super) fn records_by(tenant: &Tenant, kind: &Kind, value: &str) -> String {
    format!("{tenant}#{RECORD}#{}#by#{value}", kind.name)
}

pub(super) fn among_events(event: &Event) -> Key {
    Key { pk: events(shard(event.id.uuid())), sk: by_time(event) }
}

pub(super) fn events(shard: u8) -> String {
    format!("{SHOP}#events#{shard}")
}

pub(super) fn among_unsent(event: &Event) -> Key {
    Key { pk: unsent(shard(event.id.uuid())), sk: by_time(event) }
}

pub(super) fn unsent(shard: u8) -> String {
    format!("{SHOP}#unsent#{shard}")
}

fn by_time(event: &Event) -> String {
    format!("{}#{}", moment(event.time), event.id)
}

/// Sorts as text the way moments sort.
pub(super) fn moment(at: Timestamp) -> String {
    format!("{:015}", at.millis().max(0))
}

/// The tail of a UUIDv7 is random.
fn shard(id: Uuid) -> u8 {
    id.as_bytes()[15] % SHARDS
}

#[cfg(test)]
mod tests {
    use bharatmart_core::record::KINDS;

    use super::*;

    #[test]
    fn no_record_lies_where_another_kind_of_row_does() {
        // The tenant and the kind have no `#` in them, so the third part of a key begins the same place for all.
        assert!(KINDS.iter().all(|kind| !kind.name.contains('#')));
        let [session, user] = ["session", "user"].map(|name| *KINDS.iter().find(|kind| kind.name == name).unwrap());
        let main = Tenant::main();
        let of_user = record(&main, session, &RecordKey::within("usr_1", "ses_1"));
        assert_eq!((of_user.pk.as_str(), of_user.sk.as_str()), ("main#record#session#usr_1", "ses_1"));
        let alone = record(&main, user, &RecordKey::alone("usr_1"));
        assert_eq!((alone.pk.as_str(), alone.sk.as_str()), ("main#record#user#usr_1", "record"));
    }

    #[test]
    fn a_key_that_dynamodb_refuses_is_known() {
        let [session, code] = ["session", "code"].map(|name| *KINDS.iter().find(|kind| kind.name == name).unwrap());
        let main = Tenant::main();
        assert!(record(&main, session, &RecordKey::within("usr_1", "ses_1")).can_be());
        assert!(!record(&main, session, &RecordKey::within("usr_1", "")).can_be());
        assert!(!record(&main, session, &RecordKey::within("usr_1", "s".repeat(1025))).can_be());
        assert!(!record(&main, code, &RecordKey::alone("c".repeat(2048))).can_be());
    }
}
