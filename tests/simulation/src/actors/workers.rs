//! The workers: each takes batches from a queue, tells apart what was applied before, does its work and says what is to
//! be given out again. As the runtime and the functions do it.

use std::sync::Arc;
use std::time::Duration;

use bharatmart_core::changes::Applied;
use bharatmart_core::figures::{self, by_day};
use bharatmart_core::identity::code::{self, Wanted};
use bharatmart_core::identity::{Actor, Code, Derived, Purpose};
use bharatmart_core::orders::Order;
use bharatmart_core::ports::{Channel, CommitError, Commits, Fault, Letter, Random, Received};
use bharatmart_core::queues::Queue;
use bharatmart_core::{Changes, Event, EventKind, Notice, PaymentId, RecordKey, Refusal};

use super::{Day, books};
use crate::desk::Desk;
use crate::dice::Dice;
use crate::shop::Shop;

const LIMIT: Duration = Duration::from_secs(20);
const MARK_FOR: Duration = Duration::from_secs(14 * 24 * 3600);

#[derive(Clone, Copy, Debug)]
pub enum Work {
    Orders,
    Payments,
    Figures,
    Books,
    Letters,
}

impl Work {
    const fn consumer(self) -> &'static str {
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
    let ids: Vec<_> = batch.iter().map(|(_, event)| event.id).collect();
    let known = shop.store.applied(&shop.tenant, work.consumer(), &ids).await?;
    shop.world.tell(|| {
        let kinds: Vec<_> = batch.iter().map(|(_, event)| format!("{} {}", event.kind.name(), event.subject)).collect();
        format!("takes {}", kinds.join(", "))
    });
    let desk = Desk::new(shop, Actor::Shop);
    let counted = match work {
        Work::Figures => {
            let fresh = batch.iter().map(|(_, event)| event).filter(|event| !known.contains(&event.id));
            Some(figure(&desk, fresh.collect()).await)
        }
        _ => None,
    };
    for (one, event) in &batch {
        let handled = match (&counted, known.contains(&event.id)) {
            (_, true) | (Some(Ok(())), _) => Ok(()),
            (Some(Err(fault)), _) => Err(Fault::busy("figures", fault)),
            (None, false) => handle(&desk, work, event).await,
        };
        answer(shop, queue, one, handled, dice).await?;
    }
    Ok(count)
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

async fn handle(desk: &Desk<'_>, work: Work, event: &Event) -> Result<(), Fault> {
    match work {
        Work::Orders => order(desk, event).await,
        Work::Payments => payment(desk, event).await,
        Work::Books => books::keep(desk, event).await,
        Work::Letters => letter(desk, event).await,
        Work::Figures => Ok(()),
    }
}

fn mark(desk: &Desk<'_>, event: &Event, consumer: &'static str) -> Changes {
    let expires_at = desk.shop.clock.now().after(MARK_FOR);
    let applied = vec![Applied { consumer, event: event.id, expires_at }];
    Changes { applied, ..Changes::new(&desk.shop.tenant) }
}

/// That it was applied before is as good.
async fn commit(desk: &Desk<'_>, changes: Changes) -> Result<(), Fault> {
    match desk.commit(changes).await {
        Ok(()) | Err(CommitError::Refused(Refusal::AlreadyApplied(_))) => Ok(()),
        Err(CommitError::Refused(refusal)) => Err(Fault::busy("store", refusal)),
        Err(CommitError::Fault(fault)) => Err(fault),
    }
}

fn faulty(error: CommitError) -> Fault {
    match error {
        CommitError::Fault(fault) => fault,
        CommitError::Refused(refusal) => Fault::broken("store", refusal),
    }
}

/// Has its customer written to.
async fn order(desk: &Desk<'_>, event: &Event) -> Result<(), Fault> {
    let id = event.data["order_id"].as_str().unwrap_or_default();
    let order: Option<Order> = desk.find(&RecordKey::alone(id)).await?;
    let shop = desk.shop;
    let mut changes = mark(desk, event, Work::Orders.consumer());
    if let Some(notice) = order.and_then(|order| order.notice(event)) {
        changes = changes.event(notice.event(&shop.tenant, shop.clock.as_ref(), shop.ids.as_ref()));
    }
    commit(desk, changes).await
}

async fn payment(desk: &Desk<'_>, event: &Event) -> Result<(), Fault> {
    let id = event.subject.parse::<PaymentId>().map_err(|error| Fault::broken("payment-keeper", error))?;
    let provider = desk.shop.provider.as_ref();
    match event.kind {
        EventKind::RefundDue => desk.till().give_back(id, provider).await.map_err(faulty),
        // What nobody knows yet the sweeper asks again.
        _ => desk.till().check(id, provider).await.map(drop).map_err(faulty),
    }
}

async fn figure(desk: &Desk<'_>, fresh: Vec<&Event>) -> Result<(), Fault> {
    let mut fresh: Vec<&Event> = fresh;
    fresh.sort_by_key(|event| event.id);
    fresh.dedup_by_key(|event| event.id);
    let shop = desk.shop;
    for (day, events) in by_day(fresh) {
        let before: Option<figures::Day> = desk.find(&figures::Day::key(&day)).await?;
        let consumer = Work::Figures.consumer();
        let now = shop.clock.now();
        let changes = figures::count(&shop.tenant, consumer, &day, before.as_ref(), &events, now);
        // One that was counted in between keeps the others from it: they come again.
        desk.commit(changes).await.map_err(|error| Fault::busy("figures", error))?;
    }
    Ok(())
}

/// A code goes out after it was made; what carries none is sent and then marked.
async fn letter(desk: &Desk<'_>, event: &Event) -> Result<(), Fault> {
    let shop = desk.shop;
    let notice = Notice::read(event).map_err(|error| Fault::broken("notification-sender", error))?;
    let (to, subject, text) = match &notice {
        Notice::CodCode { user_id, order_id, phone, .. } => {
            let wanted = Wanted {
                purpose: Purpose::CashOnDelivery,
                what: order_id,
                user_id: Some(*user_id),
                target: Some(phone),
            };
            match secret(desk, event, &wanted).await? {
                Some(secret) => (phone.clone(), order_id.clone(), secret),
                None => return Ok(()),
            }
        }
        Notice::Order(notice) => (notice.user_id.to_string(), notice.order.id.clone(), format!("{:?}", notice.news)),
        _ => return Ok(()),
    };
    let letter = Letter { id: event.id.to_string(), channel: Channel::Sms, to, subject, text, html: None };
    shop.messages.send(&letter).await?;
    commit(desk, mark(desk, event, Work::Letters.consumer())).await
}

async fn secret(desk: &Desk<'_>, event: &Event, wanted: &Wanted<'_>) -> Result<Option<String>, Fault> {
    let present: Option<Code> = desk.find(&wanted.purpose.key(wanted.what)).await?;
    if present.as_ref().is_some_and(|code| code.created_at > event.time) {
        return Ok(None);
    }
    let issued = code::make(wanted, present.as_ref(), event.time, &Derived::new(b"codes", event.id));
    if issued.code.expires_at <= desk.shop.clock.now() {
        return Ok(None);
    }
    if present.is_some_and(|code| code.hash == issued.code.hash) {
        return Ok(Some(issued.secret));
    }
    match desk.commit(issued.put(mark(desk, event, "notification-sender-code"))).await {
        Ok(()) => Ok(Some(issued.secret)),
        Err(CommitError::Refused(Refusal::AlreadyApplied(_))) => Ok(None),
        Err(CommitError::Refused(refusal)) => Err(Fault::busy("store", refusal)),
        Err(CommitError::Fault(fault)) => Err(fault),
    }
}
