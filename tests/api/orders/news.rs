//! What customers are told of their orders, by mail.

use std::collections::BTreeSet;

use bharatmart_core::record::Document;
use bharatmart_tests::eventually_within;
use serde_json::Value;

use super::buying::{Buyer, PATIENCE, moved, text};
use crate::identity::beside;
use crate::identity::people::mails_to;
use crate::world::{Shop, on_every_shop};

on_every_shop!(each_news_of_an_order_is_mailed_once,);

/// The subjects of the mails about an order.
async fn subjects(shop: &Shop, buyer: &Buyer<'_>, order: &Value) -> Vec<String> {
    let number = text(order, "number");
    let mails = mails_to(shop, &buyer.who.email).await;
    mails.into_iter().filter(|mail| mail.contains(number)).collect()
}

async fn each_news_of_an_order_is_mailed_once(shop: &Shop) {
    let buyer = Buyer::new(shop).await;
    // Nobody is written to at an address that is not proved.
    let proved = |fields: &mut Document| drop(fields.insert("email_verified".to_owned(), true.into()));
    beside::edit_user(shop, &buyer.who.id, proved).await;
    let (order, _) = buyer.ordered("upi").await;
    buyer.pay(&order, "decline@upi").await.expect(201);
    // Of an order that is paid by now nobody is told that its payment failed.
    eventually_within(PATIENCE, "two mails came", || async { subjects(shop, &buyer, &order).await.len() >= 2 }).await;
    buyer.pay(&order, "success@upi").await.expect(201);
    for to in ["processing", "packed", "shipped", "out_for_delivery", "delivered"] {
        moved(shop, &order, to).await.expect(200);
    }
    // Placed, payment failed, confirmed, shipped, delivered.
    eventually_within(PATIENCE, "five mails came", || async { subjects(shop, &buyer, &order).await.len() >= 5 }).await;
    let told = subjects(shop, &buyer, &order).await;
    let different: BTreeSet<_> = told.iter().collect();
    assert_eq!((told.len(), different.len()), (5, 5), "{told:#?}");
    let (second, _) = buyer.paid().await;
    buyer.cancel(&second).await.expect(200);
    // Placed, confirmed, cancelled, refunded.
    eventually_within(PATIENCE, "four mails came", || async { subjects(shop, &buyer, &second).await.len() >= 4 }).await;
}
