//! Logging in by e-mail address and password.

use serde_json::{Value, json};

use super::beside;
use super::people::{Person, login, new_email, new_password, new_phone, post, refresh, signup};
use crate::client::Answer;
use crate::world::{Shop, on_every_shop};

on_every_shop!(
    the_right_password_gives_user_and_tokens,
    a_wrong_password_and_an_unknown_email_are_told_alike,
    a_deleted_account_is_as_good_as_none,
    that_an_account_is_disabled_is_told_only_after_the_right_password,
    a_hash_of_old_parameters_is_made_anew_at_login,
    an_account_without_a_password_has_no_password_to_guess,
    a_wrong_login_names_each_field,
);

/// Of `OLD_PASSWORD`, with less memory and fewer rounds than the shop asks for.
const OLD_HASH: &str =
    "$argon2id$v=19$m=256,t=1,p=1$1gDMlSxzhY+8LWbrGvCdjw$/MxKEgVrMTD60+JwamWMeC/i5iYgEAYRciYS6zDqX3w";
const OLD_PASSWORD: &str = "monsoon over the western ghats";

async fn the_right_password_gives_user_and_tokens(shop: &Shop) {
    let (email, password) = (new_email(), new_password());
    let signed_up = signup(shop, &email, &password).await.expect(201).json();
    let answer = login(shop, &email, &password).await.expect(200);
    assert_eq!(answer.header("cache-control"), "no-store", "tokens must not lie in caches");
    let logged_in = answer.json();
    assert_eq!(logged_in["user"], signed_up["user"]);
    assert_eq!(logged_in["tokens"]["token_type"], "Bearer");
    assert_eq!(logged_in["tokens"]["expires_in"], 900);
    assert_ne!(logged_in["tokens"]["refresh_token"], signed_up["tokens"]["refresh_token"]);
    let person = Person::of(&answer, &email, &password);
    assert_eq!(person.me(shop).await["email"], email);
}

/// All that is told, but for the request's own id.
fn told(answer: Answer) -> Value {
    let mut problem = answer.expect_problem(401, "invalid_credentials");
    problem.as_object_mut().unwrap().remove("request_id");
    problem
}

async fn a_wrong_password_and_an_unknown_email_are_told_alike(shop: &Shop) {
    let (unproved, proved) = (Person::new(shop).await, Person::proved(shop).await);
    let unknown = login(shop, &new_email(), &new_password()).await;
    let names = |answer: &Answer| {
        let mut names: Vec<_> = answer.headers.keys().map(|name| name.as_str().to_owned()).collect();
        names.sort();
        names
    };
    let headers = names(&unknown);
    let unknown = told(unknown);
    for person in [unproved, proved] {
        let wrong = login(shop, &person.email, &new_password()).await;
        assert_eq!(names(&wrong), headers);
        assert_eq!(told(wrong), unknown);
    }
}

async fn a_deleted_account_is_as_good_as_none(shop: &Shop) {
    let person = Person::proved(shop).await;
    person.delete(shop, "users/me").await.expect(204);
    let deleted = told(login(shop, &person.email, &person.password).await);
    assert_eq!(deleted, told(login(shop, &new_email(), &new_password()).await));
    refresh(shop, &person.refresh).await.expect_problem(401, "session_revoked");
}

async fn that_an_account_is_disabled_is_told_only_after_the_right_password(shop: &Shop) {
    let person = Person::proved(shop).await;
    let disable = json!({ "status": "disabled" });
    let path = format!("/api/v1/admin/users/{}", person.id);
    shop.client.ask("PATCH", &path).token(&shop.admin).json(&disable).send().await.expect(200);
    told(login(shop, &person.email, &new_password()).await);
    login(shop, &person.email, &person.password).await.expect_problem(403, "account_disabled");
    refresh(shop, &person.refresh).await.expect(401);
}

async fn a_hash_of_old_parameters_is_made_anew_at_login(shop: &Shop) {
    let person = Person::new(shop).await;
    beside::edit_user(shop, &person.id, |user| drop(user.insert("password_hash".to_owned(), json!(OLD_HASH)))).await;
    login(shop, &person.email, &person.password).await.expect_problem(401, "invalid_credentials");
    assert_eq!(beside::user(shop, &person.id).await["password_hash"], OLD_HASH);
    login(shop, &person.email, OLD_PASSWORD).await.expect(200);
    let renewed = beside::user(shop, &person.id).await["password_hash"].as_str().unwrap().to_owned();
    assert!(renewed.starts_with("$argon2id$") && renewed != OLD_HASH, "{renewed}");
    login(shop, &person.email, OLD_PASSWORD).await.expect(200);
    assert_eq!(beside::user(shop, &person.id).await["password_hash"], renewed, "made anew without need");
}

async fn an_account_without_a_password_has_no_password_to_guess(shop: &Shop) {
    let phone = new_phone();
    Person::by_phone(shop, &phone).await;
    for password in ["", "null", "not the password"] {
        let answer = login(shop, &phone, password).await;
        assert!(answer.status.is_client_error(), "{answer:?}");
    }
}

async fn a_wrong_login_names_each_field(shop: &Shop) {
    post(shop, "auth/login", &json!({ "password": "x" })).await.expect_field(422, "validation_failed", "email");
    let body = json!({ "email": new_email() });
    post(shop, "auth/login", &body).await.expect_field(422, "validation_failed", "password");
    let body = json!({ "email": new_email(), "password": 7 });
    post(shop, "auth/login", &body).await.expect_field(422, "validation_failed", "password");
    let body = json!({ "email": new_email(), "password": "x", "role": "admin" });
    post(shop, "auth/login", &body).await.expect_field(422, "validation_failed", "role");
}
