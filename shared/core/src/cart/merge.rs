//! Two carts of one person, after a login: every line is kept, quantities are summed as far as the product allows.

use super::{Cart, MOST_LINES, Shelf};
use crate::text::Sku;

/// A line that could not have the whole sum.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Capped {
    pub sku: Sku,
    pub wanted: u32,
    pub quantity: u32,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Merged {
    pub cart: Cart,
    pub capped: Vec<Capped>,
}

/// Two full carts. More is nobody's shopping: both are left as they are.
pub const MOST_MERGED: usize = 2 * MOST_LINES;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooManyLines;

/// A merged cart may hold more lines than one may add by hand: none is thrown away, and no further one gets in.
pub fn merge(mut into: Cart, guest: &Cart, shelf: &Shelf) -> Result<Merged, TooManyLines> {
    let mut capped = Vec::new();
    for line in &guest.lines {
        let rule = shelf.variant(line.product_id, &line.sku).map(|variant| variant.quantity);
        match into.lines.iter_mut().find(|present| present.sku == line.sku) {
            Some(present) => {
                let wanted = present.quantity.saturating_add(line.quantity);
                // Never less than either cart had, whatever the rule says by now.
                let most = present.quantity.max(line.quantity);
                present.quantity = rule.map_or(most, |rule| rule.cap(wanted).max(most));
                if present.quantity < wanted {
                    capped.push(Capped { sku: line.sku.clone(), wanted, quantity: present.quantity });
                }
            }
            None => into.lines.push(line.clone()),
        }
    }
    into.coupon = into.coupon.or_else(|| guest.coupon.clone());
    if into.lines.len() > MOST_MERGED { Err(TooManyLines) } else { Ok(Merged { cart: into, capped }) }
}
