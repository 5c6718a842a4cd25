//! What has ended is taken away by the sweeper; where the store's own time to live does that, it is left to it.

use std::time::Duration;

use bharatmart_core::identity::SESSION;
use bharatmart_core::ports::{Answer, Answered, IdempotencyKey, KeyClaim};
use bharatmart_core::{Changes, RecordKey, Tenant};
use bharatmart_tests::eventually;
use serde_json::json;

use crate::identity::beside;
use crate::identity::people::Person;
use crate::world::{Shop, on_every_shop};

on_every_shop!(what_has_ended_is_swept_away_and_what_lives_stays);

const HOUR: Duration = Duration::from_secs(3600);

async fn what_has_ended_is_swept_away_and_what_lives_stays(shop: &Shop) {
    let (store, main, now) = (shop.store(), Tenant::main(), beside::now(shop));
    let [left, living] = [Person::new(shop).await, Person::new(shop).await];
    let session = RecordKey::within(&left.id, left.session());
    beside::edit(shop, &SESSION, &session, |fields| {
        drop(fields.insert("expires_at".to_owned(), json!(now.before(2 * HOUR))))
    })
    .await;
    // An answer with an address in it, whose day is over.
    let key = IdempotencyKey(format!("usr_1/orders-place/{}", shop.unique()));
    let then = now.before(3 * HOUR);
    let claim = store.claim_key(&main, &key, "hash", Duration::from_secs(15), then).await.unwrap();
    let KeyClaim::Mine(fence) = claim else { panic!("the key is free: {claim:?}") };
    let answer = Answer { status: 201, headers: Vec::new(), body: "12 MG Road".to_owned() };
    let answered = Answered { key: key.clone(), fence, answer, expires_at: now.before(2 * HOUR) };
    store.commit(Changes { answer: Some(answered), ..Changes::new(&main) }).await.unwrap();

    shop.call("outbox-sweeper").await.unwrap();
    if !shop.settings.iter().any(|(name, value)| name == "DATABASE_TYPE" && value == "dynamodb") {
        // The schedule's own run may have been in the midst of it.
        eventually("it is gone", || async { beside::read(shop, &SESSION, &session).await.is_none() }).await;
        let as_before = store.claim_key(&main, &key, "another hash", Duration::from_secs(15), then).await.unwrap();
        assert!(matches!(as_before, KeyClaim::Mine(_)), "{as_before:?}");
    }
    beside::session(shop, &living).await;
}
