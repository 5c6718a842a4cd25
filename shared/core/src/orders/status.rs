//! The states of an order, and who may move it where: one table, from which the rules, the allowed moves of an answer and
//! the picture in the docs are read.

use std::fmt::Write;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OrderStatus {
    PendingPayment,
    /// Cash on delivery that its customer has yet to confirm.
    AwaitingCodCode,
    Confirmed,
    Processing,
    Packed,
    Shipped,
    OutForDelivery,
    Delivered,
    Cancelled,
}

use OrderStatus::*;

/// Who moves an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Mover {
    /// The shop by itself: a payment came, or the time was up.
    Shop,
    Customer,
    Staff,
    Courier,
}

use Mover::*;

/// From, to, and who may.
type Move = (OrderStatus, OrderStatus, &'static [Mover]);

pub static MOVES: &[Move] = &[
    (PendingPayment, Confirmed, &[Shop]),
    (PendingPayment, Cancelled, &[Shop, Customer, Staff]),
    (AwaitingCodCode, Confirmed, &[Customer]),
    (AwaitingCodCode, Cancelled, &[Shop, Customer, Staff]),
    (Confirmed, Processing, &[Staff]),
    (Confirmed, Cancelled, &[Customer, Staff]),
    (Processing, Packed, &[Staff]),
    (Processing, Cancelled, &[Customer, Staff]),
    (Packed, Shipped, &[Staff]),
    (Packed, Cancelled, &[Staff]),
    (Shipped, OutForDelivery, &[Staff, Courier]),
    (OutForDelivery, Delivered, &[Staff, Courier]),
];

impl OrderStatus {
    pub const ALL: &'static [OrderStatus] = &[
        PendingPayment,
        AwaitingCodCode,
        Confirmed,
        Processing,
        Packed,
        Shipped,
        OutForDelivery,
        Delivered,
        Cancelled,
    ];

    pub const fn name(self) -> &'static str {
        match self {
            PendingPayment => "pending_payment",
            AwaitingCodCode => "awaiting_cod_code",
            Confirmed => "confirmed",
            Processing => "processing",
            Packed => "packed",
            Shipped => "shipped",
            OutForDelivery => "out_for_delivery",
            Delivered => "delivered",
            Cancelled => "cancelled",
        }
    }

    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|status| status.name() == name)
    }

    /// Where it may go from here.
    pub fn next(self, by: Mover) -> Vec<OrderStatus> {
        MOVES.iter().filter(|(from, _, who)| *from == self && who.contains(&by)).map(|(_, to, _)| *to).collect()
    }

    pub fn may_go(self, to: OrderStatus, by: Mover) -> bool {
        MOVES.iter().any(|(from, at, who)| *from == self && *at == to && who.contains(&by))
    }

    /// Its stock is reserved, and somebody's time is running.
    pub const fn is_held(self) -> bool {
        matches!(self, PendingPayment | AwaitingCodCode)
    }

    /// Nothing moves it any more.
    pub fn is_final(self) -> bool {
        !MOVES.iter().any(|(from, ..)| *from == self)
    }
}

/// The table as a Mermaid diagram, for the docs.
pub fn diagram() -> String {
    let mut text =
        "stateDiagram-v2\n    [*] --> pending_payment\n    [*] --> awaiting_cod_code: cash on delivery\n".to_owned();
    for (from, to, who) in MOVES {
        let who: Vec<_> = who.iter().map(|mover| format!("{mover:?}").to_lowercase()).collect();
        let _ = writeln!(text, "    {} --> {}: {}", from.name(), to.name(), who.join(", "));
    }
    for last in OrderStatus::ALL.iter().filter(|status| status.is_final()) {
        let _ = writeln!(text, "    {} --> [*]", last.name());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_customer_cancels_until_it_is_packed_and_staff_until_it_is_shipped() {
        let cancels = |by: Mover| -> Vec<_> {
            OrderStatus::ALL.iter().filter(|status| status.may_go(Cancelled, by)).map(|status| status.name()).collect()
        };
        assert_eq!(cancels(Customer), ["pending_payment", "awaiting_cod_code", "confirmed", "processing"]);
        assert_eq!(cancels(Staff), ["pending_payment", "awaiting_cod_code", "confirmed", "processing", "packed"]);
        assert_eq!(cancels(Shop), ["pending_payment", "awaiting_cod_code"]);
        assert!(cancels(Courier).is_empty());
    }

    #[test]
    fn every_state_is_reached_and_every_order_can_come_to_an_end() {
        for status in OrderStatus::ALL {
            let start = status.is_held();
            assert!(start || MOVES.iter().any(|(_, to, _)| to == status), "{} is never reached", status.name());
            let mut reached = vec![*status];
            let mut at = 0;
            while let Some(from) = reached.get(at).copied() {
                for (_, to, _) in MOVES.iter().filter(|(start, ..)| *start == from) {
                    if !reached.contains(to) {
                        reached.push(*to);
                    }
                }
                at += 1;
            }
            let ends = reached.iter().any(|status| status.is_final());
            assert!(ends, "{} leads nowhere", status.name());
        }
        assert!(Cancelled.is_final() && Delivered.is_final());
    }

    #[test]
    fn a_state_reads_back_by_its_name() {
        for status in OrderStatus::ALL {
            assert_eq!(OrderStatus::parse(status.name()), Some(*status));
            assert_eq!(serde_json::to_value(status).unwrap(), status.name());
        }
        assert_eq!(
            MOVES.iter().map(|(from, to, _)| (from, to)).collect::<std::collections::BTreeSet<_>>().len(),
            MOVES.len()
        );
    }
}
