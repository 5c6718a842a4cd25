//! The workers: each takes batches from a queue, tells apart what was applied before, has core's use case do the work, and
//! says what is to be given out again. As the runtime and the functions do it.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use bharatmart_core::identity::code::Wanted;
use bharatmart_core::identity::{Actor, Purpose};
use bharatmart_core::inventory::books;
use bharatmart_core::notice::{Mint, Minted, deliver, mint};
use bharatmart_core::orders::till::{look_after, tell};
use bharatmart_core::ports::{Channel, CommitError, Fault, Letter, Random, Received};
use bharatmart_core::queues::Queue;
use bharatmart_core::{Bench, Event, EventId, Notice, figures};
use futures_util::future::join_all;

use super::Day;
use crate::desk::Desk;
use crate::dice::Dice;
use crate::shop::Shop;

const LIMIT: Duration = Duration::from_secs(20);

#[derive(Clone, Copy, Debug)]
pub enum Work {
    Orders,
    Payments,
    Figures,
    Books,
    Letters,
}

impl Work {
    const fn worker(self) -> &'static str {
        match self {
            Work::Orders => "order-keeper",
            Work::Payments => "payment-keeper",
            Work::Figures => "analytics-counter",
            Work::Books => "stock-keeper",
            Work::Letters => "notification-sender",
        }
    }
}

pub async fn works(day: Arc<Day>, queue: &'static Queue, work: Work, nth: u64) {
    let world = &day.shop.world;
    let dice = Dice::new(world.seed, &format!("{}-{nth}", queue.name));
    let mut idle = 250;
    loop {
        let done = world.alive(LIMIT, batch(&day.shop, queue, work, &dice)).await;
        idle = match done {
            Ok(Ok(0)) => (idle * 2).min(120_000),
            _ => 250,
        };
        world.sleep(Duration::from_millis(idle)).await;
    }
}

/// How many messages there were.
async fn batch(shop: &Shop, queue: &'static Queue, work: Work, dice: &Dice) -> Result<usize, Fault> {
    let received = shop.queue.receive(queue, 10, Duration::ZERO).await?;
    if received.is_empty() {
        return Ok(0);
    }
    let count = received.len();
    let mut batch = Vec::new();
    for one in received {
        match serde_json::from_str::<Event>(&one.message.body) {
            Ok(event) => batch.push((one, event)),
            Err(error) => return Err(Fault::broken("queue", error)),
        }
    }
    shop.world.tell(|| {
        let kinds: Vec<_> = batch.iter().map(|(_, event)| format!("{} {}", event.kind.name(), event.subject)).collect();
        format!("takes {}", kinds.join(", "))
    });
    let outcomes = fresh(shop, work, batch.iter().map(|(_, event)| event).collect()).await;
    for (one, event) in &batch {
        // What was applied before is done.
        let outcome = outcomes.iter().find(|(id, _)| *id == event.id).map_or(Ok(()), |(_, outcome)| outcome.clone());
        answer(shop, queue, one, outcome, dice).await?;
    }
    Ok(count)
}

/// Each event once, and none that was applied before.
async fn fresh(shop: &Shop, work: Work, mut events: Vec<&Event>) -> Vec<(EventId, Result<(), Fault>)> {
    let mut seen = BTreeSet::new();
    events.retain(|event| seen.insert(event.id));
    let ids: Vec<_> = events.iter().map(|event| event.id).collect();
    match shop.store.applied(&shop.tenant, work.worker(), &ids).await {
        Ok(known) => events.retain(|event| !known.contains(&event.id)),
        Err(fault) => return ids.into_iter().map(|id| (id, Err(fault.clone()))).collect(),
    }
    let outcomes = handle(&Desk::new(shop, Actor::Shop), work, &events).await;
    events.iter().map(|event| event.id).zip(outcomes).collect()
}

/// Done, or given out again after a wait that outlasts a short outage.
async fn answer(
    shop: &Shop,
    queue: &'static Queue,
    one: &Received,
    handled: Result<(), Fault>,
    dice: &Dice,
) -> Result<(), Fault> {
    let Err(fault) = handled else { return shop.queue.done(queue, &one.receipt).await };
    shop.world.tell(|| format!("again: {fault}"));
    let ms = match fault {
        Fault::Away { .. } | Fault::Busy { .. } => {
            let half = 1_000_u64 << (2 * one.receives.saturating_sub(1)).min(8);
            half + Random::below(dice, half)
        }
        Fault::Broken { .. } => 250 + Random::below(dice, 500 << one.receives.clamp(1, 7)),
    };
    shop.queue.retry(queue, &one.receipt, Duration::from_millis(ms)).await
}

/// What the functions do with a batch.
async fn handle(desk: &Desk<'_>, work: Work, events: &[&Event]) -> Vec<Result<(), Fault>> {
    let bench = desk.bench(work.worker());
    match work {
        Work::Orders => join_all(events.iter().map(|event| tell(&bench, event))).await,
        Work::Payments => join_all(events.iter().map(|event| payment(desk, &bench, event))).await,
        Work::Books => books::keep(&bench, events).await.outcomes,
        Work::Letters => join_all(events.iter().map(|event| letter(desk, &bench, event))).await,
        Work::Figures => {
            let failed = figures::keep(&bench, events).await;
            let why = |event: &Event| failed.iter().find(|(id, _)| *id == event.id);
            let outcome = |event: &&Event| why(event).map_or(Ok(()), |(_, why)| Err(Fault::busy("figures", why)));
            events.iter().map(outcome).collect()
        }
    }
}

async fn payment(desk: &Desk<'_>, bench: &Bench<'_>, event: &Event) -> Result<(), Fault> {
    look_after(bench, event, desk.shop.provider.as_ref()).await.map_err(|error| match error {
        CommitError::Fault(fault) => fault,
        CommitError::Refused(refusal) => Fault::broken("payment-keeper", refusal),
    })
}

/// In words of its own, to whoever is named: nobody here has an account.
async fn letter(desk: &Desk<'_>, bench: &Bench<'_>, event: &Event) -> Result<(), Fault> {
    let shop = desk.shop;
    let notice = Notice::read(event).map_err(|error| Fault::broken("notification-sender", error))?;
    let found = match &notice {
        Notice::CodCode { user_id, order_id, phone, .. } => {
            let purpose = Purpose::CashOnDelivery;
            let wanted = Wanted { purpose, what: order_id, user_id: Some(*user_id), target: Some(phone) };
            match mint(bench, Mint { keys: &shop.code_keys, codes_per_phone: 5 }, event, &wanted).await? {
                Minted::Secret(secret) => Some((phone.clone(), order_id.clone(), secret)),
                Minted::Past | Minted::Enough => None,
            }
        }
        Notice::Order(told) => Some((told.user_id.to_string(), told.order.id.clone(), format!("{:?}", told.news))),
        _ => None,
    };
    let id = event.id.to_string();
    let letter = found.map(|(to, subject, text)| Letter { id, channel: Channel::Sms, to, subject, text, html: None });
    deliver(bench, shop.messages.as_ref(), event, letter.as_ref()).await
}
