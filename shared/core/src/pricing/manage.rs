//! An admin makes, changes and takes away coupons; each is told of in the audit with what was before and after.

use schemars::JsonSchema;
use serde::Serialize;

use super::coupon::{Benefit, Coupon};
use crate::changes::{Changes, Expect};
use crate::hand::Hand;
use crate::identity::Action;
use crate::money::{Money, Paise};

pub fn create(hand: Hand<'_>, coupon: &Coupon) -> Changes {
    let entry = hand.audit(Action::CouponCreated, &coupon.code).changed(None, Some(CouponView::of(coupon)));
    hand.changes().put(coupon, Expect::New).put(&entry, Expect::New)
}

/// The coupon as it is afterwards, and what to write: nothing, when there is nothing new.
pub fn change(hand: Hand<'_>, before: &Coupon, after: Coupon) -> (Coupon, Option<Changes>) {
    if *before == after {
        return (after, None);
    }
    let after = Coupon { version: before.version + 1, updated_at: hand.now(), ..after };
    let (was, is) = (CouponView::of(before), CouponView::of(&after));
    let entry = hand.audit(Action::CouponChanged, &after.code).changed(Some(was), Some(is));
    let changes = hand.changes().put(&after, Expect::Version(before.version)).put(&entry, Expect::New);
    (after, Some(changes))
}

/// How often it was used is remembered: a later one of this code goes on counting.
pub fn remove(hand: Hand<'_>, coupon: &Coupon) -> Changes {
    let entry = hand.audit(Action::CouponDeleted, &coupon.code).changed(Some(CouponView::of(coupon)), None);
    hand.changes().remove(coupon).put(&entry, Expect::New)
}

#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Coupon")]
pub struct CouponView {
    pub code: String,
    pub version: u64,
    pub benefit: Benefit,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub percent: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amount: Option<Money>,
    pub at_most: Option<Money>,
    pub minimum: Money,
    pub starts_at: String,
    pub ends_at: String,
    pub total_limit: Option<u32>,
    pub user_limit: Option<u32>,
    pub active: bool,
    pub created_at: String,
    pub updated_at: String,
}

impl CouponView {
    pub fn of(coupon: &Coupon) -> Self {
        let value = |of: Benefit| (coupon.benefit == of).then_some(coupon.value);
        CouponView {
            code: coupon.code.clone(),
            version: coupon.version,
            benefit: coupon.benefit,
            percent: value(Benefit::Percent),
            amount: value(Benefit::Amount).map(|paise| Paise::exactly(i64::from(paise)).into()),
            at_most: coupon.at_most.map(Money::from),
            minimum: coupon.minimum.into(),
            starts_at: coupon.starts_at.to_string(),
            ends_at: coupon.ends_at.to_string(),
            total_limit: coupon.total_limit,
            user_limit: coupon.user_limit,
            active: coupon.active,
            created_at: coupon.created_at.to_string(),
            updated_at: coupon.updated_at.to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::coupon::coupon;
    use super::*;
    use crate::changes::Write;
    use crate::identity::Actor;
    use crate::identity::samples::{World, user_id};

    fn hand(world: &World) -> Hand<'_> {
        let scene = world.scene();
        Hand { by: Actor::User(user_id(2)), ..Hand::shop(scene.tenant, scene.clock, scene.ids) }
    }

    /// What the audit says was done, and how.
    fn told(changes: &Changes) -> (String, Value) {
        let entry = changes.writes.iter().find_map(|write| match write {
            Write::Record { row, .. } if row.kind.name == "audit" => Some(&row.fields),
            _ => None,
        });
        let entry = entry.unwrap();
        assert_eq!(entry["actor"], user_id(2).to_string());
        (entry["action"].as_str().unwrap().to_owned(), entry["details"].clone())
    }

    #[test]
    fn each_change_is_told_with_what_was_before_and_after() {
        let (world, ten) = (World::new(), coupon(Benefit::Percent, 10));
        let (action, details) = told(&create(hand(&world), &ten));
        assert_eq!((action.as_str(), &details["after"]["percent"]), ("coupon_created", &json!(10)));
        let (twenty, changes) = change(hand(&world), &ten, Coupon { value: 20, ..ten.clone() });
        assert_eq!((twenty.version, twenty.value), (2, 20));
        let differs = json!({ "before": { "percent": 10 }, "after": { "percent": 20 } });
        assert_eq!(told(&changes.unwrap()), ("coupon_changed".to_owned(), differs));
        let removed = remove(hand(&world), &twenty);
        let (action, details) = told(&removed);
        assert_eq!((action.as_str(), &details["before"]["percent"]), ("coupon_deleted", &json!(20)));
        assert!(removed.writes.iter().any(|write| matches!(write, Write::Remove { version: 2, .. })));
    }

    #[test]
    fn a_change_of_nothing_writes_nothing() {
        let (world, ten) = (World::new(), coupon(Benefit::Percent, 10));
        let (same, changes) = change(hand(&world), &ten, ten.clone());
        assert!(changes.is_none() && same == ten);
    }

    #[test]
    fn a_coupon_shows_the_figure_of_its_benefit() {
        let shown = |benefit, value| serde_json::to_value(CouponView::of(&coupon(benefit, value))).unwrap();
        assert_eq!(shown(Benefit::Percent, 10)["percent"], 10);
        assert_eq!(shown(Benefit::Amount, 5_000)["amount"], json!({ "amount": 5_000, "currency": "INR" }));
        let free = shown(Benefit::FreeDelivery, 0);
        assert!(free.get("percent").is_none() && free.get("amount").is_none());
    }
}
