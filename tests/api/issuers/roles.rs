//! What an issuer says about roles, and for which shop.

use serde_json::{Value, json};

use super::{DOMAIN, Issuer, Served, with_roles};
use crate::attacks::forge::with;

on_every_engine!(
    its_roles_are_mapped_to_the_shops,
    a_role_counts_only_while_the_token_says_so,
    an_issuer_of_one_shop_is_nobody_in_another,
    an_admin_does_not_change_the_role_an_issuer_gave,
);

async fn its_roles_are_mapped_to_the_shops(shop: &Served, issuer: &Issuer) {
    let role = async |subject: &str, roles: Value| {
        let claims = with(&shop.claims(issuer, subject), "realm_access", roles);
        shop.me(&issuer.key.sign(&claims)).await.expect(200).json()["role"].as_str().unwrap().to_owned()
    };
    assert_eq!(role("r1", json!({ "roles": ["offline_access", "shop-admin"] })).await, "admin");
    assert_eq!(role("r2", json!({ "roles": ["shop-support"] })).await, "support");
    assert_eq!(role("r3", json!({ "roles": "shop-support" })).await, "support");
    // The shop's own words mean nothing in an issuer's mouth, nor do others in another place.
    for (nth, roles) in
        [json!({ "roles": ["admin"] }), json!({ "roles": [] }), json!({}), json!("shop-admin"), json!(7)]
            .into_iter()
            .enumerate()
    {
        assert_eq!(role(&format!("c{nth}"), roles.clone()).await, "customer", "{roles}");
    }
    let claims = with(&with(&shop.claims(issuer, "c9"), "role", json!("admin")), "roles", json!(["shop-admin"]));
    let claims = with(&claims, "tenant", json!("spices"));
    let token = issuer.key.sign(&claims);
    assert_eq!(shop.me(&token).await.expect(200).json()["role"], "customer");
    shop.users(&token).await.expect_problem(403, "forbidden");
}

async fn a_role_counts_only_while_the_token_says_so(shop: &Served, issuer: &Issuer) {
    let claims = shop.claims(issuer, "boss");
    let admin = issuer.key.sign(&with_roles(&claims, &["shop-admin"]));
    shop.users(&admin).await.expect(200);
    let former = issuer.key.sign(&with_roles(&claims, &[]));
    shop.users(&former).await.expect_problem(403, "forbidden");
    shop.me(&former).await.expect(200);
}

async fn an_issuer_of_one_shop_is_nobody_in_another(shop: &Served, issuer: &Issuer) {
    let spices = format!("spices.{DOMAIN}");
    let users = async |token: &str, host: &str| {
        shop.shop.client.ask("GET", "/api/v1/admin/users").token(token).header("host", host).send().await
    };
    let theirs = issuer.key.sign(&with_roles(&shop.claims(issuer, "boss"), &["shop-admin"]));
    users(&theirs, &spices).await.expect(200);
    for host in [DOMAIN.to_owned(), format!("main.{DOMAIN}"), format!("another.{DOMAIN}")] {
        users(&theirs, &host).await.expect_problem(403, "forbidden");
    }
    // Nor is the admin of the main shop's issuer one there.
    let ours = shop.issuer("its_roles_are_mapped_to_the_shops");
    let main = ours.key.sign(&with_roles(&shop.claims(ours, "head"), &["shop-admin"]));
    users(&main, DOMAIN).await.expect(200);
    users(&main, &spices).await.expect_problem(403, "forbidden");
}

async fn an_admin_does_not_change_the_role_an_issuer_gave(shop: &Served, issuer: &Issuer) {
    let id = shop.id(&issuer.key.sign(&shop.claims(issuer, "asha"))).await;
    let ask = shop.shop.client.ask("PATCH", &format!("/api/v1/admin/users/{id}")).token(&shop.admin);
    ask.json(&json!({ "role": "seller" })).send().await.expect_problem(409, "role_from_issuer");
}
