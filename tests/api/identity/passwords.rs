//! A forgotten password, and one that is changed.

use std::time::Duration;

use bharatmart_core::identity::{CODE, Purpose};
use serde_json::json;

use super::beside;
use super::people::{Person, login, mailed_token, messages, new_email, new_password, new_phone, post, refresh};
use crate::client::Answer;
use crate::world::{Shop, on_every_shop};

on_every_shop!(
    asking_for_a_new_password_tells_nothing_of_the_account,
    the_mailed_token_sets_a_new_password_once,
    the_token_is_good_for_an_hour,
    only_the_newest_token_is_good,
    a_weak_new_password_is_refused_and_the_token_stays_good,
    a_new_password_ends_every_session,
    a_changed_password_asks_for_the_old_one_and_keeps_this_session,
    wrong_old_passwords_are_counted,
    a_changed_password_makes_the_mailed_token_worthless,
    the_owner_is_told_of_a_new_password,
    an_account_without_a_password_is_given_its_first,
);

async fn forgot(shop: &Shop, email: &str) -> Answer {
    post(shop, "auth/password/forgot", &json!({ "email": email })).await
}

async fn forgotten(shop: &Shop, person: &Person, former: Option<&str>) -> String {
    forgot(shop, &person.email).await.expect(202);
    mailed_token(shop, &person.email, "reset_password", former).await
}

pub async fn reset(shop: &Shop, token: &str, password: &str) -> Answer {
    post(shop, "auth/password/reset", &json!({ "token": token, "password": password })).await
}

async fn change(shop: &Shop, person: &Person, old: &str, new: &str) -> Answer {
    let body = json!({ "old_password": old, "new_password": new });
    person.send(shop, "POST", "auth/password/change", &body).await
}

async fn asking_for_a_new_password_tells_nothing_of_the_account(shop: &Shop) {
    let (proved, unproved) = (Person::proved(shop).await, Person::new(shop).await);
    let unknown = new_email();
    let expected = forgot(shop, &unknown).await.expect(202).body;
    for email in [&proved.email, &unproved.email, &proved.email.to_uppercase()] {
        assert_eq!(forgot(shop, email).await.expect(202).body, expected);
    }
    mailed_token(shop, &proved.email, "reset_password", None).await;
    assert!(messages(shop, &unknown).await.is_empty(), "a stranger was written to");
    forgot(shop, "no address").await.expect_field(422, "validation_failed", "email");
}

async fn the_mailed_token_sets_a_new_password_once(shop: &Shop) {
    let person = Person::proved(shop).await;
    let (token, password) = (forgotten(shop, &person, None).await, new_password());
    reset(shop, &token, &password).await.expect(204);
    login(shop, &person.email, &password).await.expect(200);
    login(shop, &person.email, &person.password).await.expect_problem(401, "invalid_credentials");
    reset(shop, &token, &new_password()).await.expect_refusal("token_invalid");
    login(shop, &person.email, &password).await.expect(200);
}

async fn the_token_is_good_for_an_hour(shop: &Shop) {
    let person = Person::proved(shop).await;
    let token = forgotten(shop, &person, None).await;
    let code = beside::read(shop, &CODE, &Purpose::ResetPassword.key(&person.id)).await.unwrap();
    let life = beside::life(shop, &code);
    assert!(life > Duration::from_secs(3500) && life <= Duration::from_secs(3600), "{life:?}");
    assert!(!json!(code).to_string().contains(token.split_once('.').unwrap().1), "it is kept in clear");
    beside::expire_code(shop, Purpose::ResetPassword, &person.id).await;
    reset(shop, &token, &new_password()).await.expect_refusal("token_expired");
    person.on_another_device(shop).await;
}

async fn only_the_newest_token_is_good(shop: &Shop) {
    let person = Person::proved(shop).await;
    let older = forgotten(shop, &person, None).await;
    let newer = forgotten(shop, &person, Some(&older)).await;
    reset(shop, &older, &new_password()).await.expect_refusal("token_invalid");
    reset(shop, &newer, &new_password()).await.expect(204);
}

async fn a_weak_new_password_is_refused_and_the_token_stays_good(shop: &Shop) {
    let person = Person::proved(shop).await;
    let token = forgotten(shop, &person, None).await;
    for weak in ["short", "password123", &"x".repeat(1025)] {
        reset(shop, &token, weak).await.expect_field(422, "validation_failed", "password");
    }
    reset(shop, &token, &new_password()).await.expect(204);
}

async fn a_new_password_ends_every_session(shop: &Shop) {
    let person = Person::proved(shop).await;
    let other = person.on_another_device(shop).await;
    let (token, password) = (forgotten(shop, &person, None).await, new_password());
    reset(shop, &token, &password).await.expect(204);
    for session in [&person, &other] {
        refresh(shop, &session.refresh).await.expect_problem(401, "session_revoked");
    }
    let again = Person { password, ..person }.on_another_device(shop).await;
    again.refreshed(shop).await;
}

async fn a_changed_password_asks_for_the_old_one_and_keeps_this_session(shop: &Shop) {
    let person = Person::proved(shop).await;
    let other = person.on_another_device(shop).await;
    let password = new_password();
    change(shop, &person, &new_password(), &password).await.expect_refusal("invalid_credentials");
    change(shop, &person, &person.password, "short").await.expect_field(422, "validation_failed", "new_password");
    change(shop, &person, &person.password, &password).await.expect(204);
    person.refreshed(shop).await.me(shop).await;
    refresh(shop, &other.refresh).await.expect_problem(401, "session_revoked");
    login(shop, &person.email, &person.password).await.expect_problem(401, "invalid_credentials");
    login(shop, &person.email, &password).await.expect(200);
    post(shop, "auth/password/change", &json!({})).await.expect_problem(401, "token_missing");
}

/// Somebody with a stolen access token does not guess on.
async fn wrong_old_passwords_are_counted(shop: &Shop) {
    let person = Person::proved(shop).await;
    for _ in 0..5 {
        change(shop, &person, "not the password", &new_password()).await.expect_refusal("invalid_credentials");
    }
    let locked = change(shop, &person, &person.password, &new_password()).await;
    locked.expect_wait(900);
    locked.expect_problem(429, "account_locked");
}

async fn a_changed_password_makes_the_mailed_token_worthless(shop: &Shop) {
    let person = Person::proved(shop).await;
    let token = forgotten(shop, &person, None).await;
    let password = new_password();
    change(shop, &person, &person.password, &password).await.expect(204);
    reset(shop, &token, &new_password()).await.expect_refusal("token_invalid");
    login(shop, &person.email, &password).await.expect(200);
}

async fn the_owner_is_told_of_a_new_password(shop: &Shop) {
    let person = Person::proved(shop).await;
    let (before, password) = (messages(shop, &person.email).await.len(), new_password());
    change(shop, &person, &person.password, &password).await.expect(204);
    let told = super::people::awaited("the owner is written to", async || {
        let messages = messages(shop, &person.email).await;
        (messages.len() > before).then(|| messages[0].clone())
    })
    .await;
    assert!(!told.to_string().contains(&password), "{told}");
}

async fn an_account_without_a_password_is_given_its_first(shop: &Shop) {
    let person = Person::by_phone(shop, &new_phone()).await;
    let password = new_password();
    let first = json!({ "new_password": password });
    person.send(shop, "POST", "auth/password/change", &first).await.expect(204);
    // From now on there is one to ask for.
    change(shop, &person, "not the password", &new_password()).await.expect_problem(401, "invalid_credentials");
    change(shop, &person, &password, &new_password()).await.expect(204);
}
