//! What an admin sends of a coupon, and how it becomes one that takes off what it says.

use schemars::JsonSchema;
use serde::Deserialize;

use super::coupon::{Benefit, Coupon};
use super::uses::CouponCode;
use crate::check::{Check, FieldError, Invalid, given};
use crate::money::{Money, Paise};
use crate::time::Timestamp;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CouponInput {
    /// 3 to 32 letters, digits, - or _; kept in upper case.
    #[schemars(length(min = 3, max = 32))]
    pub code: String,
    pub benefit: Benefit,
    /// Of a percentage: 1 to 100.
    #[schemars(range(min = 1, max = 100))]
    pub percent: Option<i64>,
    /// Of an amount: what it takes off.
    pub amount: Option<Money>,
    /// The most a percentage takes off.
    pub at_most: Option<Money>,
    /// What the lines must come to; nothing when absent.
    pub minimum: Option<Money>,
    pub starts_at: String,
    pub ends_at: String,
    /// Orders of all customers that may use it; any number when absent.
    #[schemars(range(min = 1, max = 4294967295_u32))]
    pub total_limit: Option<i64>,
    /// Orders of one customer that may use it.
    #[schemars(range(min = 1, max = 4294967295_u32))]
    pub user_limit: Option<i64>,
    /// True when absent.
    pub active: Option<bool>,
}

/// What is absent stays as it is; null takes a limit or a minimum away. Code and benefit are for good.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CouponChangeInput {
    #[schemars(range(min = 1, max = 100))]
    pub percent: Option<i64>,
    pub amount: Option<Money>,
    #[serde(default, deserialize_with = "given")]
    #[schemars(with = "Option<Money>")]
    pub at_most: Option<Option<Money>>,
    #[serde(default, deserialize_with = "given")]
    #[schemars(with = "Option<Money>")]
    pub minimum: Option<Option<Money>>,
    pub starts_at: Option<String>,
    pub ends_at: Option<String>,
    #[serde(default, deserialize_with = "given")]
    #[schemars(with = "Option<i64>", range(min = 1, max = 4294967295_u32))]
    pub total_limit: Option<Option<i64>>,
    #[serde(default, deserialize_with = "given")]
    #[schemars(with = "Option<i64>", range(min = 1, max = 4294967295_u32))]
    pub user_limit: Option<Option<i64>>,
    pub active: Option<bool>,
}

impl Coupon {
    /// A new one, as it is written first. Everything that is wrong is named at once.
    pub fn parse(input: CouponInput, now: Timestamp) -> Result<Self, Vec<FieldError>> {
        let mut check = Check::new();
        let code = check.field("code", CouponCode::parse(&input.code));
        let empty = Coupon {
            code: code.map_or_else(String::new, String::from),
            version: 1,
            benefit: input.benefit,
            value: 0,
            at_most: None,
            minimum: Paise::ZERO,
            starts_at: now,
            ends_at: now,
            total_limit: None,
            user_limit: None,
            active: true,
            created_at: now,
            updated_at: now,
        };
        let needed = match input.benefit {
            Benefit::Percent if input.percent.is_none() => Some("percent"),
            Benefit::Amount if input.amount.is_none() => Some("amount"),
            _ => None,
        };
        if let Some(field) = needed {
            check.add(field, Invalid::new("missing_field", "must be given"));
        }
        let figures = CouponChangeInput {
            percent: input.percent,
            amount: input.amount,
            at_most: input.at_most.map(Some),
            minimum: input.minimum.map(Some),
            starts_at: Some(input.starts_at),
            ends_at: Some(input.ends_at),
            total_limit: input.total_limit.map(Some),
            user_limit: input.user_limit.map(Some),
            active: input.active,
        };
        let coupon = filled_in(&mut check, empty, figures);
        if check.is_clean() { Ok(coupon) } else { Err(check.into_errors()) }
    }

    /// As it is after a change; what has changed of it is all that differs.
    pub fn changed(&self, input: CouponChangeInput) -> Result<Self, Vec<FieldError>> {
        let mut check = Check::new();
        let coupon = filled_in(&mut check, self.clone(), input);
        if check.is_clean() { Ok(coupon) } else { Err(check.into_errors()) }
    }
}

fn filled_in(check: &mut Check, mut coupon: Coupon, input: CouponChangeInput) -> Coupon {
    let benefit = coupon.benefit;
    let only = |check: &mut Check, field: &str, of: Benefit, is_given: bool| {
        if is_given && benefit != of {
            check.add(field, Invalid::new("not_of_this_benefit", "is not a figure of this benefit"));
        }
    };
    only(check, "percent", Benefit::Percent, input.percent.is_some());
    only(check, "amount", Benefit::Amount, input.amount.is_some());
    only(check, "at_most", Benefit::Percent, matches!(input.at_most, Some(Some(_))));
    if let Some(percent) = input.percent.and_then(|given| check.field("percent", percent(given))) {
        coupon.value = percent;
    }
    if let Some(amount) = input.amount.and_then(|given| check.field("amount.amount", some_money(given))) {
        coupon.value = u32::try_from(amount.get()).unwrap_or(u32::MAX);
    }
    if let Some(at_most) = input.at_most {
        coupon.at_most = at_most.and_then(|given| check.field("at_most.amount", some_money(given)));
    }
    if let Some(minimum) = input.minimum {
        let minimum =
            minimum.map_or(Some(Paise::ZERO), |given| check.field("minimum.amount", Paise::parse(given.amount)));
        coupon.minimum = minimum.unwrap_or_default();
    }
    if let Some(at) = input.starts_at.and_then(|given| check.field("starts_at", Timestamp::parse(&given))) {
        coupon.starts_at = at;
    }
    if let Some(at) = input.ends_at.and_then(|given| check.field("ends_at", Timestamp::parse(&given))) {
        coupon.ends_at = at;
    }
    if let Some(limit) = input.total_limit {
        coupon.total_limit = limit.and_then(|given| check.field("total_limit", uses(given)));
    }
    if let Some(limit) = input.user_limit {
        coupon.user_limit = limit.and_then(|given| check.field("user_limit", uses(given)));
    }
    coupon.active = input.active.unwrap_or(coupon.active);
    // Of two times that could be read; one that could not is named already.
    if check.is_clean() && coupon.ends_at <= coupon.starts_at {
        check.add("ends_at", Invalid::new("out_of_order", "must be after starts_at"));
    }
    coupon
}

