//! A customer: fills a cart, orders, pays with whatever comes to hand, asks again when no answer came, has a second tab
//! open, changes their mind.

use std::sync::Arc;

use bharatmart_core::OrderId;
use bharatmart_core::orders::{Basket, Line, Mover, OrderAsked, ShipTo, Whereto};
use bharatmart_core::payments::{MockOutcome, PaymentMethod};
use bharatmart_core::pricing::CouponCode;

use super::{Client, Day};
use crate::requests::Ask;
use crate::shop::COUPONS;

pub async fn shops(day: Arc<Day>, nth: u64) {
    let mut client = Client::customer(&day, nth, &format!("customer-{nth}"));
    for intention in 1..=client.dice.between(1, 3) {
        let usual = *client.dice.pick(&[500, 10_000, 90_000]).unwrap_or(&500);
        let most = if day.shop.rush { 50 } else { usual };
        day.wait(&client.dice, 10, most).await;
        if day.is_closing() {
            return;
        }
        buys(&mut client, nth, &format!("{nth}.{intention}")).await;
    }
}

/// `note` names what the customer means to have once, however often they ask for it.
async fn buys(client: &mut Client, nth: u64, note: &str) {
    let asked = asked(client, nth, note).await;
    let cash = asked.method == PaymentMethod::Cod;
    if client.dice.chance(15) {
        // The same key from another tab at the same time.
        let (mut other, ask) = (Client::customer(&client.day, nth, &format!("tab-{note}")), Ask::Place(asked.clone()));
        let key = note.to_owned();
        client.day.spawn(format!("tab-{note}"), async move {
            if let Some(reply) = other.insist(Some(&key), &ask).await
                && reply.status == 201
            {
                acknowledge(&other, &key, &reply.body);
            }
        });
    }
    let Some(reply) = client.insist(Some(note), &Ask::Place(asked)).await else { return };
    let Some(order) = acknowledge(client, note, &reply.body).filter(|_| reply.status == 201) else { return };
    client.day.saw("orders acknowledged");
    match client.dice.below(100) {
        0..8 => cancels(client, order).await,
        // Never seen again.
        8..14 => {}
        _ if cash => confirms(client, nth, order).await,
        _ => pays(client, nth, order, note).await,
    }
}

fn acknowledge(client: &Client, note: &str, id: &str) -> Option<OrderId> {
    let order = id.parse().ok()?;
    client.day.shop.acknowledged().insert(note.to_owned(), order);
    Some(order)
}

async fn asked(client: &mut Client, nth: u64, note: &str) -> Box<OrderAsked> {
    let shop = client.day.shop.clone();
    let coupon = client.dice.chance(50).then(|| client.dice.pick(&COUPONS)).flatten();
    let by_cart = client.dice.chance(if shop.rush { 10 } else { 50 });
    let mut lines: Vec<Line> = Vec::new();
    for _ in 0..client.dice.between(1, 3) {
        let wanted = if shop.rush && client.dice.chance(90) { &shop.skus[..1] } else { &shop.skus };
        let Some((product, sku)) = client.dice.pick(wanted).cloned() else { continue };
        let quantity = client.dice.between(1, 4) as u32;
        if lines.iter().all(|line| line.sku != sku) {
            lines.push(Line { sku: sku.clone(), quantity });
            if by_cart {
                let coupon = coupon.map(|code| (*code).to_owned());
                client.insist(None, &Ask::PutInCart { product, sku, quantity, coupon }).await;
            }
        }
    }
    let basket = if by_cart { Basket::Cart(None) } else { Basket::Lines(lines) };
    let method = *client
        .dice
        .pick(&[PaymentMethod::Upi, PaymentMethod::Card, PaymentMethod::Cod])
        .unwrap_or(&PaymentMethod::Upi);
    let coupon = coupon.and_then(|code| CouponCode::parse(code).ok());
    order(nth, basket, method, coupon, note)
}

