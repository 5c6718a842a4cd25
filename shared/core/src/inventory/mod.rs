//! How much there is of each SKU, and how it moves.

use serde::{Deserialize, Serialize};

use crate::changes::Write;
use crate::ids::ProductId;
use crate::text::Sku;

/// On hand is what lies in the warehouse; some of it is reserved for orders, the rest is available.
/// Kept as available and reserved, since a store can put a condition on a figure but not on a difference.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stock {
    pub available: u32,
    pub reserved: u32,
}

impl Stock {
    pub fn on_hand(self) -> u32 {
        self.available + self.reserved
    }
}

/// What a list tells of stock; re-indexed when it changes, not at each sale.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Availability {
    InStock,
    Low,
    Out,
}

impl Availability {
    pub const LOW: u32 = 5;

    pub fn of(available: u32) -> Self {
        match available {
            0 => Availability::Out,
            1..=Self::LOW => Availability::Low,
            _ => Availability::InStock,
        }
    }
}

/// One line of what somebody wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    pub product: ProductId,
    pub sku: Sku,
    pub quantity: u32,
}

/// Reserves all lines or none: one conditional write a SKU, on the summed quantity.
pub fn reserve(lines: &[Wanted]) -> Vec<Write> {
    moves(lines, |quantity| (-quantity, quantity))
}

/// Gives back what was reserved.
pub fn release(lines: &[Wanted]) -> Vec<Write> {
    moves(lines, |quantity| (quantity, -quantity))
}

fn moves(lines: &[Wanted], of: impl Fn(i64) -> (i64, i64)) -> Vec<Write> {
    let mut sums: Vec<(ProductId, &Sku, i64)> = Vec::new();
    for line in lines {
        match sums.iter_mut().find(|(product, sku, _)| *product == line.product && *sku == &line.sku) {
            Some((_, _, sum)) => *sum += i64::from(line.quantity),
            None => sums.push((line.product, &line.sku, i64::from(line.quantity))),
        }
    }
    sums.into_iter()
        .map(|(product, sku, sum)| {
            let (available, reserved) = of(sum);
            Write::MoveStock { product, sku: sku.clone(), available, reserved }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn two_lines_of_one_sku_count_together() {
        let line = |sku: &str, quantity| Wanted {
            product: ProductId::from_uuid(Uuid::nil()),
            sku: Sku::parse(sku).unwrap(),
            quantity,
        };
        let writes = reserve(&[line("A", 2), line("B", 1), line("A", 3)]);
        assert_eq!(writes.len(), 2);
        assert!(matches!(&writes[0], Write::MoveStock { available: -5, reserved: 5, .. }));
    }
}
