//! Reaching for what is another's, and for more than one's own role.

use serde_json::{Value, json};

use super::code_of;
use crate::identity::people::{Person, new_email, new_password, post, refresh};
use crate::world::{Shop, on_every_shop};

on_every_shop!(
    anothers_address_is_not_there,
    anothers_session_is_not_there,
    a_role_in_the_sign_up_body_is_refused,
    a_role_in_the_profile_is_refused,
    nobody_raises_his_own_role,
    a_password_of_one_megabyte_is_refused,
    an_id_of_another_kind_is_not_there,
);

fn an_address(line1: &str) -> Value {
    json!({
        "label": "Home", "full_name": "Asha Rao", "phone": "+919876543210", "line1": line1,
        "city": "Bengaluru", "state": "Karnataka", "pincode": "560001",
    })
}

async fn anothers_address_is_not_there(shop: &Shop) {
    let (owner, stranger) = (Person::new(shop).await, Person::new(shop).await);
    let made = owner.send(shop, "POST", "users/me/addresses", &an_address("12 MG Road")).await.expect(201).json();
    let path = format!("users/me/addresses/{}", made["id"].as_str().unwrap());
    let before = owner.get(shop, &path).await.expect(200).json();

    stranger.get(shop, &path).await.expect_problem(404, "not_found");
    let put = stranger.send(shop, "PUT", &path, &an_address("1 Thieves Lane")).await;
    put.expect_problem(404, "not_found");
    stranger.delete(shop, &path).await.expect_problem(404, "not_found");
    let default = stranger.send(shop, "POST", &format!("{path}/default"), &json!({})).await;
    default.expect_problem(404, "not_found");

    assert_eq!(owner.get(shop, &path).await.expect(200).json(), before, "a stranger changed it");
    let theirs = stranger.get(shop, "users/me/addresses").await.expect(200).json();
    assert_eq!(theirs["data"], json!([]), "a stranger has it too");
}

async fn anothers_session_is_not_there(shop: &Shop) {
    let (owner, stranger) = (Person::new(shop).await, Person::new(shop).await);
    let path = format!("users/me/sessions/{}", owner.session());
    stranger.delete(shop, &path).await.expect_problem(404, "not_found");
    let sessions = stranger.get(shop, "users/me/sessions").await.expect(200).body;
    assert!(!sessions.contains(&owner.session()), "{sessions}");
    refresh(shop, &owner.refresh).await.expect(200);
    owner.delete(shop, &path).await.expect(204);
}

async fn a_role_in_the_sign_up_body_is_refused(shop: &Shop) {
    let (email, password) = (new_email(), new_password());
    let body = json!({ "email": email, "password": password, "name": "Asha Rao" });
    let more = [
        ("role", json!("admin")),
        ("roles", json!(["admin"])),
        ("email_verified", json!(true)),
        ("status", json!("active")),
        ("tenant", json!("spices")),
        ("id", json!("usr_00000000000000000000000000000001")),
    ];
    for (field, value) in more {
        let mut body = body.clone();
        body[field] = value;
        post(shop, "auth/signup", &body).await.expect_field(422, "validation_failed", field);
    }
    // Nothing was made meanwhile: without it the same body is taken, as a customer's.
    let made = post(shop, "auth/signup", &body).await.expect(201).json();
    assert_eq!(made["user"]["role"], "customer");
}

async fn a_role_in_the_profile_is_refused(shop: &Shop) {
    let person = Person::new(shop).await;
    let before = person.me(shop).await;
    let fields = [
        ("role", json!("admin")),
        ("status", json!("active")),
        ("email_verified", json!(true)),
        ("phone_verified", json!(true)),
        ("mfa_enabled", json!(true)),
        ("id", json!("usr_00000000000000000000000000000001")),
        ("sessions_since", json!("2020-01-01T00:00:00Z")),
    ];
    for (field, value) in fields {
        let body = json!({ "name": "Raised", field: value });
        let answer = person.send(shop, "PATCH", "users/me", &body).await;
        answer.expect_field(422, "validation_failed", field);
    }
    assert_eq!(person.me(shop).await, before);
}

async fn nobody_raises_his_own_role(shop: &Shop) {
    let person = Person::new(shop).await;
    for who in [person.id.as_str(), "me"] {
        let path = format!("admin/users/{who}");
        let answer = person.send(shop, "PATCH", &path, &json!({ "role": "admin" })).await;
        answer.expect_problem(403, "forbidden");
    }
    assert_eq!(person.me(shop).await["role"], "customer");
}

async fn a_password_of_one_megabyte_is_refused(shop: &Shop) {
    let person = Person::new(shop).await;
    let huge = "p".repeat(1_000_000);
    let signup = post(shop, "auth/signup", &json!({ "email": new_email(), "password": huge, "name": "Asha" })).await;
    signup.expect_field(422, "validation_failed", "password");
    // At the login it is a wrong password, or none at all; it is not worth hashing.
    let login = post(shop, "auth/login", &json!({ "email": person.email, "password": huge })).await;
    assert!(["invalid_credentials", "validation_failed"].contains(&code_of(&login).as_str()), "{login:?}");
    let body = json!({ "token": "x.y", "password": huge });
    let reset = post(shop, "auth/password/reset", &body).await;
    assert!(reset.status.is_client_error(), "{reset:?}");
    // More than a body may hold.
    let huger = "p".repeat(3_000_000);
    let login = post(shop, "auth/login", &json!({ "email": person.email, "password": huger })).await;
    login.expect_problem(413, "body_too_large");
}

async fn an_id_of_another_kind_is_not_there(shop: &Shop) {
    let person = Person::new(shop).await;
    let others = [person.id.clone(), person.session(), "adr_".to_owned(), "..%2f..%2fsessions".to_owned()];
    for id in others {
        let answer = person.get(shop, &format!("users/me/addresses/{id}")).await;
        assert_eq!(answer.status, 404, "{id}: {answer:?}");
    }
    let answer = shop.client.ask("GET", &format!("/api/v1/admin/users/{}", person.session())).token(&shop.admin);
    let answer = answer.send().await;
    assert_eq!(answer.status, 404, "{answer:?}");
}