pub fn order(
    nth: u64,
    basket: Basket,
    method: PaymentMethod,
    coupon: Option<CouponCode>,
    note: &str,
) -> Box<OrderAsked> {
    let ship_to = ShipTo {
        full_name: "Asha Rao".to_owned(),
        phone: phone(nth),
        line1: "12 MG Road".to_owned(),
        line2: None,
        landmark: None,
        city: "Bengaluru".to_owned(),
        state: "Karnataka".to_owned(),
        pincode: "560001".to_owned(),
    };
    let (whereto, note) = (Whereto::Here(ship_to), Some(note.to_owned()));
    Box::new(OrderAsked { basket, whereto, method, coupon, slot: None, note, gstin: None })
}

pub fn phone(nth: u64) -> String {
    format!("+9198765432{nth:02}")
}

async fn pays(client: &mut Client, nth: u64, order: OrderId, note: &str) {
    for attempt in 1..=4 {
        let ask = payment(client, order);
        if client.dice.chance(20) {
            let (mut other, ask) = (Client::customer(&client.day, nth, &format!("pays-{note}-{attempt}")), ask.clone());
            let key = format!("{note}.pay.{attempt}.again");
            client.day.spawn(format!("pays-{note}"), async move {
                other.insist(Some(&key), &ask).await;
            });
        }
        if client.dice.chance(10) {
            let mut other = Client::customer(&client.day, nth, &format!("mind-{note}-{attempt}"));
            client.day.spawn(format!("mind-{note}"), async move {
                other.day.clone().wait(&other.dice, 1, 20_000).await;
                cancels(&mut other, order).await;
            });
        }
        let paid = client.insist(Some(&format!("{note}.pay.{attempt}")), &ask).await;
        if paid.is_some_and(|reply| reply.status == 201 && reply.body.ends_with("captured")) {
            client.day.saw("payments acknowledged");
        }
        for _ in 0..4 {
            match client.insist(None, &Ask::Look { order }).await {
                Some(reply) if reply.body.contains(" pending_payment failed") => break,
                Some(reply) if reply.body.contains(" pending_payment ") => {
                    client.day.clone().wait(&client.dice, 5_000, 30_000).await;
                }
                _ => return changes_mind(client, order).await,
            }
        }
    }
}

fn payment(client: &Client, order: OrderId) -> Ask {
    let outcome = client.dice.pick(MockOutcome::ALL).map_or("success", |outcome| outcome.name());
    match client.dice.chance(50) {
        true => Ask::Pay { order, method: PaymentMethod::Upi, instrument: format!("{outcome}@upi") },
        false => Ask::Pay { order, method: PaymentMethod::Card, instrument: format!("tok_{outcome}") },
    }
}

async fn changes_mind(client: &mut Client, order: OrderId) {
    if client.dice.chance(30) {
        client.day.clone().wait(&client.dice, 1, 120_000).await;
        cancels(client, order).await;
    }
}

async fn cancels(client: &mut Client, order: OrderId) {
    let ask = Ask::Cancel { order, by: Mover::Customer };
    if client.dice.chance(40) {
        // Twice at once.
        let mut other = Client::new(&client.day, client.by, &format!("cancels-{order}"));
        let ask = ask.clone();
        client.day.spawn("cancels-too", async move {
            other.insist(None, &ask).await;
        });
    }
    if client.insist(None, &ask).await.is_some_and(|reply| reply.status == 200) {
        client.day.saw("cancellations acknowledged");
    }
}

/// With the code that was sent, once it has come; now and then with a wrong one first.
async fn confirms(client: &mut Client, nth: u64, order: OrderId) {
    for _ in 0..6 {
        client.day.clone().wait(&client.dice, 2_000, 60_000).await;
        if client.dice.chance(10) {
            client.insist(None, &Ask::ConfirmCod { order, digits: "000000".to_owned() }).await;
        }
        let letters = client.day.shop.letters_to(&phone(nth));
        let code = letters.into_iter().rev().find(|letter| letter.subject == order.to_string());
        let Some(code) = code.filter(|_| client.dice.chance(85)) else {
            client.insist(None, &Ask::ResendCod { order }).await;
            continue;
        };
        let confirmed = client.insist(None, &Ask::ConfirmCod { order, digits: code.text }).await;
        if confirmed.is_some_and(|reply| reply.status == 200) {
            client.day.saw("cash on delivery confirmed");
            return changes_mind(client, order).await;
        }
    }
}
