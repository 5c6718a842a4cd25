//! Access tokens that nobody gave out, or gave out for something else.

use bharatmart_core::{Role, Tenant};
use serde_json::{Value, json};

use super::forge::{self, Key, with};
use super::me;
use crate::identity::people::{Person, refresh};
use crate::world::{Shop, host, on_every_shop};

on_every_shop!(
    a_token_that_names_no_algorithm_is_refused,
    a_token_signed_by_hmac_with_the_public_key_is_refused,
    a_token_of_an_unknown_key_is_refused,
    a_token_that_brings_its_own_key_is_refused,
    an_expired_token_is_refused,
    a_token_that_is_not_yet_valid_is_refused,
    a_token_of_another_issuer_is_refused,
    a_token_for_another_audience_is_refused,
    a_changed_payload_is_refused,
    a_role_raised_in_the_payload_is_refused,
    a_token_of_another_tenant_is_refused,
    a_refresh_token_is_no_access_token_nor_the_reverse,
    a_token_of_an_ended_session_manages_nothing,
    what_is_no_token_at_all_is_refused,
);

/// The shop's own key, and claims it takes when they are signed with it: so what is refused below is refused for what
/// was changed.
async fn genuine(shop: &Shop) -> (Key, Value, String) {
    let person = Person::new(shop).await;
    let key = Key::of_the_shop();
    let (header, claims) = forge::parts(&person.access);
    assert_eq!(header, key.header());
    me(shop, &key.sign(&claims)).await.expect(200);
    (key, claims, person.access)
}

async fn refused(shop: &Shop, token: &str) {
    me(shop, token).await.expect_problem(401, "token_invalid");
}

async fn a_token_that_names_no_algorithm_is_refused(shop: &Shop) {
    let (key, claims, token) = genuine(shop).await;
    for alg in ["none", "None", "NONE", "nOnE", ""] {
        let unsigned = forge::unsigned(&with(&key.header(), "alg", json!(alg)), &claims);
        refused(shop, &unsigned).await;
        refused(shop, &format!("{unsigned}.")).await;
        refused(shop, &format!("{unsigned}.{}", forge::signature_of(&token))).await;
    }
    // The right algorithm, and no signature.
    refused(shop, &format!("{}.", forge::unsigned(&key.header(), &claims))).await;
}

async fn a_token_signed_by_hmac_with_the_public_key_is_refused(shop: &Shop) {
    let (key, claims, _) = genuine(shop).await;
    for spelling in key.public_in_all_spellings() {
        refused(shop, &forge::hs256(&key.kid, &claims, &spelling)).await;
    }
}

async fn a_token_of_an_unknown_key_is_refused(shop: &Shop) {
    let (key, claims, _) = genuine(shop).await;
    let long = "k".repeat(2_000);
    for kid in ["nobody", "", "../../dev/null", "' OR 1=1 --", "development\0", &long] {
        refused(shop, &key.sign_under(&with(&key.header(), "kid", json!(kid)), &claims)).await;
        refused(shop, &Key::ed25519(kid).sign(&claims)).await;
    }
    refused(shop, &key.sign_under(&with(&key.header(), "kid", Value::Null), &claims)).await;
    refused(shop, &Key::ed25519(&key.kid).sign(&claims)).await;
    refused(shop, &Key::p256(&key.kid).sign(&claims)).await;
    // Many of them keep nobody out.
    me(shop, &key.sign(&claims)).await.expect(200);
}

async fn a_token_that_brings_its_own_key_is_refused(shop: &Shop) {
    let (key, claims, _) = genuine(shop).await;
    for kid in [key.kid.as_str(), "mine"] {
        let mine = Key::ed25519(kid);
        let brought = with(&mine.header(), "jwk", mine.jwk());
        let pointed = with(&mine.header(), "jku", json!("http://127.0.0.1:1/jwks.json"));
        let certified = with(&mine.header(), "x5u", json!("http://127.0.0.1:1/certificate.pem"));
        for header in [brought, pointed, certified] {
            refused(shop, &mine.sign_under(&header, &claims)).await;
        }
    }
}

async fn an_expired_token_is_refused(shop: &Shop) {
    let (key, claims, _) = genuine(shop).await;
    let issued = claims["iat"].as_i64().unwrap();
    assert_eq!(claims["exp"], issued + 900, "a token lives a quarter of an hour");
    for exp in [issued - 1, issued - 86_400, 0] {
        let token = key.sign(&with(&claims, "exp", json!(exp)));
        me(shop, &token).await.expect_problem(401, "token_expired");
    }
    for exp in [Value::Null, json!("9999999999"), json!([]), json!(-1.5e300)] {
        refused(shop, &key.sign(&with(&claims, "exp", exp))).await;
    }
}

async fn a_token_that_is_not_yet_valid_is_refused(shop: &Shop) {
    let (key, claims, _) = genuine(shop).await;
    let issued = claims["iat"].as_i64().unwrap();
    refused(shop, &key.sign(&with(&claims, "nbf", json!(issued + 600)))).await;
}

