//! Coupons: what they take off, and when they may be used.

use serde::{Deserialize, Serialize};

use crate::money::Paise;
use crate::record::{Kind, Record};
use crate::time::Timestamp;

pub static COUPON: Kind = Kind { name: "coupon", within: None, id: "code", listed_by: None, listed: true };

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Benefit {
    /// So many per cent of the lines.
    Percent,
    /// So many paise.
    Amount,
    FreeDelivery,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Coupon {
    /// Upper case.
    pub code: String,
    pub version: u64,
    pub benefit: Benefit,
    /// Per cent, or paise; 0 for free delivery.
    pub value: u32,
    /// The most a percentage takes off.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at_most: Option<Paise>,
    /// What the lines must come to.
    pub minimum: Paise,
    pub starts_at: Timestamp,
    pub ends_at: Timestamp,
    /// How many orders may use it, of all customers and of one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total_limit: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_limit: Option<u32>,
    pub active: bool,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

impl Record for Coupon {
    const KIND: &'static Kind = &COUPON;
}

/// Why a coupon does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CouponRefused {
    /// There is none, or it is not active, or not begun yet.
    Invalid,
    /// No coupon counts just now.
    SwitchedOff,
    Expired,
    MinimumNotMet(Paise),
    LimitReached,
}

impl CouponRefused {
    pub const fn code(self) -> &'static str {
        match self {
            CouponRefused::Invalid | CouponRefused::SwitchedOff => "coupon_invalid",
            CouponRefused::Expired => "coupon_expired",
            CouponRefused::MinimumNotMet(_) => "coupon_minimum_not_met",
            CouponRefused::LimitReached => "coupon_limit_reached",
        }
    }
}

impl Coupon {
    /// `used` and `used_by_user` are the orders that hold it so far. A placement counts again, in its commit.
    pub fn check(&self, subtotal: Paise, used: u32, used_by_user: u32, now: Timestamp) -> Result<(), CouponRefused> {
        if !self.active || now < self.starts_at {
            return Err(CouponRefused::Invalid);
        }
        if now >= self.ends_at {
            return Err(CouponRefused::Expired);
        }
        if subtotal < self.minimum {
            return Err(CouponRefused::MinimumNotMet(self.minimum));
        }
        let reached = |limit: Option<u32>, used: u32| limit.is_some_and(|limit| used >= limit);
        if reached(self.total_limit, used) || reached(self.user_limit, used_by_user) {
            return Err(CouponRefused::LimitReached);
        }
        Ok(())
    }

    /// What it takes off the lines: never more than they come to.
    pub fn discount(&self, subtotal: Paise) -> Paise {
        let off = match self.benefit {
            Benefit::Percent => {
                let off = Paise::exactly((subtotal.get() * i64::from(self.value.min(100)) + 50) / 100);
                self.at_most.map_or(off, |most| off.min(most))
            }
            Benefit::Amount => Paise::exactly(i64::from(self.value)),
            Benefit::FreeDelivery => Paise::ZERO,
        };
        off.min(subtotal)
    }

    pub fn frees_delivery(&self) -> bool {
        self.benefit == Benefit::FreeDelivery
    }
}

#[cfg(test)]
pub(super) fn coupon(benefit: Benefit, value: u32) -> Coupon {
    let at = Timestamp::from_millis;
    Coupon {
        code: "DIWALI".to_owned(),
        version: 1,
        benefit,
        value,
        at_most: None,
        minimum: Paise::from_rupees(100),
        starts_at: at(1_000),
        ends_at: at(2_000),
        total_limit: Some(2),
        user_limit: Some(1),
        active: true,
        created_at: at(0),
        updated_at: at(0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_coupon_counts_in_its_window_from_its_minimum_within_its_limits() {
        let coupon = coupon(Benefit::Percent, 10);
        let (enough, now) = (Paise::from_rupees(100), Timestamp::from_millis(1_500));
        assert_eq!(coupon.check(enough, 1, 0, now), Ok(()));
        assert_eq!(coupon.check(enough, 0, 0, Timestamp::from_millis(999)), Err(CouponRefused::Invalid));
        assert_eq!(coupon.check(enough, 0, 0, Timestamp::from_millis(2_000)), Err(CouponRefused::Expired));
        let short = coupon.check(Paise::exactly(9_999), 0, 0, now);
        assert_eq!(short, Err(CouponRefused::MinimumNotMet(enough)));
        assert_eq!(coupon.check(enough, 2, 0, now), Err(CouponRefused::LimitReached));
        assert_eq!(coupon.check(enough, 1, 1, now), Err(CouponRefused::LimitReached));
        let off = Coupon { active: false, ..coupon };
        assert_eq!(off.check(enough, 0, 0, now), Err(CouponRefused::Invalid));
    }

    #[test]
    fn it_takes_off_no_more_than_there_is() {
        assert_eq!(coupon(Benefit::Amount, 50_000).discount(Paise::from_rupees(300)), Paise::from_rupees(300));
        assert_eq!(coupon(Benefit::Percent, 10).discount(Paise::exactly(995)).get(), 100, "rounded to the paisa");
        let capped = Coupon { at_most: Some(Paise::from_rupees(20)), ..coupon(Benefit::Percent, 50) };
        assert_eq!(capped.discount(Paise::from_rupees(300)), Paise::from_rupees(20));
        assert_eq!(coupon(Benefit::FreeDelivery, 0).discount(Paise::from_rupees(300)), Paise::ZERO);
    }
}
