//! Stock that was held for somebody who did not pay comes back.

use std::time::Duration;

use bharatmart_core::inventory::{HELD_FOR, RESERVATION};
use bharatmart_core::{RecordKey, Tenant};
use futures_util::future::join;
use serde_json::Value;

use super::{Item, sell};
use crate::world::{Shop, on_every_shop};

on_every_shop!(
    what_nobody_paid_for_comes_back_once_though_two_runs_go_at_once,
    a_hold_whose_time_has_not_come_stays,
    what_was_sold_does_not_come_back,
    a_backlog_is_given_back_in_one_run,
);

const LONG_AGO: Duration = Duration::from_secs(16 * 60);

fn released(log: &[Value], reference: &str) -> usize {
    log.iter().filter(|entry| entry["reason"] == "released" && entry["reference"] == reference).count()
}

async fn what_nobody_paid_for_comes_back_once_though_two_runs_go_at_once(shop: &Shop) {
    let item = Item::new(shop).await;
    let mut held = Vec::new();
    for quantity in [3, 4, 2] {
        held.push(item.hold(shop, quantity, LONG_AGO, HELD_FOR).await);
    }
    let (first, second) = join(shop.call("reservations-release"), shop.call("reservations-release")).await;
    first.unwrap();
    second.unwrap();
    let stock = item.stock(shop).await;
    assert_eq!((&stock["available"], &stock["reserved"]), (&12.into(), &0.into()), "{stock}");
    let log = item.kept_log(shop, 7).await;
    for held in &held {
        assert_eq!(released(&log, &held.reference), 1, "{log:?}");
    }
    let entry = log.iter().find(|entry| entry["reason"] == "released").unwrap();
    assert_eq!((&entry["note"], &entry["who"]), (&"not paid in time".into(), &"shop".into()));
}

async fn a_hold_whose_time_has_not_come_stays(shop: &Shop) {
    let item = Item::new(shop).await;
    let fresh = item.held(shop, 2).await;
    let almost = item.hold(shop, 3, Duration::from_secs(14 * 60), HELD_FOR).await;
    let for_longer = item.hold(shop, 4, LONG_AGO, 2 * HELD_FOR).await;
    shop.call("reservations-release").await.unwrap();
    for held in [&fresh, &almost, &for_longer] {
        let key = RecordKey::alone(held.id);
        let found = shop.store().record(&Tenant::main(), &RESERVATION, &key).await.unwrap();
        assert!(found.is_some(), "{held:?}");
    }
    assert_eq!(item.stock(shop).await["reserved"], 9);
}

async fn what_was_sold_does_not_come_back(shop: &Shop) {
    let item = Item::new(shop).await;
    let held = item.hold(shop, 5, LONG_AGO, 2 * HELD_FOR).await;
    sell(shop, &held).await;
    shop.call("reservations-release").await.unwrap();
    let stock = item.stock(shop).await;
    assert_eq!((&stock["on_hand"], &stock["reserved"]), (&7.into(), &0.into()), "{stock}");
}

/// More than a page of them, and among them some whose time has not come.
async fn a_backlog_is_given_back_in_one_run(shop: &Shop) {
    let item = Item::new(shop).await;
    item.move_by(shop, 500).await;
    let mut later = 0;
    for i in 0..120 {
        let ago = LONG_AGO + Duration::from_secs(i);
        let life = if i % 10 == 0 { 8 * HELD_FOR } else { HELD_FOR };
        later += u64::from(i % 10 == 0);
        item.reserve(shop, 1, ago, life).await;
    }
    shop.call("reservations-release").await.unwrap();
    let stock = item.stock(shop).await;
    assert_eq!(stock["reserved"], later, "{stock}");
}
