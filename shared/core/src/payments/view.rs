//! What a customer sends to pay, and how a payment is shown.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::payment::{Payment, PaymentMethod, PaymentStatus};
use crate::check::{Check, FieldError, Invalid};
use crate::ids::OrderId;
use crate::money::{Money, Paise};
use crate::text::bounded;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PaymentInput {
    pub order_id: String,
    pub method: PaymentMethod,
    /// With `upi`: `name@bank`.
    #[schemars(length(min = 3, max = 100))]
    pub upi_id: Option<String>,
    /// With `card`: what stands for the card; its number never comes here.
    #[schemars(length(min = 5, max = 100))]
    pub card_token: Option<String>,
}

/// What an order is to be paid with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instrument {
    pub order: OrderId,
    pub method: PaymentMethod,
    pub with: Option<String>,
}

impl Instrument {
    pub fn parse(input: PaymentInput) -> Result<Self, Vec<FieldError>> {
        let mut check = Check::new();
        let order = check.field("order_id", input.order_id.parse());
        let upi = input.upi_id.and_then(|id| check.field("upi_id", upi(&id)));
        let card = input.card_token.and_then(|token| check.field("card_token", card(&token)));
        let with = match input.method {
            PaymentMethod::Upi => {
                needless(&mut check, "card_token", card.is_some());
                needed(&mut check, "upi_id", upi)
            }
            PaymentMethod::Card => {
                needless(&mut check, "upi_id", upi.is_some());
                needed(&mut check, "card_token", card)
            }
            PaymentMethod::Netbanking | PaymentMethod::Wallet => {
                needless(&mut check, "upi_id", upi.is_some());
                needless(&mut check, "card_token", card.is_some());
                None
            }
            PaymentMethod::Cod => {
                check.add("method", Invalid::new("not_payable_online", "must not be cod, which is paid at the door"));
                None
            }
        };
        match order {
            Some(order) if check.is_clean() => Ok(Instrument { order, method: input.method, with }),
            _ => Err(check.into_errors()),
        }
    }
}

fn needed(check: &mut Check, field: &str, value: Option<String>) -> Option<String> {
    if value.is_none() && check.is_clean() {
        check.add(field, Invalid::new("missing_field", "must be given with this method"));
    }
    value
}

fn needless(check: &mut Check, field: &str, given: bool) {
    if given {
        check.add(field, Invalid::new("not_of_method", "must not be given with this method"));
    }
}

fn upi(text: &str) -> Result<String, Invalid> {
    let wrong = || Invalid::new("invalid_upi_id", "must be like name@bank");
    let (name, bank) = text.trim().split_once('@').ok_or_else(wrong)?;
    let named = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_');
    let fits = (2..=64).contains(&name.len()) && (2..=32).contains(&bank.len());
    let good = fits && name.bytes().all(named) && bank.bytes().all(|b| b.is_ascii_alphanumeric());
    if good { Ok(text.trim().to_ascii_lowercase()) } else { Err(wrong()) }
}

fn card(text: &str) -> Result<String, Invalid> {
    let rest = text.strip_prefix("tok_").filter(|rest| (1..=96).contains(&rest.len()));
    let good = rest.is_some_and(|rest| rest.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_'));
    if good { Ok(text.to_owned()) } else { Err(Invalid::new("invalid_card_token", "must be a token like tok_…")) }
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RefundInput {
    /// All that is left of it when absent.
    pub amount: Option<Money>,
    #[schemars(length(min = 1, max = 200))]
    pub reason: String,
}

impl RefundInput {
    pub fn parse(self) -> Result<(Option<Paise>, String), Vec<FieldError>> {
        let mut check = Check::new();
        let amount = self.amount.map(|amount| check.field("amount.amount", positive(amount.amount)));
        let reason = check.field("reason", bounded(&self.reason, 1, 200));
        match (amount, reason) {
            (amount, Some(reason)) if check.is_clean() => Ok((amount.flatten(), reason)),
            _ => Err(check.into_errors()),
        }
    }
}

fn positive(amount: i64) -> Result<Paise, Invalid> {
    match Paise::parse(amount)? {
        Paise::ZERO => Err(Invalid::new("out_of_range", "must be more than 0")),
        amount => Ok(amount),
    }
}

#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Payment")]
pub struct PaymentView {
    pub id: String,
    pub order_id: String,
    pub method: PaymentMethod,
    /// As much as is kept of what it is paid with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instrument: Option<String>,
    pub amount: Money,
    pub status: PaymentStatus,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure_code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_action: Option<NextAction>,
    pub refunded: Money,
    pub refunds: Vec<RefundView>,
    pub created_at: String,
    pub version: u64,
}

/// What the customer may do now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum NextAction {
    /// Nobody knows yet; ask again in so many seconds.
    Wait { seconds: u32 },
    /// It was declined; the order may be paid again.
    PayAgain,
}

#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Refund")]
pub struct RefundView {
    pub amount: Money,
    pub reason: String,
    /// Whether the provider has given it back.
    pub done: bool,
    pub asked_at: String,
}

impl PaymentView {
    /// `payable`: its order may be paid still.
    pub fn of(payment: &Payment, payable: bool) -> Self {
        let refund = |refund: &super::Refund| RefundView {
            amount: refund.amount.into(),
            reason: refund.reason.clone(),
            done: refund.done,
            asked_at: refund.asked_at.to_string(),
        };
        let next_action = match payment.status {
            PaymentStatus::Pending if payment.method != PaymentMethod::Cod => Some(NextAction::Wait { seconds: 2 }),
            PaymentStatus::Failed if payable => Some(NextAction::PayAgain),
            _ => None,
        };
        PaymentView {
            id: payment.id.to_string(),
            order_id: payment.order_id.to_string(),
            method: payment.method,
            instrument: payment.instrument.clone(),
            amount: payment.amount.into(),
            status: payment.status,
            failure_code: payment.failure_code.clone(),
            next_action,
            refunded: payment.refunded().into(),
            refunds: payment.refunds.iter().map(refund).collect(),
            created_at: payment.created_at.to_string(),
            version: payment.version,
        }
    }
}
