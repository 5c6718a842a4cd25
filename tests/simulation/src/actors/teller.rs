//! The provider's webhooks: each is told until it is heard, some twice, and several not in their order.

use std::sync::Arc;
use std::time::Duration;

use bharatmart_adapters::payments::{WebhookBody, heard, sign};
use bharatmart_core::identity::Actor;
use bharatmart_core::orders::till::unsealed;
use bharatmart_core::payments::{Said, WebhookDue};
use bharatmart_core::ports::{Charged, Clock, Outbox};
use serde::Deserialize;

use super::Day;
use crate::desk::Desk;
use crate::dice::Dice;
use crate::requests::LIMIT;
use crate::under::now;

/// Those that are not `heard` are lost for good.
pub async fn tells(day: Arc<Day>, heard: bool) {
    let providers = day.shop.providers.clone();
    loop {
        let due = providers.memory.unsent();
        for event in due.iter().filter(|_| heard) {
            if let Ok(due) = WebhookDue::deserialize(&event.data) {
                day.spawn(format!("webhook-{}", due.payment_id), tell_all(day.clone(), due));
            }
        }
        let _marked = now(providers.memory.mark_sent(&due));
        day.shop.world.sleep(Duration::from_secs(10)).await;
    }
}

async fn tell_all(day: Arc<Day>, due: WebhookDue) {
    let dice = Dice::new(day.shop.world.seed, &due.payment_id.to_string());
    day.wait(&dice, 2_500, 30_000).await;
    let mut says = due.says.clone();
    if dice.chance(20) {
        says.extend(due.says);
        day.saw("webhooks told twice");
    }
    while !says.is_empty() {
        let said = says.swap_remove(dice.below(says.len() as u64) as usize);
        while !tell(&day, due.payment_id, said).await {
            day.wait(&dice, 500, 60_000).await;
        }
    }
}

/// Whether it was heard.
async fn tell(day: &Day, payment_id: bharatmart_core::PaymentId, status: Said) -> bool {
    let shop = &day.shop;
    let sent_at = shop.providers.clock.now();
    let body = WebhookBody { tenant: shop.tenant.clone(), payment_id, status, sent_at };
    let body = serde_json::to_vec(&body).unwrap_or_default();
    let signature = sign(&shop.webhook_keys, &body, sent_at);
    let work = async {
        let told = heard(&shop.webhook_keys, &body, &signature, shop.clock.now())?;
        if told.charged == Charged::Pending {
            return Some(());
        }
        let desk = Desk::new(shop, Actor::Shop);
        desk.till().settle(told.payment, &told.charged, &unsealed).await.ok().map(drop)
    };
    let outcome = shop.world.alive(LIMIT, work).await;
    shop.world.tell(|| format!("webhook {payment_id} {status:?}: {outcome:?}"));
    matches!(outcome, Ok(Some(())))
}
