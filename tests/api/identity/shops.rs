//! Several shops in one deployment: whoever has an account in two has two accounts.

use bharatmart_core::{Role, Tenant};
use serde_json::{Value, json};

use super::people::{Person, new_email, new_password, prove};
use crate::client::Answer;
use crate::world::{Shop, host, on_every_shop};

on_every_shop!(
    one_email_in_two_shops_is_two_accounts,
    a_token_of_one_shop_is_not_taken_in_the_other,
    a_proof_of_one_shop_proves_nothing_in_the_other,
    an_admin_of_one_shop_sees_nobody_of_the_other,
    wrong_passwords_in_one_shop_lock_nobody_in_the_other,
);

fn there() -> Tenant {
    Tenant::parse("spices").unwrap()
}

async fn post(shop: &Shop, tenant: &Tenant, path: &str, body: &Value) -> Answer {
    shop.client.ask("POST", &format!("/api/v1/{path}")).header("host", &host(tenant)).json(body).send().await
}

async fn signup(shop: &Shop, tenant: &Tenant, email: &str, password: &str) -> Person {
    let body = json!({ "email": email, "password": password, "name": "Asha Rao" });
    Person::of(&post(shop, tenant, "auth/signup", &body).await.expect(201), email, password)
}

async fn login(shop: &Shop, tenant: &Tenant, person: &Person) -> Answer {
    post(shop, tenant, "auth/login", &json!({ "email": person.email, "password": person.password })).await
}

async fn one_email_in_two_shops_is_two_accounts(shop: &Shop) {
    let here = Person::proved(shop).await;
    login(shop, &there(), &here).await.expect_problem(401, "invalid_credentials");
    let other = signup(shop, &there(), &here.email, &new_password()).await;
    assert_ne!(here.id, other.id);
    assert_eq!(login(shop, &there(), &other).await.expect(200).json()["user"]["id"], other.id.as_str());
    login(shop, &Tenant::main(), &other).await.expect_problem(401, "invalid_credentials");
    login(shop, &Tenant::main(), &here).await.expect(200);
}

async fn a_token_of_one_shop_is_not_taken_in_the_other(shop: &Shop) {
    let here = Person::new(shop).await;
    let other = signup(shop, &there(), &new_email(), &new_password()).await;
    for (tenant, token) in [(there(), &here.access), (Tenant::main(), &other.access)] {
        let ask = shop.client.ask("GET", "/api/v1/users/me").header("host", &host(&tenant)).token(token);
        let answer = ask.send().await;
        assert!([401, 403].contains(&answer.status.as_u16()), "{answer:?}");
    }
    for (tenant, token) in [(there(), &here.refresh), (Tenant::main(), &other.refresh)] {
        post(shop, &tenant, "auth/token/refresh", &json!({ "refresh_token": token })).await.expect(401);
    }
    // And in its own it still is.
    here.refreshed(shop).await;
    post(shop, &there(), "auth/token/refresh", &json!({ "refresh_token": other.refresh })).await.expect(200);
}

async fn a_proof_of_one_shop_proves_nothing_in_the_other(shop: &Shop) {
    let other = signup(shop, &there(), &new_email(), &new_password()).await;
    let token = super::people::mailed_token(shop, &other.email, "verify_email", None).await;
    prove(shop, &token).await.expect_refusal("token_invalid");
    post(shop, &there(), "auth/email/verify", &json!({ "token": token })).await.expect(200);
    super::people::signup(shop, &other.email, &new_password()).await.expect(201);
}

async fn an_admin_of_one_shop_sees_nobody_of_the_other(shop: &Shop) {
    let (here, admin) = (Person::new(shop).await, shop.somebody(Role::Admin, &there()).await);
    for path in [format!("/api/v1/admin/users/{}", here.id), "/api/v1/admin/users?limit=100".to_owned()] {
        let answer = shop.client.ask("GET", &path).header("host", &host(&there())).token(&admin.token).send().await;
        assert!(!answer.body.contains(&here.email), "{answer:?}");
        assert!(!answer.body.contains(&shop_admin_id(shop)), "{answer:?}");
    }
}

fn shop_admin_id(shop: &Shop) -> String {
    super::people::claims(&shop.admin)["sub"].as_str().unwrap().to_owned()
}

async fn wrong_passwords_in_one_shop_lock_nobody_in_the_other(shop: &Shop) {
    let here = Person::new(shop).await;
    let wrong = json!({ "email": here.email, "password": "not the password" });
    for _ in 0..6 {
        post(shop, &there(), "auth/login", &wrong).await;
    }
    post(shop, &there(), "auth/login", &wrong).await.expect_problem(429, "account_locked");
    here.on_another_device(shop).await;
}
