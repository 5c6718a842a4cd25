//! What happened, told to the rest of the shop: a CloudEvent, written in the same commit as the state it tells of.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::ids::EventId;
use crate::ports::{Clock, Ids};
use crate::queues::{self, Queue};
use crate::tenant::Tenant;
use crate::time::Timestamp;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum EventKind {
    #[serde(rename = "product.changed.v1")]
    ProductChanged,
    /// Made, renamed, moved or gone.
    #[serde(rename = "category.changed.v1")]
    CategoryChanged,
    /// Some stock moved: written in that commit, spread per SKU by a worker.
    #[serde(rename = "stock.moved.v1")]
    StockMoved,
    /// Somebody counted anew, delivered or wrote off.
    #[serde(rename = "inventory.adjusted.v1")]
    InventoryAdjusted,
    /// A SKU has few left, told once until it has enough again.
    #[serde(rename = "inventory.low_stock.v1")]
    InventoryLowStock,
    #[serde(rename = "user.created.v1")]
    UserCreated,
    #[serde(rename = "user.updated.v1")]
    UserUpdated,
    #[serde(rename = "user.deleted.v1")]
    UserDeleted,
    /// Somebody is to be written to.
    #[serde(rename = "notification.requested.v1")]
    NotificationRequested,
}

impl EventKind {
    pub const ALL: &'static [EventKind] = &[
        EventKind::ProductChanged,
        EventKind::CategoryChanged,
        EventKind::StockMoved,
        EventKind::InventoryAdjusted,
        EventKind::InventoryLowStock,
        EventKind::UserCreated,
        EventKind::UserUpdated,
        EventKind::UserDeleted,
        EventKind::NotificationRequested,
    ];

    pub const fn name(self) -> &'static str {
        match self {
            EventKind::ProductChanged => "product.changed.v1",
            EventKind::CategoryChanged => "category.changed.v1",
            EventKind::StockMoved => "stock.moved.v1",
            EventKind::InventoryAdjusted => "inventory.adjusted.v1",
            EventKind::InventoryLowStock => "inventory.low_stock.v1",
            EventKind::UserCreated => "user.created.v1",
            EventKind::UserUpdated => "user.updated.v1",
            EventKind::UserDeleted => "user.deleted.v1",
            EventKind::NotificationRequested => "notification.requested.v1",
        }
    }

    /// Who must hear of it.
    pub fn queues(self) -> &'static [&'static Queue] {
        static SEARCH: [&Queue; 1] = [&queues::SEARCH];
        static STOCK: [&Queue; 1] = [&queues::STOCK];
        static NOTIFICATIONS: [&Queue; 1] = [&queues::NOTIFICATIONS];
        match self {
            EventKind::ProductChanged | EventKind::CategoryChanged => &SEARCH,
            EventKind::StockMoved => &STOCK,
            EventKind::NotificationRequested => &NOTIFICATIONS,
            EventKind::InventoryAdjusted
            | EventKind::InventoryLowStock
            | EventKind::UserCreated
            | EventKind::UserUpdated
            | EventKind::UserDeleted => &[],
        }
    }
}

/// The JSON is a CloudEvent 1.0; `tenant` and `traceparent` are its extension attributes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Event {
    pub specversion: SpecVersion,
    pub id: EventId,
    pub source: Source,
    #[serde(rename = "type")]
    pub kind: EventKind,
    /// The id of what changed.
    pub subject: String,
    pub time: Timestamp,
    pub tenant: Tenant,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub traceparent: Option<String>,
    pub data: Value,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum SpecVersion {
    #[default]
    #[serde(rename = "1.0")]
    V1,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Source {
    #[default]
    #[serde(rename = "/bharatmart")]
    BharatMart,
}

impl Event {
    pub fn new(
        kind: EventKind,
        tenant: &Tenant,
        subject: String,
        data: Value,
        clock: &dyn Clock,
        ids: &dyn Ids,
    ) -> Self {
        Event {
            specversion: SpecVersion::V1,
            id: EventId::new(ids),
            source: Source::BharatMart,
            kind,
            subject,
            time: clock.now(),
            tenant: tenant.clone(),
            traceparent: None,
            data,
        }
    }
}
