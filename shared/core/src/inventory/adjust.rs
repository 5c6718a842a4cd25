//! Adjusting stock: what somebody counted, got delivered or wrote off, with the reason he gives.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{Levels, Location, Stock};
use crate::changes::Changes;
use crate::check::{Check, FieldError, Invalid};
use crate::text::bounded;

const LARGEST: i64 = 1_000_000;
/// More than any warehouse holds, less than a figure can.
const MOST_ON_HAND: i64 = 1_000_000_000;
/// So that a product with its stock stays one read.
pub const MAX_LOCATIONS: usize = 20;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AdjustmentInput {
    /// How many come to it; below zero, how many go.
    #[schemars(range(min = -1_000_000, max = 1_000_000))]
    pub delta: i64,
    /// Why, in words: `counted`, `12 broken in transport`.
    #[schemars(length(min = 1, max = 200))]
    pub reason: String,
    /// Where; `main` when it is not said.
    #[schemars(length(min = 1, max = 32))]
    pub location: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Adjustment {
    pub delta: i64,
    pub note: String,
    pub location: Location,
}

/// What the stock becomes, and the commit that makes it so.
#[derive(Clone, Debug)]
pub struct Adjusted {
    pub after: Levels,
    pub changes: Changes,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AdjustRefused {
    /// More would go than is available there: what is reserved is somebody's.
    BelowZero {
        available: u32,
    },
    /// More than can be there.
    TooMany,
    TooManyLocations,
}

impl Adjustment {
    pub fn parse(input: AdjustmentInput) -> Result<Self, Vec<FieldError>> {
        let mut check = Check::new();
        let delta = check.field("delta", delta(input.delta));
        let note = check.field("reason", bounded(&input.reason, 1, 200));
        let location = input.location.as_deref().map_or_else(|| Ok(Location::main()), Location::parse);
        let location = check.field("location", location);
        match (delta, note, location) {
            (Some(delta), Some(note), Some(location)) => Ok(Adjustment { delta, note, location }),
            _ => Err(check.into_errors()),
        }
    }

    /// Whether it can be made on this stock.
    pub fn allowed(&self, levels: &Levels) -> Result<(), AdjustRefused> {
        let stock = levels.at(&self.location);
        if i64::from(stock.available) + self.delta < 0 {
            return Err(AdjustRefused::BelowZero { available: stock.available });
        }
        if i64::from(levels.on_hand()) + self.delta > MOST_ON_HAND {
            return Err(AdjustRefused::TooMany);
        }
        if !levels.0.contains_key(&self.location) && levels.0.len() >= MAX_LOCATIONS {
            return Err(AdjustRefused::TooManyLocations);
        }
        Ok(())
    }

    pub(super) fn applied_to(&self, levels: &Levels) -> Levels {
        let mut after = levels.clone();
        let before = levels.at(&self.location);
        let available = u32::try_from(i64::from(before.available) + self.delta).unwrap_or(0);
        after.0.insert(self.location.clone(), Stock { available, ..before });
        after
    }
}

fn delta(delta: i64) -> Result<i64, Invalid> {
    match delta {
        0 => Err(Invalid::new("out_of_range", "must not be 0")),
        _ if (-LARGEST..=LARGEST).contains(&delta) => Ok(delta),
        _ => Err(Invalid::new("out_of_range", format!("must be -{LARGEST} to {LARGEST}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn adjustment(delta: i64, location: &str) -> Adjustment {
        Adjustment { delta, note: "counted".to_owned(), location: Location::parse(location).unwrap() }
    }

    fn levels(available: u32, reserved: u32) -> Levels {
        Levels([(Location::main(), Stock { reserved, ..Stock::first(available) })].into())
    }

    #[test]
    fn every_mistake_is_named() {
        let input = AdjustmentInput { delta: 0, reason: " ".to_owned(), location: Some("Pune!".to_owned()) };
        let errors = Adjustment::parse(input).unwrap_err();
        let fields: Vec<_> = errors.iter().map(|error| (error.field.as_str(), error.code)).collect();
        assert_eq!(fields, [("delta", "out_of_range"), ("reason", "invalid_length"), ("location", "invalid_location")]);
        let of = |delta| Adjustment::parse(AdjustmentInput { delta, reason: "counted".to_owned(), location: None });
        assert!(of(LARGEST).is_ok() && of(-LARGEST).is_ok());
        assert!(of(LARGEST + 1).is_err() && of(i64::MIN).is_err() && of(i64::MAX).is_err());
    }

    #[test]
    fn what_is_reserved_cannot_be_taken_away() {
        assert_eq!(adjustment(-3, "main").allowed(&levels(3, 5)), Ok(()));
        assert_eq!(adjustment(-4, "main").allowed(&levels(3, 5)), Err(AdjustRefused::BelowZero { available: 3 }));
        assert_eq!(adjustment(-1, "pune").allowed(&levels(3, 5)), Err(AdjustRefused::BelowZero { available: 0 }));
        assert_eq!(adjustment(1, "pune").applied_to(&levels(3, 5)).on_hand(), 9);
    }

    #[test]
    fn there_is_an_end_to_stock_and_to_locations() {
        assert_eq!(adjustment(1, "main").allowed(&levels(999_999_999, 0)), Ok(()));
        assert_eq!(adjustment(1, "main").allowed(&levels(999_999_999, 1)), Err(AdjustRefused::TooMany));
        let place = |i: usize| (Location::parse(&format!("l{i}")).unwrap(), Stock::default());
        let full = Levels((0..MAX_LOCATIONS).map(place).collect());
        assert_eq!(adjustment(1, "pune").allowed(&full), Err(AdjustRefused::TooManyLocations));
        assert_eq!(adjustment(1, "l3").allowed(&full), Ok(()));
    }
}
