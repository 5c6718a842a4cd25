//! One's own account: seen, changed, deleted.

use bharatmart_core::identity::{CODE, Purpose};
use serde_json::json;

use super::beside;
use super::people::{
    Person, login, mailed_token, messages, new_email, new_password, new_phone, prove, refresh, signup,
};
use crate::world::{Shop, on_every_shop};

on_every_shop!(
    a_profile_shows_who_one_is_and_nothing_secret,
    name_phone_and_picture_are_changed,
    what_is_wrong_is_named_and_nothing_is_changed,
    a_new_email_holds_only_once_it_is_proved,
    a_new_email_that_is_anothers_is_answered_like_a_free_one,
    a_change_of_an_older_version_is_refused,
    a_deleted_account_is_gone_for_its_owner_and_kept_for_its_orders,
    the_email_of_a_deleted_account_is_free,
    a_profile_asks_for_a_login,
);

async fn a_profile_shows_who_one_is_and_nothing_secret(shop: &Shop) {
    let person = Person::new(shop).await;
    let answer = person.get(shop, "users/me").await.expect(200);
    let me = answer.json();
    for (field, value) in [
        ("id", json!(person.id)),
        ("email", json!(person.email)),
        ("name", json!("Asha Rao")),
        ("phone", json!(null)),
        ("role", json!("customer")),
        ("email_verified", json!(false)),
        ("phone_verified", json!(false)),
        ("mfa_enabled", json!(false)),
        ("picture", json!(null)),
    ] {
        assert_eq!(me[field], value, "{field} of {me}");
    }
    assert!(me["created_at"].as_str().unwrap().ends_with('Z'), "{me}");
    assert!(!answer.body.contains("argon2") && !answer.body.contains("sessions_since"), "{me}");
    assert!(!answer.header("cache-control").contains("public"));
    let etag = answer.header("etag");
    person.ask(shop, "GET", "users/me").header("if-none-match", etag).send().await.expect(304);
}

async fn name_phone_and_picture_are_changed(shop: &Shop) {
    let person = Person::proved(shop).await;
    let phone = new_phone();
    let change = json!({ "name": "आशा राव", "phone": phone, "picture": "https://img.example/asha.webp" });
    let changed = person.send(shop, "PATCH", "users/me", &change).await.expect(200).json();
    assert_eq!(person.me(shop).await, changed);
    assert_eq!((&changed["name"], &changed["phone"]), (&change["name"], &change["phone"]), "{changed}");
    assert_eq!((&changed["picture"], &changed["phone_verified"]), (&change["picture"], &json!(false)), "{changed}");
    let changed = person.send(shop, "PATCH", "users/me", &json!({ "picture": null })).await.expect(200).json();
    assert_eq!((&changed["picture"], &changed["name"]), (&json!(null), &change["name"]), "{changed}");
}

async fn what_is_wrong_is_named_and_nothing_is_changed(shop: &Shop) {
    let person = Person::new(shop).await;
    let before = person.me(shop).await;
    for (field, value) in [
        ("name", json!("")),
        ("name", json!("x".repeat(101))),
        ("email", json!("asha@")),
        ("phone", json!("12345")),
        ("picture", json!("javascript:alert(1)")),
        ("role", json!("admin")),
        ("email_verified", json!(true)),
        ("status", json!("active")),
        ("id", json!("usr_00000000000000000000000000000000")),
    ] {
        let mut body = json!({ "name": "Somebody Else" });
        body[field] = value;
        person.send(shop, "PATCH", "users/me", &body).await.expect_field(422, "validation_failed", field);
    }
    assert_eq!(person.me(shop).await, before);
}

