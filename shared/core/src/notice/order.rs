//! What a customer is told of an order, with all that was true when it happened: whoever writes the message reads no
//! order, and a later change of it tells nobody anything else.

#![allow(clippy::disallowed_types, reason = "what serde derives for a flattened part names every type of number")]

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::ids::UserId;
use crate::money::Money;
use crate::time::Timestamp;

/// News of an order, and of which.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OrderNotice {
    pub user_id: UserId,
    #[serde(flatten)]
    pub news: OrderNews,
    pub order: OrderTold,
}

/// What happened; its name is the template.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "template")]
pub enum OrderNews {
    #[serde(rename = "order_placed")]
    Placed,
    /// A payment was declined; the order still waits for one.
    #[serde(rename = "payment_failed")]
    PaymentFailed,
    #[serde(rename = "order_confirmed")]
    Confirmed,
    #[serde(rename = "order_shipped")]
    Shipped {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schemars(with = "String")]
        carrier: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schemars(with = "String")]
        tracking: Option<String>,
    },
    #[serde(rename = "order_delivered")]
    Delivered,
    #[serde(rename = "order_cancelled")]
    Cancelled {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schemars(with = "String")]
        reason: Option<String>,
    },
    /// All of it or a part.
    #[serde(rename = "order_refunded")]
    Refunded { amount: Money },
}

/// An order as it was at that moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OrderTold {
    /// `ord_…`
    pub id: String,
    /// What the customer calls it.
    pub number: String,
    pub placed_on: Timestamp,
    pub lines: Vec<LineTold>,
    pub subtotal: Money,
    pub discount: Money,
    pub delivery: Money,
    pub total: Money,
    /// Where it goes, in one line.
    pub address: String,
    /// `upi`, `card`, `netbanking`, `wallet` or `cod`.
    pub payment_method: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LineTold {
    pub name: String,
    pub quantity: u32,
    pub total: Money,
}
