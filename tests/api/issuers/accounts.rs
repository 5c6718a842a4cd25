//! Whose account a token of an issuer stands for, and how its end is told.

use futures_util::future::join_all;
use serde_json::json;

use super::{Issuer, Served, with_roles};
use crate::attacks::forge::with;
use crate::identity::people::{new_email, new_password};

on_every_engine!(
    an_equal_email_is_another_account,
    two_issuers_with_one_subject_are_two_accounts,
    many_first_requests_at_once_make_one_account,
    a_disabled_outside_account_is_refused,
    logging_out_everywhere_ends_the_tokens_that_were_issued_before,
);

async fn an_equal_email_is_another_account(shop: &Served, issuer: &Issuer) {
    let client = &shop.shop.client;
    let (email, password) = (new_email(), new_password());
    let body = json!({ "email": email, "password": password, "name": "Asha Rao" });
    let local = client.ask("POST", "/api/v1/auth/signup").json(&body).send().await.expect(201).json();
    let local = local["user"]["id"].as_str().unwrap();
    let claims = with(&shop.claims(issuer, "evil"), "email", json!(email));
    let claims = with(&with(&claims, "email_verified", json!(true)), "preferred_username", json!(email));
    let outside = shop.me(&issuer.key.sign(&claims)).await.expect(200).json();
    assert_ne!(outside["id"], local);
    assert!(outside["email"].is_null() && outside["email_verified"] == false, "{outside}");
    // Nor by naming the account itself.
    for subject in [local, &email] {
        assert_ne!(shop.id(&issuer.key.sign(&shop.claims(issuer, subject))).await, local);
    }
    let login = json!({ "email": email, "password": password });
    client.ask("POST", "/api/v1/auth/login").json(&login).send().await.expect(200);
}

async fn two_issuers_with_one_subject_are_two_accounts(shop: &Served, issuer: &Issuer) {
    let other = shop.issuer("its_roles_are_mapped_to_the_shops");
    let here = shop.id(&issuer.key.sign(&shop.claims(issuer, "the-same"))).await;
    let there = shop.id(&other.key.sign(&shop.claims(other, "the-same"))).await;
    assert_ne!(here, there);
    assert_eq!(shop.id(&issuer.key.sign(&shop.claims(issuer, "the-same"))).await, here);
    assert_ne!(shop.id(&issuer.key.sign(&shop.claims(issuer, "another"))).await, here);
}

async fn many_first_requests_at_once_make_one_account(shop: &Served, issuer: &Issuer) {
    let token = issuer.key.sign(&shop.claims(issuer, "eager"));
    let ids = join_all((0..10).map(|_| shop.id(&token))).await;
    assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
}

async fn a_disabled_outside_account_is_refused(shop: &Served, issuer: &Issuer) {
    let token = issuer.key.sign(&with_roles(&shop.claims(issuer, "gone"), &["shop-admin"]));
    let id = shop.id(&token).await;
    let set = async |status: &str| {
        let ask = shop.shop.client.ask("PATCH", &format!("/api/v1/admin/users/{id}")).token(&shop.admin);
        ask.json(&json!({ "status": status })).send().await.expect(200);
    };
    set("disabled").await;
    shop.me(&token).await.expect_problem(401, "account_disabled");
    shop.users(&token).await.expect_problem(401, "account_disabled");
    set("active").await;
    // What was issued before stays ended.
    shop.users(&token).await.expect_problem(401, "session_revoked");
    let later = with(&shop.claims(issuer, "gone"), "iat", json!(shop.now() + 1));
    shop.users(&issuer.key.sign(&with_roles(&later, &["shop-admin"]))).await.expect(200);
}

async fn logging_out_everywhere_ends_the_tokens_that_were_issued_before(shop: &Served, issuer: &Issuer) {
    let issued = |seconds: i64| {
        let claims = with_roles(&shop.claims(issuer, "asha"), &["shop-admin"]);
        issuer.key.sign(&with(&claims, "iat", json!(shop.now() + seconds)))
    };
    let (stolen, own) = (issued(-60), issued(0));
    shop.users(&stolen).await.expect(200);
    let everywhere = json!({ "all_devices": true });
    shop.shop.client.ask("POST", "/api/v1/auth/logout").token(&own).json(&everywhere).send().await.expect(204);
    for token in [&stolen, &own] {
        shop.me(token).await.expect_problem(401, "session_revoked");
        shop.users(token).await.expect_problem(401, "session_revoked");
    }
    shop.me(&issued(1)).await.expect(200);
}
