//! What the store keeps by key, told once for every engine: a kind of record is a table in SQL and a family of items in
//! DynamoDB. A record is written whole, under its version, and read by its key or listed newest first.
//! What has rules of its own for writing (products with their stock, claims, counters) is not a record.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::ids::UserId;
use crate::ports::Fault;
use crate::{cart, catalog, figures, flags, identity, inventory, orders, payments, pricing};

/// A record as it is stored: its fields by name. `version` counts its writes from 1; `expires_at`, where a kind has
/// one, says until when it holds.
pub type Document = Map<String, Value>;

/// What a store must know of a kind to keep it.
#[derive(Debug)]
pub struct Kind {
    pub name: &'static str,
    /// The field whose value gathers records that are read together, seen at once after a commit.
    pub within: Option<&'static str>,
    /// The field that names a record, among those it is gathered with or among all.
    pub id: &'static str,
    /// A further field by whose value records are listed.
    pub listed_by: Option<&'static str>,
    /// Whether all records of a tenant are listed.
    pub listed: bool,
}

/// Every kind there is; each engine has a place for each.
pub static KINDS: &[&Kind] = &[
    &identity::USER,
    &identity::PENDING_EMAIL,
    &identity::SESSION,
    &identity::CODE,
    &identity::ADDRESS,
    &identity::AUDIT,
    &catalog::BANNER,
    &catalog::WISH,
    &catalog::WISHLIST,
    &flags::FLAG,
    &pricing::COUPON,
    &cart::CART,
    &inventory::RESERVATION,
    &inventory::STOCK_ENTRY,
    &inventory::STOCK_LEVEL,
    &orders::ORDER,
    &payments::PAYMENT,
    &payments::LEDGER_ENTRY,
    &payments::MOCK_CHARGE,
    &figures::DAY,
];

impl PartialEq for Kind {
    fn eq(&self, other: &Kind) -> bool {
        self.name == other.name
    }
}

impl Eq for Kind {}

/// A type of the shop that is kept as a record.
pub trait Record: Serialize + DeserializeOwned + Send + Sync {
    const KIND: &'static Kind;
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordKey {
    /// Empty for a kind that is not gathered.
    pub within: String,
    pub id: String,
}

impl RecordKey {
    pub fn alone(id: impl ToString) -> Self {
        RecordKey { within: String::new(), id: id.to_string() }
    }

    pub fn within(within: impl ToString, id: impl ToString) -> Self {
        RecordKey { within: within.to_string(), id: id.to_string() }
    }

    pub fn of_user(user: UserId, id: impl ToString) -> Self {
        Self::within(user, id)
    }
}

/// Which records of a kind to list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Listing<'a> {
    /// Those gathered under this value. MUST see every commit that was answered before the call.
    Within(&'a str),
    /// Those whose `listed_by` field has this value. MAY lag behind commits by seconds.
    By(&'a str),
    /// Every one of the tenant. MAY lag behind commits by seconds.
    All,
}

/// A record on its way to or from a store.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    pub kind: &'static Kind,
    pub fields: Document,
}

impl Row {
    /// A field without a value is left out, so that each engine gives back what it was given.
    pub fn of<R: Record>(record: &R) -> Self {
        let fields = match serde_json::to_value(record) {
            Ok(Value::Object(fields)) => fields.into_iter().filter(|(_, value)| !value.is_null()).collect(),
            // Told by `Changes::check`, which finds no key in it.
            _ => Document::new(),
        };
        Row { kind: R::KIND, fields }
    }

    pub fn text(&self, field: &str) -> Option<&str> {
        self.fields.get(field)?.as_str()
    }

    pub fn version(&self) -> Option<u64> {
        self.fields.get("version")?.as_u64()
    }

    pub fn key(&self) -> Option<RecordKey> {
        let within = self.kind.within.map_or(Some(""), |field| self.text(field))?;
        Some(RecordKey { within: within.to_owned(), id: self.text(self.kind.id)?.to_owned() })
    }

    /// What a store gave, as the shop knows it.
    pub fn record<R: Record>(fields: Document) -> Result<R, Fault> {
        Row::read(fields)
            .map_err(|error| Fault::broken("store", format_args!("a {} cannot be read: {error}", R::KIND.name)))
    }

    pub fn read<R: Record>(fields: Document) -> Result<R, serde_json::Error> {
        serde_json::from_value(Value::Object(fields))
    }
}
