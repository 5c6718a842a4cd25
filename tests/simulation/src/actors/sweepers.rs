//! What looks after all that stopped half-way: holds whose time is up, payments nobody heard the end of, events that
//! were never sent, messages that failed too often.

use std::sync::Arc;
use std::time::Duration;

use bharatmart_core::identity::Actor;
use bharatmart_core::inventory::{HELD_FOR, RESERVATION, Reservation};
use bharatmart_core::payments::{Open, Payment};
use bharatmart_core::ports::Fault;
use bharatmart_core::queues;
use bharatmart_core::record::{Listing, Row};
use bharatmart_core::{OrderId, ReservationId};

use super::Day;
use crate::desk::{Desk, try_send};
use crate::dice::Dice;
use crate::shop::Shop;

const LIMIT: Duration = Duration::from_secs(50);
/// Often while there is much to look after, so that sweeps meet what they sweep.
const EVERY: (u64, u64) = (2_000, 30_000);
const AT_REST: (u64, u64) = (30_000, 60_000);
const PAGE: usize = 100;
/// An event younger than this is being sent by its own request.
const OLDER_THAN: Duration = Duration::from_secs(10);

pub async fn sweeps(day: Arc<Day>, nth: u64) {
    let (shop, world) = (&day.shop, &day.shop.world);
    let dice = Dice::new(world.seed, &format!("sweeper-{nth}"));
    loop {
        let (least, most) = if day.is_closing() { AT_REST } else { EVERY };
        world.sleep(Duration::from_millis(dice.between(least, most))).await;
        let swept = match dice.below(4) {
            0 => world.alive(LIMIT, reservations(shop)).await,
            1 => world.alive(LIMIT, payments(shop)).await,
            2 => world.alive(LIMIT, outbox(shop)).await,
            _ => world.alive(LIMIT, dead_letters(&day)).await,
        };
        world.tell(|| format!("swept: {swept:?}"));
    }
}

/// What cannot be ended keeps no other from it.
async fn reservations(shop: &Shop) -> Result<(), Fault> {
    let before = ReservationId::first_of(shop.clock.now().before(HELD_FOR)).to_string();
    let listed = shop.store.records(&shop.tenant, &RESERVATION, Listing::All, Some(&before), PAGE).await?;
    let desk = Desk::new(shop, Actor::Shop);
    for fields in listed.into_iter().rev() {
        let held: Reservation = Row::record(fields)?;
        let Ok(order) = held.reference.parse::<OrderId>() else { continue };
        if held.held_until <= shop.clock.now() {
            let ended = desk.till().expire(order, Some(shop.provider.as_ref())).await;
            shop.world.tell(|| format!("expires {order}: {ended:?}"));
        }
    }
    Ok(())
}

async fn payments(shop: &Shop) -> Result<(), Fault> {
    let desk = Desk::new(shop, Actor::Shop);
    for open in Open::ALL {
        for payment in desk.list::<Payment>(Listing::By(open.name()), PAGE).await? {
            let done = match open {
                Open::Refund => desk.till().give_back(payment.id, shop.provider.as_ref()).await.map(|()| true),
                Open::Charge | Open::Doubt => desk.till().check(payment.id, shop.provider.as_ref()).await,
            };
            shop.world.tell(|| format!("{} of {}: {done:?}", open.name(), payment.id));
        }
    }
    Ok(())
}

async fn outbox(shop: &Shop) -> Result<(), Fault> {
    let unsent = shop.store.unsent(shop.clock.now().before(OLDER_THAN), PAGE).await?;
    try_send(shop, &unsent).await
}

async fn dead_letters(day: &Day) -> Result<(), Fault> {
    let shop = &day.shop;
    for queue in queues::ALL.iter().filter(|queue| queue.name != queues::SEARCH.name) {
        if shop.queue.waiting(queue).await?.dead > 0 {
            day.saw_wrong("queues with dead letters");
            shop.queue.redrive(queue).await?;
        }
    }
    Ok(())
}
