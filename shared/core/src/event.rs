//! What happened, told to the rest of the shop: a CloudEvent, written in the same commit as the state it tells of.

use std::time::Duration;

mod tells;

use schemars::JsonSchema;
use serde::de::{DeserializeOwned, Error};
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use tells::Tells;

use crate::ids::EventId;
use crate::ports::{Clock, Ids};
use crate::queues::{self, Queue};
use crate::tenant::Tenant;
use crate::time::Timestamp;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub enum EventKind {
    /// Made, changed, hidden or gone; or its stock now shows otherwise.
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
    /// Somebody has an account.
    #[serde(rename = "user.created.v1")]
    UserCreated,
    /// Its profile, addresses, role or ways in.
    #[serde(rename = "user.updated.v1")]
    UserUpdated,
    /// By its owner: what names a person is forgotten.
    #[serde(rename = "user.deleted.v1")]
    UserDeleted,
    /// Somebody is to be written to.
    #[serde(rename = "notification.requested.v1")]
    NotificationRequested,
    /// Taken, with its stock held.
    #[serde(rename = "order.placed.v1")]
    OrderPlaced,
    /// Paid, or confirmed by its customer: its stock is sold.
    #[serde(rename = "order.confirmed.v1")]
    OrderConfirmed,
    /// It has left the warehouse.
    #[serde(rename = "order.shipped.v1")]
    OrderShipped,
    /// It is with its customer.
    #[serde(rename = "order.delivered.v1")]
    OrderDelivered,
    /// Its stock is given back, and so is its money.
    #[serde(rename = "order.cancelled.v1")]
    OrderCancelled,
    /// An attempt was begun: somebody must look how it ended, if nobody tells.
    #[serde(rename = "payment.opened.v1")]
    PaymentOpened,
    /// The shop has the money.
    #[serde(rename = "payment.captured.v1")]
    PaymentCaptured,
    /// Declined; the order may be paid in another way.
    #[serde(rename = "payment.failed.v1")]
    PaymentFailed,
    /// Money must go back.
    #[serde(rename = "payment.refund_due.v1")]
    RefundDue,
    /// Money went back, all of it or a part.
    #[serde(rename = "payment.refunded.v1")]
    PaymentRefunded,
    /// The mock provider has something to tell.
    #[serde(rename = "mock.webhook_due.v1")]
    MockWebhookDue,
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
        EventKind::OrderPlaced,
        EventKind::OrderConfirmed,
        EventKind::OrderShipped,
        EventKind::OrderDelivered,
        EventKind::OrderCancelled,
        EventKind::PaymentOpened,
        EventKind::PaymentCaptured,
        EventKind::PaymentFailed,
        EventKind::RefundDue,
        EventKind::PaymentRefunded,
        EventKind::MockWebhookDue,
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
            EventKind::OrderPlaced => "order.placed.v1",
            EventKind::OrderConfirmed => "order.confirmed.v1",
            EventKind::OrderShipped => "order.shipped.v1",
            EventKind::OrderDelivered => "order.delivered.v1",
            EventKind::OrderCancelled => "order.cancelled.v1",
            EventKind::PaymentOpened => "payment.opened.v1",
            EventKind::PaymentCaptured => "payment.captured.v1",
            EventKind::PaymentFailed => "payment.failed.v1",
            EventKind::RefundDue => "payment.refund_due.v1",
            EventKind::PaymentRefunded => "payment.refunded.v1",
            EventKind::MockWebhookDue => "mock.webhook_due.v1",
        }
    }

    /// Who must hear of it.
    pub fn queues(self) -> &'static [&'static Queue] {
        static SEARCH: [&Queue; 1] = [&queues::SEARCH];
        static STOCK: [&Queue; 1] = [&queues::STOCK];
        static NOTIFICATIONS: [&Queue; 1] = [&queues::NOTIFICATIONS];
        static ORDERS: [&Queue; 2] = [&queues::ORDERS, &queues::ANALYTICS];
        static PAYMENTS: [&Queue; 1] = [&queues::PAYMENTS];
        static ANALYTICS: [&Queue; 1] = [&queues::ANALYTICS];
        static MOCK_PROVIDER: [&Queue; 1] = [&queues::MOCK_PROVIDER];
        match self {
            EventKind::ProductChanged | EventKind::CategoryChanged => &SEARCH,
            EventKind::StockMoved => &STOCK,
            EventKind::NotificationRequested => &NOTIFICATIONS,
            EventKind::OrderPlaced
            | EventKind::OrderConfirmed
            | EventKind::OrderShipped
            | EventKind::OrderDelivered
            | EventKind::OrderCancelled
            | EventKind::PaymentFailed
            | EventKind::PaymentRefunded => &ORDERS,
            EventKind::PaymentCaptured => &ANALYTICS,
            EventKind::PaymentOpened | EventKind::RefundDue => &PAYMENTS,
            EventKind::MockWebhookDue => &MOCK_PROVIDER,
            EventKind::InventoryAdjusted
            | EventKind::InventoryLowStock
            | EventKind::UserCreated
            | EventKind::UserUpdated
            | EventKind::UserDeleted => &[],
        }
    }
}

impl EventKind {
    /// How long after it was sent it is to be heard of: what looks after a thing gives the thing time to end by itself.
    pub const fn delay(self) -> Duration {
        match self {
            EventKind::PaymentOpened => Duration::from_secs(20),
            EventKind::MockWebhookDue => Duration::from_secs(2),
            _ => Duration::ZERO,
        }
    }
}

/// The JSON is a CloudEvent 1.0; `tenant` and `traceparent` are its extension attributes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
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
    /// W3C Trace Context of the request it came from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub traceparent: Option<String>,
    /// As the kind tells; written from its type, and read back by it.
    pub data: Value,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub enum SpecVersion {
    #[default]
    #[serde(rename = "1.0")]
    V1,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub enum Source {
    #[default]
    #[serde(rename = "/bharatmart")]
    BharatMart,
}

impl Event {
    /// `data` MUST be of the type that the kind tells.
    pub fn new<D: Serialize + 'static>(
        kind: EventKind,
        tenant: &Tenant,
        subject: String,
        data: &D,
        clock: &dyn Clock,
        ids: &dyn Ids,
    ) -> Self {
        debug_assert!(kind.tells().is::<D>(), "{} tells something else", kind.name());
        Event {
            specversion: SpecVersion::V1,
            id: EventId::new(ids),
            source: Source::BharatMart,
            kind,
            subject,
            time: clock.now(),
            tenant: tenant.clone(),
            traceparent: None,
            // A struct of texts and figures always is JSON.
            data: serde_json::to_value(data).unwrap_or_default(),
        }
    }

    /// What it tells. A field that is new to this release's reader is left aside: the other release may have written it.
    pub fn told<D: DeserializeOwned + 'static>(&self) -> Result<D, serde_json::Error> {
        match self.kind.tells().is::<D>() {
            true => D::deserialize(&self.data),
            false => Err(serde_json::Error::custom(format_args!("{} tells something else", self.kind.name()))),
        }
    }
}