fn percent(given: i64) -> Result<u32, Invalid> {
    let percent = u32::try_from(given).ok().filter(|percent| (1..=100).contains(percent));
    percent.ok_or_else(|| Invalid::new("out_of_range", "must be 1 to 100"))
}

fn some_money(given: Money) -> Result<Paise, Invalid> {
    match Paise::parse(given.amount)? {
        Paise::ZERO => Err(Invalid::new("out_of_range", "must be at least 1 paisa")),
        amount => Ok(amount),
    }
}

fn uses(given: i64) -> Result<u32, Invalid> {
    let uses = u32::try_from(given).ok().filter(|uses| *uses > 0);
    uses.ok_or_else(|| Invalid::new("out_of_range", "must be 1 to 4294967295"))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn now() -> Timestamp {
        Timestamp::from_millis(0)
    }

    fn ten() -> Value {
        json!({
            "code": "ten-26",
            "benefit": "percent",
            "percent": 10,
            "at_most": { "amount": 15_000, "currency": "INR" },
            "starts_at": "2026-11-01T00:00:00Z",
            "ends_at": "2026-12-01T00:00:00Z",
        })
    }

    fn parsed(input: Value) -> Result<Coupon, Vec<String>> {
        let named = |errors: Vec<FieldError>| errors.into_iter().map(|error| error.field).collect();
        Coupon::parse(serde_json::from_value(input).unwrap(), now()).map_err(named)
    }

    fn changed(coupon: &Coupon, input: Value) -> Result<Coupon, Vec<String>> {
        let named = |errors: Vec<FieldError>| errors.into_iter().map(|error| error.field).collect();
        coupon.changed(serde_json::from_value(input).unwrap()).map_err(named)
    }

    #[test]
    fn a_coupon_is_read_as_it_was_meant() {
        let coupon = parsed(ten()).unwrap();
        assert_eq!((coupon.code.as_str(), coupon.value, coupon.minimum), ("TEN-26", 10, Paise::ZERO));
        assert_eq!((coupon.at_most, coupon.total_limit, coupon.active), (Some(Paise::from_rupees(150)), None, true));
        let window = json!({ "starts_at": "2026-11-01T00:00:00Z", "ends_at": "2026-12-01T00:00:00Z" });
        let with = |more: Value| {
            let mut input = window.clone();
            input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            parsed(input)
        };
        let rupees = json!({ "amount": 5_000, "currency": "INR" });
        assert_eq!(with(json!({ "code": "FIFTY", "benefit": "amount", "amount": rupees })).unwrap().value, 5_000);
        assert_eq!(with(json!({ "code": "FREE", "benefit": "free_delivery" })).unwrap().value, 0);
        assert_eq!(with(json!({ "code": "FIFTY", "benefit": "amount" })), Err(vec!["amount".to_owned()]));
    }

    #[test]
    fn every_mistake_is_named_at_once() {
        let mut input = ten();
        (input["code"], input["percent"], input["total_limit"]) = (json!("x"), json!(101), json!(0));
        (input["amount"], input["ends_at"]) = (json!({ "amount": 1, "currency": "INR" }), json!("tomorrow"));
        assert_eq!(parsed(input).unwrap_err(), ["code", "amount", "percent", "ends_at", "total_limit"]);
        let mut input = ten();
        input["ends_at"] = input["starts_at"].clone();
        assert_eq!(parsed(input).unwrap_err(), ["ends_at"]);
    }

    #[test]
    fn a_change_leaves_what_it_does_not_name_and_null_takes_away() {
        let coupon = parsed(ten()).unwrap();
        let limited = changed(&coupon, json!({ "percent": 20, "user_limit": 1 })).unwrap();
        assert_eq!((limited.value, limited.user_limit, limited.at_most), (20, Some(1), coupon.at_most));
        let free = changed(&limited, json!({ "user_limit": null, "at_most": null, "active": false })).unwrap();
        assert_eq!((free.user_limit, free.at_most, free.active, free.value), (None, None, false, 20));
        assert_eq!(changed(&coupon, json!({})).unwrap(), coupon);
        let early = json!({ "ends_at": "2026-10-01T00:00:00Z" });
        assert_eq!(changed(&coupon, early).unwrap_err(), ["ends_at"]);
        let amount = json!({ "amount": { "amount": 100, "currency": "INR" } });
        assert_eq!(changed(&coupon, amount).unwrap_err(), ["amount"]);
    }
}
