//! Showing that an e-mail address is one's own.

use std::time::Duration;

use bharatmart_core::identity::{CODE, Purpose};
use serde_json::json;

use super::beside;
use super::people::{Person, mailed_token, prove};
use crate::world::{Shop, on_every_shop};

on_every_shop!(
    the_mailed_token_proves_the_address_once,
    the_token_is_good_for_a_day,
    a_token_is_for_one_purpose,
    a_token_that_is_none_is_refused,
    the_token_is_kept_only_as_a_hash,
);

async fn the_mailed_token_proves_the_address_once(shop: &Shop) {
    let person = Person::new(shop).await;
    assert_eq!(person.me(shop).await["email_verified"], false);
    let token = mailed_token(shop, &person.email, "verify_email", None).await;
    prove(shop, &token).await.expect(200);
    assert_eq!(person.me(shop).await["email_verified"], true);
    prove(shop, &token).await.expect_refusal("token_invalid");
}

async fn the_token_is_good_for_a_day(shop: &Shop) {
    let person = Person::new(shop).await;
    let token = mailed_token(shop, &person.email, "verify_email", None).await;
    let code = beside::read(shop, &CODE, &Purpose::VerifyEmail.key(&person.id)).await.unwrap();
    let life = beside::life(shop, &code);
    assert!(life > Duration::from_secs(23 * 3600) && life <= Duration::from_secs(24 * 3600), "{life:?}");
    beside::expire_code(shop, Purpose::VerifyEmail, &person.id).await;
    prove(shop, &token).await.expect_refusal("token_expired");
    assert_eq!(person.me(shop).await["email_verified"], false);
}

async fn a_token_is_for_one_purpose(shop: &Shop) {
    let person = Person::new(shop).await;
    let token = mailed_token(shop, &person.email, "verify_email", None).await;
    super::passwords::reset(shop, &token, "some other words").await.expect_refusal("token_invalid");
    person.on_another_device(shop).await;
}

async fn a_token_that_is_none_is_refused(shop: &Shop) {
    let person = Person::new(shop).await;
    let token = mailed_token(shop, &person.email, "verify_email", None).await;
    let (id, secret) = token.split_once('.').unwrap();
    let turned: String = secret.chars().rev().collect();
    for wrong in ["", "x", "a.b", &format!("{id}.{turned}"), id, &person.access, &person.refresh] {
        let answer = prove(shop, wrong).await;
        assert!(answer.status.is_client_error(), "{wrong}: {answer:?}");
    }
    prove(shop, &token).await.expect(200);
}

async fn the_token_is_kept_only_as_a_hash(shop: &Shop) {
    let person = Person::new(shop).await;
    let token = mailed_token(shop, &person.email, "verify_email", None).await;
    let code = beside::read(shop, &CODE, &Purpose::VerifyEmail.key(&person.id)).await.unwrap();
    assert!(!json!(code).to_string().contains(token.split_once('.').unwrap().1), "{code:?}");
    let events = shop.store().newest_events(100).await.unwrap();
    assert!(events.iter().all(|event| !event.data.to_string().contains(token.split_once('.').unwrap().1)));
}
