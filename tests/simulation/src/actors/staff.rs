//! Those who work in the shop: move orders on, some where they may not go, cancel, give money back, count the shelves.

use std::sync::Arc;

use bharatmart_core::Paise;
use bharatmart_core::catalog::ProductRef;
use bharatmart_core::identity::Actor;
use bharatmart_core::inventory::{Adjustment, Location};
use bharatmart_core::orders::{Mover, Order, OrderStatus};
use bharatmart_core::ports::{CatalogReads, Commits};
use bharatmart_core::record::Listing;

use super::{Client, Day};
use crate::desk::Desk;
use crate::requests::{Ask, LIMIT};
use crate::shop::{CUSTOMERS, user};

pub async fn works(day: Arc<Day>) {
    let mut client = Client::new(&day, Actor::User(user(CUSTOMERS + 1)), "staff");
    while !day.is_closing() {
        let most = *client.dice.pick(&[500, 3_000, 15_000]).unwrap_or(&500);
        day.wait(&client.dice, 100, most).await;
        match client.dice.below(100) {
            0..12 => adjusts(&client).await,
            _ => moves(&mut client).await,
        }
    }
}

async fn moves(client: &mut Client) {
    let day = client.day.clone();
    let shop = &day.shop;
    let desk = Desk::new(shop, client.by);
    let Ok(Ok(orders)) = shop.world.alive(LIMIT, desk.list::<Order>(Listing::All, 50)).await else { return };
    let onward = |order: &Order, by| order.status.next(by).into_iter().find(|to| *to != OrderStatus::Cancelled);
    let by = if client.dice.chance(70) { Mover::Staff } else { Mover::Courier };
    let going: Vec<&Order> = orders.iter().filter(|order| onward(order, by).is_some()).collect();
    let any = client.dice.pick(&orders);
    let ask = match client.dice.below(100) {
        0..3 => {
            any.zip(client.dice.pick(OrderStatus::ALL)).map(|(order, to)| Ask::Move { order: order.id, to: *to, by })
        }
        3..20 => any.and_then(|order| order.paid_by).map(|payment| {
            let amount = client.dice.chance(60).then(|| Paise::from_rupees(client.dice.between(1, 50) as u32));
            Ask::Refund { payment, amount }
        }),
        20..26 => any.map(|order| Ask::Cancel { order: order.id, by: Mover::Staff }),
        _ => client.dice.pick(&going).and_then(|order| {
            let to = onward(order, by)?;
            Some(Ask::Move { order: order.id, to, by })
        }),
    };
    if let Some(ask) = ask {
        let key = format!("staff-{}", shop.world.turns());
        client.insist(Some(&key), &ask).await;
    }
}

/// Counted anew, at one of two places.
async fn adjusts(client: &Client) {
    let shop = &client.day.shop;
    let Some((product, sku)) = client.dice.pick(&shop.skus) else { return };
    let location = if client.dice.chance(70) { Ok(Location::main()) } else { Location::parse("pune") };
    let Ok(location) = location else { return };
    let delta = client.dice.between(0, 12) as i64 - 4;
    let adjustment = Adjustment { delta, note: "counted".to_owned(), location };
    let desk = Desk::new(shop, client.by);
    let work = async {
        let found = desk.product(&shop.tenant, &ProductRef::Id(*product)).await.ok()??;
        adjustment.allowed(&found.levels(sku)).ok().filter(|()| adjustment.delta != 0)?;
        let warehouse = bharatmart_core::inventory::Warehouse {
            tenant: &shop.tenant,
            who: client.by,
            clock: shop.clock.as_ref(),
            ids: shop.ids.as_ref(),
        };
        let adjusted = warehouse.adjust(&found, sku, &adjustment, "10.0.0.1");
        desk.commit(adjusted.changes).await.ok()
    };
    let adjusted = shop.world.alive(LIMIT, work).await;
    shop.world.tell(|| format!("adjusts {sku} by {delta}: {adjusted:?}"));
}
