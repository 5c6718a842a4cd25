//! An admin makes, changes and takes away coupons; each is told of in the audit with what was before and after.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};

use super::coupon::{Benefit, Coupon};
use crate::changes::{Changes, Expect};
use crate::identity::{Action, Actor, Scene};
use crate::ids::UserId;
use crate::money::{Money, Paise};

pub fn create(scene: Scene<'_>, admin: UserId, coupon: &Coupon) -> Changes {
    let entry = scene.audit(Action::CouponCreated, Actor::User(admin), &coupon.code).detail("after", shown(coupon));
    scene.told(&entry).put(coupon, Expect::New)
}

/// The coupon as it is afterwards, and what to write: nothing, when there is nothing new.
pub fn change(scene: Scene<'_>, admin: UserId, before: &Coupon, after: Coupon) -> (Coupon, Option<Changes>) {
    if *before == after {
        return (after, None);
    }
    let after = Coupon { version: before.version + 1, updated_at: scene.now(), ..after };
    let entry = scene
        .audit(Action::CouponChanged, Actor::User(admin), &after.code)
        .detail("before", shown(before))
        .detail("after", shown(&after));
    let changes = scene.told(&entry).put(&after, Expect::Version(before.version));
    (after, Some(changes))
}

/// How often it was used is remembered: a later one of this code goes on counting.
pub fn remove(scene: Scene<'_>, admin: UserId, coupon: &Coupon) -> Changes {
    let entry = scene.audit(Action::CouponDeleted, Actor::User(admin), &coupon.code).detail("before", shown(coupon));
    scene.told(&entry).remove(coupon)
}

fn shown(coupon: &Coupon) -> Value {
    json!(CouponView::of(coupon))
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
    use super::super::coupon::coupon;
    use super::*;
    use crate::changes::Write;
    use crate::identity::samples::{World, user_id};

    /// The audit's action and the details it has.
    fn told(changes: &Changes) -> (String, Vec<String>) {
        let entry = changes.writes.iter().find_map(|write| match write {
            Write::Record { row, .. } if row.kind.name == "audit" => Some(&row.fields),
            _ => None,
        });
        let entry = entry.unwrap();
        let details = entry["details"].as_object().unwrap().keys().cloned().collect();
        (entry["action"].as_str().unwrap().to_owned(), details)
    }

    #[test]
    fn each_change_is_told_with_what_was_before_and_after() {
        let (world, admin, ten) = (World::new(), user_id(2), coupon(Benefit::Percent, 10));
        let created = create(world.scene(), admin, &ten);
        assert_eq!(told(&created), ("coupon_created".to_owned(), vec!["after".to_owned()]));
        let (twenty, changes) = change(world.scene(), admin, &ten, Coupon { value: 20, ..ten.clone() });
        assert_eq!((twenty.version, twenty.value), (2, 20));
        let both = vec!["after".to_owned(), "before".to_owned()];
        assert_eq!(told(&changes.unwrap()), ("coupon_changed".to_owned(), both));
        let removed = remove(world.scene(), admin, &twenty);
        assert_eq!(told(&removed), ("coupon_deleted".to_owned(), vec!["before".to_owned()]));
        assert!(removed.writes.iter().any(|write| matches!(write, Write::Remove { version: 2, .. })));
    }

    #[test]
    fn a_change_of_nothing_writes_nothing() {
        let (world, ten) = (World::new(), coupon(Benefit::Percent, 10));
        let (same, changes) = change(world.scene(), user_id(2), &ten, ten.clone());
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
