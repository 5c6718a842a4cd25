//! An attempt to pay an order, and what became of it. The provider knows an attempt by its id, so asking twice charges
//! once.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::ids::{OrderId, PaymentId, UserId};
use crate::money::Paise;
use crate::record::{Kind, Record};
use crate::time::Timestamp;

/// Listed by `open`, so that what nobody has heard the end of is found; and all of them, by when they were made.
pub static PAYMENT: Kind = Kind { name: "payment", within: None, id: "id", listed_by: Some("open"), listed: true };

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PaymentMethod {
    Upi,
    Card,
    Netbanking,
    Wallet,
    /// On delivery.
    Cod,
}

impl PaymentMethod {
    pub const fn name(self) -> &'static str {
        match self {
            PaymentMethod::Upi => "upi",
            PaymentMethod::Card => "card",
            PaymentMethod::Netbanking => "netbanking",
            PaymentMethod::Wallet => "wallet",
            PaymentMethod::Cod => "cod",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PaymentStatus {
    Pending,
    Authorized,
    Captured,
    PartiallyRefunded,
    Refunded,
    Failed,
}

/// What of a payment the shop still has to find out or to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Open {
    /// A refund is owed.
    Refund,
    /// Whether it was captured.
    Charge,
    /// It was declined; whether it stays so is asked once more, later.
    Doubt,
}

impl Open {
    /// What customers wait for first.
    pub const ALL: &'static [Open] = &[Open::Refund, Open::Charge, Open::Doubt];

    /// As payments are listed by it.
    pub const fn name(self) -> &'static str {
        match self {
            Open::Charge => "charge",
            Open::Refund => "refund",
            Open::Doubt => "doubt",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Payment {
    pub id: PaymentId,
    pub version: u64,
    pub order_id: OrderId,
    pub user_id: UserId,
    pub method: PaymentMethod,
    /// What it is paid with, as far as it may be kept: an address, or the last digits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instrument: Option<String>,
    pub amount: Paise,
    pub status: PaymentStatus,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure_code: Option<String>,
    /// The provider's own name for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// It came for nothing that stands, and goes back whole.
    pub surplus: bool,
    pub refunds: Vec<Refund>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub open: Option<Open>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

impl Record for Payment {
    const KIND: &'static Kind = &PAYMENT;
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refund {
    /// Counted from 1; with the payment's id it names the refund to the provider.
    pub nth: u32,
    pub amount: Paise,
    pub reason: String,
    pub done: bool,
    pub asked_at: Timestamp,
}

impl Payment {
    pub fn is_captured(&self) -> bool {
        matches!(self.status, PaymentStatus::Captured | PaymentStatus::PartiallyRefunded | PaymentStatus::Refunded)
    }

    /// Given back, or about to be.
    pub fn refunds_asked(&self) -> Paise {
        self.refunds.iter().map(|refund| refund.amount).sum()
    }

    pub fn refunded(&self) -> Paise {
        self.refunds.iter().filter(|refund| refund.done).map(|refund| refund.amount).sum()
    }

    /// What may still be asked back.
    pub fn refundable(&self) -> Paise {
        // What a courier took no provider gives back.
        match self.is_captured() && self.method != PaymentMethod::Cod {
            true => self.amount - self.refunds_asked(),
            false => Paise::ZERO,
        }
    }

    /// How a refund is named to the provider.
    pub fn refund_key(&self, nth: u32) -> String {
        format!("{}.refund.{nth}", self.id)
    }
}
