//! Many want the last: what one gets no other has.

use bharatmart_adapters::budget;
use bharatmart_adapters::system::System;
use bharatmart_core::Tenant;
use bharatmart_core::identity::Actor;
use bharatmart_core::inventory::{HELD_FOR, ReserveError, Reserving, Wanted, Warehouse};
use futures_util::future::join_all;
use serde_json::json;

use super::{Item, PATIENCE, send_events};
use crate::world::{Shop, on_every_shop};

on_every_shop!(of_forty_who_want_the_last_twelve_get_twelve, lines_of_one_sku_are_reserved_together);

async fn reserve(shop: &Shop, lines: &[Wanted]) -> Result<(), u32> {
    let tenant = Tenant::main();
    let warehouse = Warehouse { tenant: &tenant, who: Actor::Shop, clock: &System, ids: &System };
    let reserving = Reserving { catalog: shop.store(), commits: shop.store(), warehouse };
    let reference = format!("ord_{}", shop.unique());
    match budget::within(2 * PATIENCE, reserving.reserve(&reference, lines, HELD_FOR)).await {
        Ok(_) => Ok(()),
        Err(ReserveError::Short(short)) => Err(short.available),
        Err(ReserveError::Fault(fault)) => panic!("{fault}"),
    }
}

async fn of_forty_who_want_the_last_twelve_get_twelve(shop: &Shop) {
    let item = Item::new(shop).await;
    let lines = [item.want(1)];
    let answers = join_all((0..40).map(|_| reserve(shop, &lines))).await;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 12);
    assert_eq!(answers.iter().filter(|answer| **answer == Err(0)).count(), 28, "{answers:?}");
    let stock = json!({ "sku": item.sku.as_str(), "on_hand": 12, "reserved": 12, "available": 0 });
    assert_eq!(item.stock(shop).await, stock);
    send_events(shop).await;
    item.kept_log(shop, 13).await;
}

async fn lines_of_one_sku_are_reserved_together(shop: &Shop) {
    let item = Item::new(shop).await;
    let lines = |first, second| [item.want(first), item.want(second)];
    assert_eq!(reserve(shop, &lines(7, 6)).await, Err(12));
    assert_eq!(item.stock(shop).await["reserved"], 0);
    assert_eq!(reserve(shop, &lines(7, 5)).await, Ok(()));
    assert_eq!(item.stock(shop).await["available"], 0);
}
