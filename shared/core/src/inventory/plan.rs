//! From which location each of what is wanted is taken.

use std::collections::BTreeMap;

use super::{Levels, Location, Piece, Stock, Wanted};
use crate::cart::MOST_LINES;
use crate::ids::ProductId;
use crate::text::Sku;

/// So that a commit with the order, its payment and its events stays within what a store takes.
pub const MAX_PIECES: usize = 60;

const _: () = assert!(MOST_LINES <= MAX_PIECES, "of each line of an order there is a piece at least");

/// There is not as much of a SKU as is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Short {
    pub sku: Sku,
    /// Of all lines together.
    pub wanted: u32,
    /// Of what so many pieces can bring.
    pub available: u32,
}

/// Lines of one SKU count together. A SKU comes from one location if one has all of it: from the main one, else from the
/// first by name. Where none has, it comes in few pieces: from those that have the most. `levels` is `None` for what
/// nobody stocks.
pub fn plan<'a>(lines: &[Wanted], levels: impl Fn(ProductId, &Sku) -> Option<&'a Levels>) -> Result<Vec<Piece>, Short> {
    let wanted = summed(lines);
    let mut spare = MAX_PIECES.saturating_sub(wanted.len());
    let mut pieces = Vec::with_capacity(wanted.len());
    for wanted in &wanted {
        let taken = take(wanted, levels(wanted.product, &wanted.sku), spare + 1)?;
        spare = (spare + 1).saturating_sub(taken.len());
        pieces.extend(taken);
    }
    Ok(pieces)
}

/// One of each SKU, in the order of the lines.
fn summed(lines: &[Wanted]) -> Vec<Wanted> {
    let mut sums: Vec<Wanted> = Vec::with_capacity(lines.len());
    let mut places = BTreeMap::new();
    for line in lines.iter().filter(|line| line.quantity > 0) {
        let place = *places.entry((line.product, &line.sku)).or_insert(sums.len());
        match sums.get_mut(place) {
            Some(sum) => sum.quantity = sum.quantity.saturating_add(line.quantity),
            None => sums.push(line.clone()),
        }
    }
    sums
}

