//! Whether each acknowledged order is in a true state: it is there as it was acknowledged, and it and its payments say
//! what the provider did.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use bharatmart_adapters::system::System;
use bharatmart_core::orders::OrderStatus;
use bharatmart_core::payments::{MockOutcome, Open, Payment, PaymentStatus};
use bharatmart_core::ports::Clock;
use futures_util::{StreamExt, stream};

use crate::buyer::Promise;
use crate::read::{Bought, Reader};

const AT_ONCE: usize = 8;

/// What is untrue when the time is over; asked until all is true.
pub async fn within(patience: Duration, reader: &Reader, promises: &[Promise]) -> Vec<String> {
    let begun = Instant::now();
    let mut left: Vec<&Promise> = promises.iter().collect();
    loop {
        let looked = look(reader, left).await;
        if looked.is_empty() || begun.elapsed() > patience {
            return looked.into_iter().map(|(promise, why)| format!("{}: {why}", promise.order)).collect();
        }
        left = looked.into_iter().map(|(promise, _)| promise).collect();
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
}

pub async fn untrue(reader: &Reader, promises: &[Promise]) -> Vec<String> {
    let looked = look(reader, promises.iter().collect()).await;
    looked.into_iter().map(|(promise, why)| format!("{}: {why}", promise.order)).collect()
}

/// Those that are not true, and why.
async fn look<'p>(reader: &Reader, promises: Vec<&'p Promise>) -> Vec<(&'p Promise, String)> {
    let looking = stream::iter(promises).map(|promise| async move {
        match reader.bought(promise.order).await {
            Some(bought) => (promise, judge(promise, &bought)),
            None => (promise, Err("it was acknowledged and is not there".to_owned())),
        }
    });
    let looked: Vec<_> = looking.buffered(AT_ONCE).collect().await;
    looked.into_iter().filter_map(|(promise, judged)| judged.err().map(|why| (promise, why))).collect()
}

fn judge(promise: &Promise, bought: &Bought) -> Result<(), String> {
    as_acknowledged(promise, bought)?;
    for payment in &bought.payments {
        says_what_the_provider_did(payment, bought).map_err(|why| format!("payment {}: {why}", payment.id))?;
    }
    let order = &bought.order;
    let should = match (order.status, order.is_paid()) {
        (OrderStatus::PendingPayment, true) => "it is paid and waits for its payment",
        (OrderStatus::Confirmed, false) => "it is confirmed and nobody paid",
        (OrderStatus::PendingPayment, false) if order.reservation.is_none() => "it waits and its stock is not held",
        (OrderStatus::Confirmed | OrderStatus::Cancelled, _) if order.reservation.is_some() => {
            "its stock is held still"
        }
        (OrderStatus::PendingPayment | OrderStatus::Confirmed | OrderStatus::Cancelled, _) => return Ok(()),
        (other, _) => return Err(format!("nobody made it {}", other.name())),
    };
    Err(should.to_owned())
}

fn as_acknowledged(promise: &Promise, bought: &Bought) -> Result<(), String> {
    let order = &bought.order;
    let lines = |lines: &[(String, u32)]| lines.iter().cloned().collect::<BTreeMap<_, _>>();
    let kept: Vec<_> = order.lines.iter().map(|line| (line.sku.to_string(), line.quantity)).collect();
    if lines(&kept) != lines(&promise.lines) || order.amounts.total.get() != promise.total {
        return Err(format!("it is another order than {promise:?}"));
    }
    if order.user_id.to_string() != promise.user {
        return Err("it is another's".to_owned());
    }
    if promise.cancelled != (order.status == OrderStatus::Cancelled) {
        return Err(format!("it is {}, and its customer cancelled it: {}", order.status.name(), promise.cancelled));
    }
    let is_known = |id| bought.payments.iter().any(|payment: &Payment| payment.id == id && payment.is_captured());
    match promise.captured.iter().find(|id| !is_known(**id)) {
        Some(id) => Err(format!("payment {id} was told to be captured")),
        None => Ok(()),
    }
}

fn says_what_the_provider_did(payment: &Payment, bought: &Bought) -> Result<(), String> {
    let Some(charge) = bought.charge(payment.id) else {
        // The shop was killed before it asked. Until it is sure of that it says that it does not know.
        return match payment.status {
            PaymentStatus::Pending | PaymentStatus::Failed => Ok(()),
            status => Err(format!("it is {status:?}, and the provider never heard of it")),
        };
    };
    match (charge.is_captured(System.now()), payment.is_captured()) {
        // It was told "declined"; that the provider thought better of it comes by its webhook.
        (true, false) if charge.outcome == MockOutcome::Late && payment.open == Some(Open::Doubt) => return Ok(()),
        (true, false) => return Err(format!("the provider took the money, and it is {:?}", payment.status)),
        (false, true) => return Err("the provider took nothing".to_owned()),
        (false, false) if payment.status != PaymentStatus::Failed && charge.outcome != MockOutcome::Late => {
            return Err(format!("the provider declined, and it is {:?}", payment.status));
        }
        _ => {}
    }
    match charge.refunded() == payment.refunded() && payment.refunded() == payment.refunds_asked() {
        true => Ok(()),
        false => Err("not all that is owed has gone back".to_owned()),
    }
}
