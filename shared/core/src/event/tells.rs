//! What each kind of event tells: one type, which its data is written from and read back by, and its schema is made of.

use std::any::TypeId;

use schemars::{JsonSchema, Schema, SchemaGenerator};

use super::EventKind;
use crate::catalog::{CategoryTold, ProductTold};
use crate::identity::UserTold;
use crate::inventory::{StockAdjusted, StockLow, StockMoved};
use crate::notice::Notice;
use crate::orders::OrderState;
use crate::payments::{PaymentState, WebhookDue};

#[derive(Clone, Copy)]
pub struct Tells {
    type_id: TypeId,
    pub schema: fn(&mut SchemaGenerator) -> Schema,
}

impl Tells {
    fn a<D: JsonSchema + 'static>() -> Self {
        Tells { type_id: TypeId::of::<D>(), schema: |generator| generator.subschema_for::<D>() }
    }

    pub fn is<D: 'static>(self) -> bool {
        self.type_id == TypeId::of::<D>()
    }
}

impl EventKind {
    pub fn tells(self) -> Tells {
        match self {
            EventKind::ProductChanged => Tells::a::<ProductTold>(),
            EventKind::CategoryChanged => Tells::a::<CategoryTold>(),
            EventKind::StockMoved => Tells::a::<StockMoved>(),
            EventKind::InventoryAdjusted => Tells::a::<StockAdjusted>(),
            EventKind::InventoryLowStock => Tells::a::<StockLow>(),
            EventKind::UserCreated | EventKind::UserUpdated | EventKind::UserDeleted => Tells::a::<UserTold>(),
            EventKind::NotificationRequested => Tells::a::<Notice>(),
            EventKind::OrderPlaced
            | EventKind::OrderConfirmed
            | EventKind::OrderShipped
            | EventKind::OrderDelivered
            | EventKind::OrderCancelled => Tells::a::<OrderState>(),
            EventKind::PaymentOpened
            | EventKind::PaymentCaptured
            | EventKind::PaymentFailed
            | EventKind::RefundDue
            | EventKind::PaymentRefunded => Tells::a::<PaymentState>(),
            EventKind::MockWebhookDue => Tells::a::<WebhookDue>(),
        }
    }
}