async fn a_new_email_holds_only_once_it_is_proved(shop: &Shop) {
    let person = Person::proved(shop).await;
    let next = new_email();
    let changed = person.send(shop, "PATCH", "users/me", &json!({ "email": next.to_uppercase() })).await.expect(200);
    assert_eq!(changed.json()["email"], person.email);
    let token = mailed_token(shop, &next, "verify_email", None).await;
    login(shop, &next, &person.password).await.expect_problem(401, "invalid_credentials");
    person.on_another_device(shop).await;
    signup(shop, &person.email, &new_password()).await.expect_problem(409, "email_taken");

    prove(shop, &token).await.expect(200);
    let me = person.me(shop).await;
    assert_eq!((&me["email"], &me["email_verified"]), (&json!(next), &json!(true)), "{me}");
    login(shop, &next, &person.password).await.expect(200);
    login(shop, &person.email, &person.password).await.expect_problem(401, "invalid_credentials");
    // The former is free again.
    signup(shop, &person.email, &new_password()).await.expect(201);
    signup(shop, &next, &new_password()).await.expect_problem(409, "email_taken");
}

async fn a_new_email_that_is_anothers_is_answered_like_a_free_one(shop: &Shop) {
    let (owner, other) = (Person::proved(shop).await, Person::proved(shop).await);
    let ask = |email: &str| {
        let body = json!({ "email": email });
        let other = &other;
        async move { other.send(shop, "PATCH", "users/me", &body).await.expect(200).json() }
    };
    let (mut free, mut taken) = (ask(&new_email()).await, ask(&owner.email).await);
    for answer in [&mut free, &mut taken] {
        answer.as_object_mut().unwrap().remove("new_email");
    }
    assert_eq!(free, taken);
    assert_eq!(owner.on_another_device(shop).await.id, owner.id);
    assert_eq!(other.me(shop).await["email"], other.email);
}

async fn a_change_of_an_older_version_is_refused(shop: &Shop) {
    let person = Person::new(shop).await;
    let etag = person.get(shop, "users/me").await.expect(200).header("etag").to_owned();
    let change = |name: &str, etag: &str| {
        let ask = person.ask(shop, "PATCH", "users/me").header("if-match", etag).json(&json!({ "name": name }));
        ask.send()
    };
    change("Asha One", &etag).await.expect(200);
    change("Asha Two", &etag).await.expect(412);
    assert_eq!(person.me(shop).await["name"], "Asha One");
    let etag = person.get(shop, "users/me").await.expect(200).header("etag").to_owned();
    change("Asha Three", &etag).await.expect(200);
}

async fn a_deleted_account_is_gone_for_its_owner_and_kept_for_its_orders(shop: &Shop) {
    let person = Person::proved(shop).await;
    let other = person.on_another_device(shop).await;
    person.delete(shop, "users/me").await.expect(204);
    for session in [&person, &other] {
        refresh(shop, &session.refresh).await.expect_problem(401, "session_revoked");
        session.get(shop, "users/me").await.expect(401);
        session.send(shop, "PATCH", "users/me", &json!({ "name": "Back Again" })).await.expect(401);
    }
    login(shop, &person.email, &person.password).await.expect_problem(401, "invalid_credentials");
    let path = format!("/api/v1/admin/users/{}", person.id);
    let seen = shop.client.ask("GET", &path).token(&shop.admin).send().await.expect(200).json();
    assert_eq!(seen["status"], "deleted");
    let kept = json!(beside::user(shop, &person.id).await).to_string();
    assert!(!kept.contains(&person.email) && !kept.contains("Asha") && !kept.contains("argon2"), "{kept}");
}

async fn the_email_of_a_deleted_account_is_free(shop: &Shop) {
    let person = Person::proved(shop).await;
    person.delete(shop, "users/me").await.expect(204);
    let password = new_password();
    let next = Person::of(&signup(shop, &person.email, &password).await.expect(201), &person.email, &password);
    assert_ne!(next.id, person.id);
    let token = mailed_token(shop, &next.email, &format!("verify_email/{}", next.id), None).await;
    prove(shop, &token).await.expect(200);
    assert_eq!(next.on_another_device(shop).await.id, next.id);
    // A link that was sent to the former account opens nothing.
    let gone = beside::read(shop, &CODE, &Purpose::VerifyEmail.key(&person.id)).await;
    assert!(gone.is_none() && !messages(shop, &person.email).await.is_empty());
}

async fn a_profile_asks_for_a_login(shop: &Shop) {
    for method in ["GET", "PATCH", "DELETE"] {
        let ask = shop.client.ask(method, "/api/v1/users/me").json(&json!({ "name": "Nobody" }));
        ask.send().await.expect_problem(401, "token_missing");
    }
}
