//! What looks after all that stopped half-way: holds whose time is up, payments nobody heard the end of, events that
//! were never sent, messages that failed too often.

use std::sync::Arc;
use std::time::Duration;

use bharatmart_core::identity::Actor;
use bharatmart_core::orders::till::{drive_on, due, release};
use bharatmart_core::payments::Open;
use bharatmart_core::ports::Fault;
use bharatmart_core::{outbox, queues};

use super::Day;
use crate::desk::Desk;
use crate::dice::Dice;
use crate::shop::Shop;

const LIMIT: Duration = Duration::from_secs(50);
/// Often while there is much to look after, so that sweeps meet what they sweep.
const EVERY: (u64, u64) = (2_000, 30_000);
const AT_REST: (u64, u64) = (30_000, 60_000);

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

async fn reservations(shop: &Shop) -> Result<(), Fault> {
    let desk = Desk::new(shop, Actor::Shop);
    let bench = desk.bench("reservations-release");
    let due = due(&bench, &shop.tenant, bench.patience.left() / 2).await?;
    let (released, outcome) = release(&bench, &shop.tenant, due, Some(shop.provider.as_ref())).await;
    shop.world.tell(|| format!("released {released}"));
    outcome
}

async fn payments(shop: &Shop) -> Result<(), Fault> {
    let desk = Desk::new(shop, Actor::Shop);
    let mut outcome = Ok(());
    for open in Open::ALL {
        let bench = desk.bench("payments-sweeper");
        outcome = outcome.and(drive_on(&bench, &shop.tenant, *open, shop.provider.as_ref()).await);
    }
    outcome
}

async fn outbox(shop: &Shop) -> Result<(), Fault> {
    let (store, queue, clock) = (shop.store.as_ref(), shop.queue.as_ref(), shop.clock.as_ref());
    let swept = outbox::sweep(store, queue, clock, shop.world.as_ref(), outbox::OLDER_THAN).await?;
    swept.stuck.into_iter().try_for_each(|(_, fault)| Err(fault))
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
