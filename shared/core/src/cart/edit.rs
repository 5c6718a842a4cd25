//! Changing a cart: each edit is whole in itself, and checked against the catalogue when it is made.

use super::{Cart, CartLine, LineProblem, Shelf};
use crate::catalog::StockedProduct;
use crate::check::Invalid;
use crate::text::Sku;
use crate::time::Timestamp;

pub const MOST_LINES: usize = 50;
/// No product's rule allows more of it.
const MOST_OF_ONE: u32 = 1_000;

/// How many a customer asks for.
pub fn quantity(wanted: i64) -> Result<u32, Invalid> {
    let wanted = u32::try_from(wanted).ok().filter(|wanted| (1..=MOST_OF_ONE).contains(wanted));
    wanted.ok_or_else(|| Invalid::new("out_of_range", format!("must be 1 to {MOST_OF_ONE}")))
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EditRefused {
    Line(LineProblem),
    TooManyLines,
    /// There is no line of this SKU.
    NoSuchLine,
}

impl From<LineProblem> for EditRefused {
    fn from(problem: LineProblem) -> Self {
        EditRefused::Line(problem)
    }
}

impl Cart {
    pub fn line(&self, sku: &Sku) -> Option<&CartLine> {
        self.lines.iter().find(|line| line.sku == *sku)
    }

    /// So many more of a SKU.
    pub fn add(
        &mut self,
        sku: &Sku,
        quantity: u32,
        product: Option<&StockedProduct>,
        now: Timestamp,
    ) -> Result<(), EditRefused> {
        let present = self.line(sku).map_or(0, |line| line.quantity);
        self.put(sku, present.saturating_add(quantity), product, now)
    }

    /// So many of a SKU, whatever there were.
    pub fn put(
        &mut self,
        sku: &Sku,
        quantity: u32,
        product: Option<&StockedProduct>,
        now: Timestamp,
    ) -> Result<(), EditRefused> {
        let stocked = product.ok_or(LineProblem::ProductUnavailable)?;
        let seen = stocked.product.variant(sku).ok_or(LineProblem::ProductUnavailable)?.price;
        let added_at = self.line(sku).map_or(now, |line| line.added_at);
        let line = CartLine { sku: sku.clone(), product_id: stocked.product.id, quantity, seen, added_at };
        if let Some(problem) = line.problem(product) {
            return Err(problem.into());
        }
        match self.lines.iter().position(|present| present.sku == *sku) {
            Some(at) => self.lines[at] = line,
            None if self.lines.len() >= MOST_LINES => return Err(EditRefused::TooManyLines),
            None => self.lines.push(line),
        }
        Ok(())
    }

    pub fn take_out(&mut self, sku: &Sku) -> Result<(), EditRefused> {
        let before = self.lines.len();
        self.lines.retain(|line| line.sku != *sku);
        if self.lines.len() == before { Err(EditRefused::NoSuchLine) } else { Ok(()) }
    }

    /// `false`: there was nothing in it.
    pub fn empty(&mut self) -> bool {
        let held = !self.lines.is_empty() || self.coupon.is_some();
        self.lines.clear();
        self.coupon = None;
        held
    }

    /// Takes today's prices for those that were seen; `false` when they are the same.
    pub fn accept_prices(&mut self, shelf: &Shelf) -> bool {
        let mut changed = false;
        for line in &mut self.lines {
            let price = line.price(shelf);
            changed |= line.seen != price;
            line.seen = price;
        }
        changed
    }
}