async fn a_token_of_another_issuer_is_refused(shop: &Shop) {
    let (key, claims, _) = genuine(shop).await;
    let ours = claims["iss"].as_str().unwrap();
    for iss in [json!("https://evil.example"), json!(format!("{ours}/")), json!(""), json!([ours]), Value::Null] {
        refused(shop, &key.sign(&with(&claims, "iss", iss))).await;
    }
}

async fn a_token_for_another_audience_is_refused(shop: &Shop) {
    let (key, claims, _) = genuine(shop).await;
    for aud in [json!("another-shop"), json!(""), json!(["another-shop"]), Value::Null] {
        refused(shop, &key.sign(&with(&claims, "aud", aud))).await;
    }
}

async fn a_changed_payload_is_refused(shop: &Shop) {
    let (key, claims, token) = genuine(shop).await;
    let victim = Person::new(shop).await;
    let (_, of_victim) = forge::parts(&victim.access);
    let exp = claims["exp"].as_i64().unwrap();
    let changes = [("sub", of_victim["sub"].clone()), ("sid", of_victim["sid"].clone()), ("exp", json!(exp + 1))];
    for (name, value) in changes.into_iter().chain([("role", json!("admin")), ("tenant", json!("spices"))]) {
        let changed = forge::unsigned(&key.header(), &with(&claims, name, value));
        refused(shop, &format!("{changed}.{}", forge::signature_of(&token))).await;
    }
    // The claims of one token under the signature of another.
    let (head, _) = victim.access.rsplit_once('.').unwrap();
    refused(shop, &format!("{head}.{}", forge::signature_of(&token))).await;
}

async fn a_role_raised_in_the_payload_is_refused(shop: &Shop) {
    let (key, claims, token) = genuine(shop).await;
    let list = |token: String| shop.client.ask("GET", "/api/v1/admin/users").token(&token).send();
    list(token.clone()).await.expect_problem(403, "forbidden");
    for role in ["admin", "support"] {
        let raised = with(&claims, "role", json!(role));
        let pasted = format!("{}.{}", forge::unsigned(&key.header(), &raised), forge::signature_of(&token));
        list(pasted).await.expect_problem(401, "token_invalid");
        // Rightly signed, as one given out before the role was taken away would be: the account is asked.
        list(key.sign(&raised)).await.expect_problem(401, "session_revoked");
    }
    for role in ["king", "Admin", ""] {
        list(key.sign(&with(&claims, "role", json!(role)))).await.expect_problem(401, "token_invalid");
    }
}

async fn a_token_of_another_tenant_is_refused(shop: &Shop) {
    let (key, claims, token) = genuine(shop).await;
    let spices = Tenant::parse("spices").unwrap();
    let theirs = shop.somebody(Role::Admin, &spices).await;
    for path in ["/api/v1/users/me", "/api/v1/admin/users"] {
        let ask = shop.client.ask("GET", path).token(&theirs.token);
        ask.send().await.expect_problem(403, "forbidden");
        let there = || shop.client.ask("GET", path).header("host", &host(&spices));
        there().token(&token).send().await.expect_problem(403, "forbidden");
        there().token(&theirs.token).send().await.expect(200);
    }
    // Nobody of this name lives there.
    let moved = key.sign(&with(&with(&claims, "tenant", json!("spices")), "role", json!("admin")));
    let ask = shop.client.ask("GET", "/api/v1/admin/users").header("host", &host(&spices)).token(&moved);
    ask.send().await.expect_problem(401, "session_revoked");
    for tenant in [json!("Not A Tenant"), json!(""), Value::Null] {
        refused(shop, &key.sign(&with(&claims, "tenant", tenant))).await;
    }
}

async fn a_refresh_token_is_no_access_token_nor_the_reverse(shop: &Shop) {
    let person = Person::new(shop).await;
    refused(shop, &person.refresh).await;
    refresh(shop, &person.access).await.expect_problem(401, "token_invalid");
    // Neither attempt cost its owner anything.
    refresh(shop, &person.refresh).await.expect(200);
    me(shop, &person.access).await.expect(200);
}

async fn a_token_of_an_ended_session_manages_nothing(shop: &Shop) {
    let support = shop.somebody(Role::Support, &Tenant::main()).await;
    let list = || shop.client.ask("GET", "/api/v1/admin/users").token(&support.token).send();
    list().await.expect(200);
    let logout = shop.client.ask("POST", "/api/v1/auth/logout").token(&support.token).json(&json!({}));
    logout.send().await.expect(204);
    list().await.expect_problem(401, "session_revoked");
}

async fn what_is_no_token_at_all_is_refused(shop: &Shop) {
    for garbage in ["x", "x.y", "..", "a.b.c.d", "e30.e30.", "e30.e30.e30", &"A".repeat(4_000)] {
        refused(shop, garbage).await;
    }
    for header in ["Bearer", "Bearer ", "Basic YTpi", "token"] {
        let answer = shop.client.ask("GET", "/api/v1/users/me").header("authorization", header).send().await;
        assert_eq!(answer.status, 401, "{header:?}: {answer:?}");
    }
}
