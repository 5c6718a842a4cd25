//! A coupon as a cart names it: what there is of it, and how often it was used. Uses are counted in the commit of the
//! order that holds the coupon; here their names are told and what was counted is looked at.

use serde::{Deserialize, Serialize};

use super::{Coupon, CouponRefused};
use crate::check::Invalid;
use crate::ids::UserId;
use crate::money::Paise;
use crate::text::word;
use crate::time::Timestamp;

word! {
    /// What a customer types: upper case, so that one coupon has one name.
    CouponCode
}

impl CouponCode {
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let text = text.trim();
        let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
        if (3..=32).contains(&text.len()) && text.bytes().all(allowed) {
            return Ok(CouponCode(text.to_ascii_uppercase()));
        }
        Err(Invalid::new("invalid_coupon_code", "must be 3 to 32 letters, digits, - or _"))
    }

    /// The counter of the orders that hold it.
    pub fn uses(&self) -> String {
        format!("coupon/{self}")
    }

    /// The counter of one customer's orders that hold it.
    pub fn uses_of(&self, user: UserId) -> String {
        format!("coupon/{self}/{user}")
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedCoupon {
    pub code: String,
    /// `None`: there is none of this code, or none any more.
    pub coupon: Option<Coupon>,
    pub used: u64,
    /// 0 for a guest.
    pub used_by_user: u64,
}

impl NamedCoupon {
    pub(super) fn check(&self, subtotal: Paise, now: Timestamp) -> Result<&Coupon, CouponRefused> {
        let coupon = self.coupon.as_ref().ok_or(CouponRefused::Invalid)?;
        let figure = |count: u64| u32::try_from(count).unwrap_or(u32::MAX);
        coupon.check(subtotal, figure(self.used), figure(self.used_by_user), now).map(|()| coupon)
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::super::coupon::{Benefit, coupon};
    use super::*;

    #[test]
    fn a_code_has_one_spelling_and_counters_of_its_own() {
        let code = CouponCode::parse(" diwali-26 ").unwrap();
        assert_eq!(code, CouponCode::parse("DIWALI-26").unwrap());
        assert_eq!(code.uses(), "coupon/DIWALI-26");
        let user = UserId::from_uuid(Uuid::nil());
        assert_eq!(code.uses_of(user), "coupon/DIWALI-26/usr_00000000000000000000000000000000");
        for wrong in ["", "AB", "A/B", "two words", "दिवाली", &"A".repeat(33)] {
            assert_eq!(CouponCode::parse(wrong).unwrap_err().code, "invalid_coupon_code", "{wrong}");
        }
    }

    #[test]
    fn what_is_no_coupon_or_is_used_up_takes_nothing_off() {
        let named = NamedCoupon {
            code: "DIWALI".to_owned(),
            coupon: Some(coupon(Benefit::Percent, 10)),
            used: 1,
            used_by_user: 0,
        };
        let check = |named: &NamedCoupon| {
            named.check(Paise::from_rupees(100), Timestamp::from_millis(1_500)).map(|coupon| coupon.code.clone())
        };
        assert_eq!(check(&named).unwrap(), "DIWALI");
        assert_eq!(check(&NamedCoupon { used: u64::MAX, ..named.clone() }), Err(CouponRefused::LimitReached));
        assert_eq!(check(&NamedCoupon { used_by_user: 1, ..named.clone() }), Err(CouponRefused::LimitReached));
        assert_eq!(check(&NamedCoupon { coupon: None, ..named }), Err(CouponRefused::Invalid));
    }
}
