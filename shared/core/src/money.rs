//! Money is an integer count of paise, in a type of its own. No floats, no currency but the rupee.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, Sub};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::check::Invalid;

/// A sum that is never negative. ₹1 is 100 paise.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
#[schemars(inline)]
pub struct Paise(#[schemars(range(min = 0))] i64);

impl Paise {
    pub const ZERO: Paise = Paise(0);
    /// ₹1 crore: dearer than anything a shop lists, small enough that 50 lines never overflow.
    pub const MAX: Paise = Paise(1_000_000_000);

    pub const fn from_rupees(rupees: u32) -> Self {
        Paise(rupees as i64 * 100)
    }

    pub fn parse(amount: i64) -> Result<Self, Invalid> {
        if amount < 0 {
            return Err(Invalid::new("negative_amount", "must not be negative"));
        }
        if amount > Self::MAX.0 {
            return Err(Invalid::new("amount_too_large", "must be at most 1000000000 paise"));
        }
        Ok(Paise(amount))
    }

    /// A sum that was reckoned, not given: what is below zero is zero.
    pub(crate) const fn exactly(amount: i64) -> Self {
        if amount < 0 { Paise(0) } else { Paise(amount) }
    }

    pub const fn get(self) -> i64 {
        self.0
    }

    pub fn times(self, quantity: u32) -> Self {
        Paise(self.0 * i64::from(quantity))
    }

    pub fn checked_sub(self, other: Self) -> Option<Self> {
        (self.0 >= other.0).then(|| Paise(self.0 - other.0))
    }
}

impl Add for Paise {
    type Output = Paise;
    fn add(self, other: Self) -> Self {
        Paise(self.0 + other.0)
    }
}

impl Sub for Paise {
    type Output = Paise;
    /// Saturates at zero: a sum is never negative. Use `checked_sub` where that would hide a mistake.
    fn sub(self, other: Self) -> Self {
        Paise((self.0 - other.0).max(0))
    }
}

impl Sum for Paise {
    fn sum<I: Iterator<Item = Self>>(iter: I) -> Self {
        iter.fold(Paise::ZERO, Add::add)
    }
}

impl fmt::Display for Paise {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&Money::from(*self), f)
    }
}

/// The one currency the shop takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Currency {
    #[default]
    #[serde(rename = "INR")]
    Inr,
}

/// Money as the API writes it: `{"amount": 4999, "currency": "INR"}`, the amount in paise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Money {
    /// Paise.
    pub amount: i64,
    pub currency: Currency,
}

/// As people in India write it: `₹1,23,456.50`.
impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (rupees, paise) = ((self.amount.unsigned_abs() / 100).to_string(), self.amount.unsigned_abs() % 100);
        let mut grouped = String::new();
        for (i, digit) in rupees.chars().enumerate() {
            let left = rupees.len() - i;
            // The last three digits are a group, before them each two.
            if i > 0 && left >= 3 && left % 2 == 1 {
                grouped.push(',');
            }
            grouped.push(digit);
        }
        let sign = if self.amount < 0 { "−" } else { "" };
        write!(f, "{sign}₹{grouped}.{paise:02}")
    }
}

impl From<Paise> for Money {
    fn from(paise: Paise) -> Self {
        Money { amount: paise.0, currency: Currency::Inr }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_negative_or_absurd_amount_is_not_money() {
        assert_eq!(Paise::parse(-1).unwrap_err().code, "negative_amount");
        assert_eq!(Paise::parse(i64::MAX).unwrap_err().code, "amount_too_large");
        assert_eq!(Paise::parse(4999).unwrap().to_string(), "₹49.99");
    }

    #[test]
    fn money_is_written_as_people_in_india_write_it() {
        let written = |amount| Money { amount, currency: Currency::Inr }.to_string();
        for (amount, text) in [
            (0, "₹0.00"),
            (7, "₹0.07"),
            (99_999, "₹999.99"),
            (100_000, "₹1,000.00"),
            (1_234_550, "₹12,345.50"),
            (12_345_650, "₹1,23,456.50"),
            (100_000_000, "₹10,00,000.00"),
            (-12_345_678_901, "−₹12,34,56,789.01"),
        ] {
            assert_eq!(written(amount), text);
        }
        assert_eq!(written(i64::MIN), "−₹92,23,37,20,36,85,47,758.08");
    }

    #[test]
    fn fifty_lines_of_the_dearest_thing_do_not_overflow() {
        let line = Paise::MAX.times(u32::from(u16::MAX));
        assert_eq!(std::iter::repeat_n(line, 50).sum::<Paise>().get(), line.get() * 50);
    }
}
