//! Our own access tokens, and what looks like them.

use aws_lc_rs::hmac;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use bharatmart_core::Tenant;
use http::HeaderMap;
use serde_json::{Value, json};

use super::{Shop, caller, changed, code, forged, taken_apart};
use crate::route::Access;

/// The shop's own key: whatever is wrong with a token that it signed, it is not the signature.
fn our_key() -> Ed25519KeyPair {
    Ed25519KeyPair::from_seed_unchecked(&[1; 32]).unwrap()
}

fn signed(header: &Value, claims: &Value) -> String {
    forged(header, claims, |message| our_key().sign(message).as_ref().to_vec())
}

#[tokio::test]
async fn a_token_lets_its_user_in_until_it_expires() {
    let shop = Shop::open().await;
    let token = shop.token().await;
    let caller = shop.call(Access::user(), &token).await.unwrap().unwrap();
    assert_eq!((caller.user, caller.session, caller.role), (shop.user.id, Some(shop.session.id), shop.user.role));
    shop.pass(899);
    assert_eq!(shop.code(&token).await, "let in");
    shop.pass(1);
    assert_eq!(shop.code(&token).await, "token_expired");
}

#[tokio::test]
async fn without_a_token_only_a_guest_gets_in() {
    let shop = Shop::open().await;
    let none = HeaderMap::new();
    assert_eq!(code(caller(&shop.app, &none, &Tenant::main(), Access::user()).await), "token_missing");
    assert_eq!(caller(&shop.app, &none, &Tenant::main(), Access::guest()).await.unwrap(), None);
    assert_eq!(code(shop.call(Access::guest(), "no.token.atall").await), "token_invalid", "a bad token is no guest");
}

#[tokio::test]
async fn a_token_that_says_it_needs_no_signature_is_refused() {
    let shop = Shop::open().await;
    let (header, claims, signature) = taken_apart(&shop.token().await);
    for alg in ["none", "None", "NONE", "nOnE"] {
        let header = changed(header.clone(), "alg", alg);
        assert_eq!(shop.code(&forged(&header, &claims, |_| Vec::new())).await, "token_invalid", "{alg}");
        assert_eq!(shop.code(&forged(&header, &claims, |_| signature.clone())).await, "token_invalid", "{alg}");
    }
    assert_eq!(shop.code(&forged(&header, &claims, |_| Vec::new())).await, "token_invalid");
}

#[tokio::test]
async fn a_token_signed_with_the_public_key_as_a_password_is_refused() {
    let shop = Shop::open().await;
    let (header, claims, _) = taken_apart(&shop.token().await);
    let public = our_key().public_key().as_ref().to_vec();
    let jwks = shop.app.token_keys().await.unwrap().public();
    let shown = jwks["keys"][0]["x"].as_str().unwrap().as_bytes().to_vec();
    for secret in [public, shown] {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &secret);
        let header = changed(header.clone(), "alg", "HS256");
        let token = forged(&header, &claims, |message| hmac::sign(&key, message).as_ref().to_vec());
        assert_eq!(shop.code(&token).await, "token_invalid");
    }
}

#[tokio::test]
async fn a_token_of_a_key_nobody_knows_is_refused() {
    let shop = Shop::open().await;
    let (header, claims, _) = taken_apart(&shop.token().await);
    let theirs = Ed25519KeyPair::from_seed_unchecked(&[7; 32]).unwrap();
    let sign = |message: &[u8]| theirs.sign(message).as_ref().to_vec();
    assert_eq!(shop.code(&forged(&changed(header.clone(), "kid", "theirs"), &claims, sign)).await, "token_invalid");
    assert_eq!(shop.code(&forged(&header, &claims, sign)).await, "token_invalid", "under our key's name");
    assert_eq!(shop.code(&signed(&json!({ "alg": "EdDSA" }), &claims)).await, "token_invalid", "without a name");
}

#[tokio::test]
async fn a_token_that_is_not_for_us_now_is_refused() {
    let shop = Shop::open().await;
    let (header, claims, _) = taken_apart(&shop.token().await);
    let now = claims["iat"].as_i64().unwrap();
    let wrong: [(&str, Value); 8] = [
        ("iss", "https://elsewhere.example".into()),
        ("aud", "another".into()),
        ("aud", json!(["another", "bharatmart"])),
        ("nbf", (now + 1).into()),
        ("exp", Value::Null),
        ("sub", "usr_".into()),
        ("role", "king".into()),
        ("tenant", "no shop!".into()),
    ];
    for (claim, value) in wrong {
        let token = signed(&header, &changed(claims.clone(), claim, value.clone()));
        assert_eq!(shop.code(&token).await, "token_invalid", "{claim}: {value}");
    }
    assert_eq!(shop.code(&signed(&header, &changed(claims.clone(), "exp", now))).await, "token_expired");
    assert_eq!(shop.code(&signed(&header, &claims)).await, "let in", "the forging itself is right");
}

#[tokio::test]
async fn a_token_whose_claims_were_changed_is_refused() {
    let shop = Shop::open().await;
    let token = shop.token().await;
    assert_eq!(shop.code(&token).await, "let in", "and is remembered as checked");
    let (header, claims, signature) = taken_apart(&token);
    for (claim, value) in [("role", "admin"), ("sub", "usr_00000000000000000000000000000001"), ("tenant", "other")] {
        let token = forged(&header, &changed(claims.clone(), claim, value), |_| signature.clone());
        assert_eq!(shop.code(&token).await, "token_invalid", "{claim}");
    }
}

#[tokio::test]
async fn a_token_of_another_shop_is_refused() {
    let shop = Shop::with(&[("TENANT_DOMAIN", "shops.example")]).await;
    let other = Tenant::parse("other").unwrap();
    let token = shop.app.access_token(&other, &shop.user, shop.session.id).await.unwrap();
    assert_eq!(shop.code(&token).await, "forbidden");
    assert_eq!(shop.code(&shop.token().await).await, "let in");
}

#[tokio::test]
async fn what_is_no_token_is_refused() {
    let shop = Shop::open().await;
    let token = shop.token().await;
    let cut = token.rsplit_once('.').unwrap().0;
    for wrong in ["", ".", "..", "a.b.c", cut, &format!("{token}.x"), &format!("{token}="), &"a".repeat(100_000)] {
        assert_eq!(shop.code(wrong).await, "token_invalid");
    }
}
