//! Which tokens of an issuer are taken, and which are not.

use serde_json::{Value, json};

use super::{AUDIENCE, Issuer, Served, refused};
use crate::attacks::forge::{self, Key, with};

on_every_engine!(
    a_token_of_each_kind_of_key_is_taken,
    a_token_that_is_not_for_us_or_not_for_now_is_refused,
    an_issuer_speaks_only_for_itself,
    a_key_is_good_for_its_own_algorithm_alone,
);

async fn a_token_of_each_kind_of_key_is_taken(shop: &Served, issuer: &Issuer) {
    let (rsa, ed) = (Key::rsa("rsa"), Key::ed25519("ed"));
    issuer.publish(&rsa);
    issuer.publish(&ed);
    let claims = shop.claims(issuer, "asha");
    let mut ids = Vec::new();
    for key in [&rsa, &ed, &issuer.key] {
        let me = shop.me(&key.sign(&claims)).await.expect(200).json();
        assert_eq!((&me["role"], &me["name"], &me["email"]), (&json!("customer"), &json!("Asha Rao"), &Value::Null));
        ids.push(me["id"].as_str().unwrap().to_owned());
    }
    assert!(ids.iter().all(|id| *id == ids[0]) && ids[0].starts_with("usr_"), "{ids:?}");
    // Keycloak names several audiences, Cognito a client.
    let several = with(&claims, "aud", json!(["account", AUDIENCE]));
    let client = with(&with(&claims, "aud", Value::Null), "client_id", json!(AUDIENCE));
    for claims in [several, client] {
        assert_eq!(shop.id(&rsa.sign(&claims)).await, ids[0]);
    }
    // What they have is theirs.
    let address = json!({
        "label": "Home", "full_name": "Asha Rao", "phone": "+919876543210", "line1": "12 MG Road",
        "city": "Bengaluru", "state": "Karnataka", "pincode": "560001",
    });
    let post = shop.shop.client.ask("POST", "/api/v1/users/me/addresses").token(&ed.sign(&claims)).json(&address);
    post.send().await.expect(201);
    let list = shop.shop.client.ask("GET", "/api/v1/users/me/addresses").token(&rsa.sign(&claims)).send().await;
    assert_eq!(list.expect(200).json()["data"].as_array().unwrap().len(), 1);
}

async fn a_token_that_is_not_for_us_or_not_for_now_is_refused(shop: &Served, issuer: &Issuer) {
    let claims = shop.claims(issuer, "asha");
    let now = shop.now();
    shop.me(&issuer.key.sign(&claims)).await.expect(200);
    // Their clock is another's: half a minute is overlooked.
    for (name, value) in [("exp", now - 10), ("nbf", now + 20)] {
        shop.me(&issuer.key.sign(&with(&claims, name, json!(value)))).await.expect(200);
    }
    let late = issuer.key.sign(&with(&claims, "exp", json!(now - 60)));
    shop.me(&late).await.expect_problem(401, "token_expired");
    let wrong = [
        ("nbf", json!(now + 600)),
        ("nbf", json!("soon")),
        ("exp", Value::Null),
        ("exp", json!("never")),
        ("aud", json!("another-client")),
        ("aud", json!(["another-client"])),
        ("aud", Value::Null),
        ("iss", json!("https://id.example/nobody")),
        ("iss", Value::Null),
        ("sub", Value::Null),
        ("sub", json!("")),
        ("sub", json!("s".repeat(300))),
    ];
    for (name, value) in wrong {
        refused(shop.me(&issuer.key.sign(&with(&claims, name, value))).await);
    }
}

async fn an_issuer_speaks_only_for_itself(shop: &Served, issuer: &Issuer) {
    // A key of this issuer's own, that no other one has.
    let own = Key::ed25519("own");
    issuer.publish(&own);
    let claims = shop.claims(issuer, "asha");
    shop.me(&own.sign(&claims)).await.expect(200);
    let other = shop.issuer("its_roles_are_mapped_to_the_shops");
    refused(shop.me(&own.sign(&with(&claims, "iss", json!(other.name)))).await);
    // Nor for the shop, with all that its tokens say.
    let (_, ours) = forge::parts(&shop.admin);
    refused(shop.me(&own.sign(&ours)).await);
    refused(shop.me(&own.sign(&with(&ours, "iss", json!(issuer.name)))).await);
    // And the shop's key signs no issuer's tokens.
    refused(shop.me(&Key::of_the_shop().sign(&claims)).await);
}

async fn a_key_is_good_for_its_own_algorithm_alone(shop: &Served, issuer: &Issuer) {
    let keys = [Key::rsa("rsa"), Key::p256("ec"), Key::ed25519("ed")];
    for key in &keys {
        issuer.publish(key);
    }
    let claims = shop.claims(issuer, "asha");
    for key in &keys {
        shop.me(&key.sign(&claims)).await.expect(200);
        for public in [key.public(), key.jwk().to_string().into_bytes(), Vec::new()] {
            refused(shop.me(&forge::hs256(&key.kid, &claims, &public)).await);
        }
        let unsigned = forge::unsigned(&with(&key.header(), "alg", json!("none")), &claims);
        refused(shop.me(&format!("{unsigned}.")).await);
        for other in keys.iter().filter(|other| other.kid != key.kid) {
            refused(shop.me(&key.sign_under(&other.header(), &claims)).await);
        }
    }
}
