//! The books: each movement of money is an entry that takes from one account what it gives to another. What an order has
//! paid, and what was given back, is read from its entries alone.

use serde::{Deserialize, Serialize};

use crate::ids::{OrderId, PaymentId};
use crate::money::Paise;
use crate::record::{Kind, Record};
use crate::time::Timestamp;

pub static LEDGER_ENTRY: Kind =
    Kind { name: "ledger_entry", within: Some("order_id"), id: "id", listed_by: None, listed: false };

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Account {
    /// What the provider holds for the shop.
    Provider,
    /// What customers have paid for orders that stand.
    Sales,
    /// What has come for nothing that stands, and goes back.
    Owed,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerEntry {
    pub order_id: OrderId,
    /// Of what it books: `<payment>.captured`, `<payment>.refunded.<n>`; so it is booked once.
    pub id: String,
    pub version: u64,
    pub payment_id: PaymentId,
    pub debit: Account,
    pub credit: Account,
    pub amount: Paise,
    pub at: Timestamp,
}

impl Record for LedgerEntry {
    const KIND: &'static Kind = &LEDGER_ENTRY;
}

impl LedgerEntry {
    /// Money came in: for the order, or for nothing that stands.
    pub fn captured(order: OrderId, payment: PaymentId, amount: Paise, surplus: bool, at: Timestamp) -> Self {
        let credit = if surplus { Account::Owed } else { Account::Sales };
        let id = format!("{payment}.captured");
        LedgerEntry {
            order_id: order,
            id,
            version: 1,
            payment_id: payment,
            debit: Account::Provider,
            credit,
            amount,
            at,
        }
    }

    /// Money went back: the `nth` refund of a payment.
    pub fn refunded(order: OrderId, payment: PaymentId, nth: u32, amount: Paise, surplus: bool, at: Timestamp) -> Self {
        let debit = if surplus { Account::Owed } else { Account::Sales };
        let id = format!("{payment}.refunded.{nth}");
        LedgerEntry {
            order_id: order,
            id,
            version: 1,
            payment_id: payment,
            debit,
            credit: Account::Provider,
            amount,
            at,
        }
    }
}

/// What entries come to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Balance {
    pub captured: Paise,
    pub refunded: Paise,
}

impl Balance {
    pub fn of<'a>(entries: impl IntoIterator<Item = &'a LedgerEntry>) -> Self {
        let mut balance = Balance::default();
        for entry in entries {
            match (entry.debit, entry.credit) {
                (Account::Provider, _) => balance.captured = balance.captured + entry.amount,
                (_, Account::Provider) => balance.refunded = balance.refunded + entry.amount,
                _ => {}
            }
        }
        balance
    }

    pub fn kept(self) -> Paise {
        self.captured - self.refunded
    }
}
