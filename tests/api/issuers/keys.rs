//! An issuer's keys: new ones, unknown ones, and while it is away.

use std::time::{Duration, Instant};

use bharatmart_tests::eventually_within;
use futures_util::future::join_all;

use super::{Issuer, Served, refused};
use crate::attacks::forge::Key;

on_every_engine!(
    a_new_key_is_found_without_a_restart,
    unknown_keys_make_it_ask_at_most_once_in_ten_seconds,
    while_the_issuer_is_away_known_keys_go_on,
    an_issuer_that_never_answered_lets_nobody_in,
);

async fn a_new_key_is_found_without_a_restart(shop: &Served, issuer: &Issuer) {
    let claims = shop.claims(issuer, "asha");
    let id = shop.id(&issuer.key.sign(&claims)).await;
    let next = Key::rsa("next");
    issuer.publish(&next);
    let token = next.sign(&claims);
    eventually_within(Duration::from_secs(20), "the new key is found", || async {
        shop.me(&token).await.status == 200
    })
    .await;
    assert_eq!(shop.id(&token).await, id);
    shop.me(&issuer.key.sign(&claims)).await.expect(200);
}

async fn unknown_keys_make_it_ask_at_most_once_in_ten_seconds(shop: &Served, issuer: &Issuer) {
    let claims = shop.claims(issuer, "asha");
    let begun = Instant::now();
    shop.me(&issuer.key.sign(&claims)).await.expect(200);
    let garbage: Vec<String> = (0..100).map(|nth| Key::ed25519(&format!("garbage-{nth}")).sign(&claims)).collect();
    for answer in join_all(garbage.iter().map(|token| shop.me(token))).await {
        refused(answer);
    }
    let tens = begun.elapsed().as_secs() as usize / 10 + 1;
    assert!((1..=1 + tens).contains(&issuer.fetches()), "{} fetches in {:?}", issuer.fetches(), begun.elapsed());
    shop.me(&issuer.key.sign(&claims)).await.expect(200);
}

async fn while_the_issuer_is_away_known_keys_go_on(shop: &Served, issuer: &Issuer) {
    let claims = shop.claims(issuer, "asha");
    let token = issuer.key.sign(&claims);
    shop.me(&token).await.expect(200);
    issuer.go_away().await;
    for _ in 0..3 {
        shop.me(&token).await.expect(200);
        let unknown = shop.me(&Key::ed25519("new").sign(&claims)).await;
        assert!(matches!(unknown.status.as_u16(), 401 | 503), "{unknown:?}");
    }
    shop.me(&token).await.expect(200);
}

async fn an_issuer_that_never_answered_lets_nobody_in(shop: &Served, issuer: &Issuer) {
    issuer.go_away().await;
    let answer = shop.me(&issuer.key.sign(&shop.claims(issuer, "asha"))).await;
    // It is the shop that cannot know: the caller may come again.
    assert_eq!(answer.status, 503, "{answer:?}");
    assert!(!answer.header("retry-after").is_empty(), "{answer:?}");
}
