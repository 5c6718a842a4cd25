//! The shelves: nothing is sold that was not there, and what is reserved is what reservations hold.

use std::collections::BTreeMap;

use bharatmart_core::inventory::Piece;
use bharatmart_core::orders::{Order, OrderStatus};

use super::{Checker, Kept, Place, holds};

fn add<'a>(sums: &mut BTreeMap<Place, i64>, pieces: impl IntoIterator<Item = &'a Piece>) {
    for piece in pieces {
        let place = (piece.product_id, piece.sku.clone(), piece.location.clone());
        *sums.entry(place).or_default() += i64::from(piece.quantity);
    }
}

impl Checker {
    /// What came is on the shelves, held or sold.
    pub(super) fn stock(&self) -> Kept {
        let (mut held, mut sold) = (BTreeMap::new(), BTreeMap::new());
        add(&mut held, self.reservations.values().flat_map(|held| &held.pieces));
        let is_sold = |order: &&Order| !order.status.is_held() && order.status != OrderStatus::Cancelled;
        add(&mut sold, self.orders.values().filter(is_sold).flat_map(|order| &order.pieces));
        for (place, came) in &self.came {
            let (product, sku, location) = place;
            let levels = self.shop.under.levels(&self.shop.tenant, *product, sku);
            let stock = levels.map(|levels| levels.at(location)).unwrap_or_default();
            let of = |sums: &BTreeMap<Place, i64>| sums.get(place).copied().unwrap_or_default();
            let (held, sold) = (of(&held), of(&sold));
            let reserved = i64::from(stock.reserved);
            holds(reserved == held, || format!("{sku} at {location}: {reserved} reserved, {held} held"))?;
            let there = i64::from(stock.available) + reserved;
            holds(there + sold == *came, || format!("{sku} at {location}: {there} there, {sold} sold, {came} came"))?;
            let counted = stock.sold;
            holds(counted == sold, || format!("{sku} at {location}: {counted} counted as sold, {sold} are"))?;
        }
        Ok(())
    }

    /// An order holds stock as long as it waits, and all of what it is about.
    pub(super) fn hold(&self, order: &Order) -> Kept {
        let held = order.reservation.and_then(|id| self.reservations.get(&id));
        let so = order.status.is_held() == held.is_some() && order.reservation.is_some() == held.is_some();
        holds(so, || format!("{} is {} and holds {:?}", order.id, order.status.name(), order.reservation))?;
        let pieces = held.is_none_or(|held| held.pieces == order.pieces);
        holds(pieces, || format!("{} holds other pieces than it bought", order.id))?;
        let bought: u32 = order.lines.iter().map(|line| line.quantity).sum();
        let taken: u32 = order.pieces.iter().map(|piece| piece.quantity).sum();
        holds(bought == taken, || format!("{} bought {bought} and took {taken}", order.id))
    }
}