fn take(wanted: &Wanted, levels: Option<&Levels>, most: usize) -> Result<Vec<Piece>, Short> {
    let Wanted { product, sku, quantity } = wanted;
    let piece = |location: &Location, quantity| Piece {
        product_id: *product,
        sku: sku.clone(),
        location: location.clone(),
        quantity,
    };
    let mut places: Vec<(&Location, &Stock)> = levels.map_or_else(Vec::new, |levels| levels.0.iter().collect());
    places.sort_by_key(|(location, _)| (**location != Location::main(), *location));
    if let Some((location, _)) = places.iter().find(|(_, stock)| stock.available >= *quantity) {
        return Ok(vec![piece(location, *quantity)]);
    }
    // Stable: among equals the main location comes first, then by name.
    places.sort_by_key(|(_, stock)| std::cmp::Reverse(stock.available));
    let mut left = *quantity;
    let mut pieces = Vec::new();
    for (location, stock) in places.into_iter().take(most).filter(|(_, stock)| stock.available > 0) {
        let taken = left.min(stock.available);
        left -= taken;
        pieces.push(piece(location, taken));
        if left == 0 {
            return Ok(pieces);
        }
    }
    Err(Short { sku: sku.clone(), wanted: *quantity, available: *quantity - left })
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn product() -> ProductId {
        ProductId::from_uuid(Uuid::nil())
    }

    fn sku(text: &str) -> Sku {
        Sku::parse(text).unwrap()
    }

    fn want(text: &str, quantity: u32) -> Wanted {
        Wanted { product: product(), sku: sku(text), quantity }
    }

    fn levels(stock: &[(&str, u32)]) -> Levels {
        let stock = stock.iter().map(|(location, available)| {
            (Location::parse(location).unwrap(), Stock { reserved: 7, ..Stock::first(*available) })
        });
        Levels(stock.collect())
    }

    fn planned(lines: &[Wanted], stock: &BTreeMap<Sku, Levels>) -> Result<Vec<(String, String, u32)>, Short> {
        let pieces = plan(lines, |_, sku| stock.get(sku))?;
        Ok(pieces.into_iter().map(|p| (p.sku.to_string(), p.location.to_string(), p.quantity)).collect())
    }

    fn one(stock: &[(&str, u32)], quantity: u32) -> Result<Vec<(String, u32)>, Short> {
        let stock = BTreeMap::from([(sku("A"), levels(stock))]);
        Ok(planned(&[want("A", quantity)], &stock)?.into_iter().map(|(_, at, quantity)| (at, quantity)).collect())
    }

    fn at(location: &str, quantity: u32) -> (String, u32) {
        (location.to_owned(), quantity)
    }

    #[test]
    fn all_of_a_sku_comes_from_one_location_that_has_it() {
        assert_eq!(one(&[("agra", 9), ("main", 5), ("pune", 9)], 5).unwrap(), [at("main", 5)]);
        assert_eq!(one(&[("pune", 9), ("main", 5), ("agra", 7)], 6).unwrap(), [at("agra", 6)]);
    }

    #[test]
    fn what_no_location_has_comes_in_the_fewest_pieces() {
        let stock = [("agra", 2), ("main", 4), ("pune", 6), ("surat", 0)];
        assert_eq!(one(&stock, 9).unwrap(), [at("pune", 6), at("main", 3)]);
        assert_eq!(one(&stock, 12).unwrap(), [at("pune", 6), at("main", 4), at("agra", 2)]);
        assert_eq!(one(&stock, 13).unwrap_err(), Short { sku: sku("A"), wanted: 13, available: 12 });
        assert_eq!(one(&[("agra", 3), ("main", 3)], 4).unwrap(), [at("main", 3), at("agra", 1)]);
    }

    #[test]
    fn two_lines_of_a_sku_count_together() {
        let stock = BTreeMap::from([(sku("A"), levels(&[("main", 5)])), (sku("B"), levels(&[("main", 5)]))]);
        let lines = [want("A", 2), want("B", 1), want("A", 3)];
        let pieces = planned(&lines, &stock).unwrap();
        assert_eq!(pieces, [("A".to_owned(), "main".to_owned(), 5), ("B".to_owned(), "main".to_owned(), 1)]);
        let short = planned(&[want("A", 3), want("A", 3)], &stock).unwrap_err();
        assert_eq!(short, Short { sku: sku("A"), wanted: 6, available: 5 });
        let most = planned(&[want("A", u32::MAX), want("A", 3)], &stock).unwrap_err();
        assert_eq!((most.wanted, most.available), (u32::MAX, 5));
    }

    #[test]
    fn what_nobody_stocks_is_short() {
        let stock = BTreeMap::new();
        assert_eq!(planned(&[want("A", 1)], &stock).unwrap_err().available, 0);
        assert_eq!(planned(&[want("A", 0)], &stock).unwrap(), []);
    }

    #[test]
    fn there_are_never_more_pieces_than_a_commit_can_take() {
        let names: Vec<_> = (0..50).map(|i| format!("S{i}")).collect();
        let spread: Vec<_> = (0..20).map(|i| format!("l{i:02}")).collect();
        let spread: Vec<_> = spread.iter().map(|name| (name.as_str(), 1)).collect();
        let mut stock: BTreeMap<_, _> = names.iter().map(|name| (sku(name), levels(&[("main", 1)]))).collect();
        let mut lines: Vec<_> = names.iter().map(|name| want(name, 1)).collect();
        assert_eq!(planned(&lines, &stock).unwrap().len(), 50);
        // Ten pieces are to spare.
        stock.insert(sku("S7"), levels(&spread));
        lines[7].quantity = 11;
        assert_eq!(planned(&lines, &stock).unwrap().len(), MAX_PIECES);
        lines[7].quantity = 12;
        assert_eq!(planned(&lines, &stock).unwrap_err(), Short { sku: sku("S7"), wanted: 12, available: 11 });
    }
}
