//! How much there is of each SKU, and how it moves.

mod adjust;
pub mod books;
mod location;
mod moved;
mod plan;
mod records;
mod stock;
mod told;
mod view;
mod warehouse;

pub use adjust::{AdjustRefused, Adjusted, Adjustment, AdjustmentInput, MAX_LOCATIONS};
pub use books::{Kept, SkuMoved, enter, enter_gone};
pub use location::Location;
pub use moved::{MovedLine, StockMoved};
pub use plan::{MAX_PIECES, Short, plan};
pub use records::{Piece, RESERVATION, Reason, Reservation, STOCK_ENTRY, STOCK_LEVEL, StockEntry, StockLevel};
pub use stock::{Availability, Levels, Stock};
pub use told::{StockAdjusted, StockLow};
pub use view::{EntryView, LowStockView, PlaceView, StockByPlaceView, StockView};
pub use warehouse::{HELD_FOR, Warehouse};

use crate::changes::Write;
use crate::ids::ProductId;
use crate::text::Sku;

/// One line of what somebody wants, wherever it lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    pub product: ProductId,
    pub sku: Sku,
    pub quantity: u32,
}

/// Reserves all pieces or none: one conditional write a SKU and location, on the summed quantity.
pub fn reserve(pieces: &[Piece]) -> Vec<Write> {
    moves(pieces, |quantity| (-quantity, quantity, 0))
}

/// Gives back what was reserved.
pub fn release(pieces: &[Piece]) -> Vec<Write> {
    moves(pieces, |quantity| (quantity, -quantity, 0))
}

/// What was reserved leaves the warehouse.
pub fn sell(pieces: &[Piece]) -> Vec<Write> {
    moves(pieces, |quantity| (0, -quantity, quantity))
}

/// What was sold is there again, and was not sold after all.
pub fn take_back(pieces: &[Piece]) -> Vec<Write> {
    moves(pieces, |quantity| (quantity, 0, -quantity))
}

fn moves(pieces: &[Piece], of: impl Fn(i64) -> (i64, i64, i64)) -> Vec<Write> {
    let mut sums: Vec<(&Piece, i64)> = Vec::new();
    for piece in pieces {
        match sums.iter_mut().find(|(summed, _)| summed.is_of(piece)) {
            Some((_, sum)) => *sum += i64::from(piece.quantity),
            None => sums.push((piece, i64::from(piece.quantity))),
        }
    }
    sums.into_iter()
        .map(|(piece, sum)| {
            let (available, reserved, sold) = of(sum);
            let Piece { product_id, sku, location, .. } = piece.clone();
            Write::MoveStock { product: product_id, sku, location, available, reserved, sold }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn two_pieces_of_one_sku_and_location_count_together() {
        let piece = |sku: &str, location: &str, quantity| Piece {
            product_id: ProductId::from_uuid(Uuid::nil()),
            sku: Sku::parse(sku).unwrap(),
            location: Location::parse(location).unwrap(),
            quantity,
        };
        let pieces = [piece("A", "main", 2), piece("B", "main", 1), piece("A", "main", 3), piece("A", "pune-2", 1)];
        let writes = reserve(&pieces);
        assert_eq!(writes.len(), 3);
        assert!(matches!(&writes[0], Write::MoveStock { available: -5, reserved: 5, sold: 0, .. }));
        assert!(matches!(&sell(&pieces)[0], Write::MoveStock { available: 0, reserved: -5, sold: 5, .. }));
        assert!(matches!(&take_back(&pieces)[0], Write::MoveStock { available: 5, reserved: 0, sold: -5, .. }));
    }
}
