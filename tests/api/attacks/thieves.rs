//! What a thief makes of a stolen access token, and what is left of it once the owner acts.

use std::time::Duration;

use bharatmart_tests::eventually;
use serde_json::json;

use crate::identity::beside::{self, logged_in_ago};
use crate::identity::people::{
    Person, login, mailed_token, messages, new_email, new_password, new_phone, otp, post, prove, refresh,
};
use crate::world::{Shop, on_every_shop};

on_every_shop!(
    an_address_a_thief_asked_for_is_void_once_the_password_is_reset,
    a_link_of_before_all_sessions_were_ended_proves_nothing,
    a_stolen_token_locks_nobody_out_of_an_account_without_a_password,
    a_stolen_token_gives_an_account_no_other_way_in,
    the_former_address_and_number_are_told_of_the_change,
    a_token_of_an_ended_session_ends_no_other,
);

const LONG_AGO: Duration = Duration::from_secs(15 * 60);

async fn an_address_a_thief_asked_for_is_void_once_the_password_is_reset(shop: &Shop) {
    let (victim, thiefs) = (Person::proved(shop).await, new_email());
    victim.send(shop, "PATCH", "users/me", &json!({ "email": thiefs })).await.expect(200);
    let link = mailed_token(shop, &thiefs, "verify_email", None).await;

    post(shop, "auth/password/forgot", &json!({ "email": victim.email })).await.expect(202);
    let token = mailed_token(shop, &victim.email, "reset_password", None).await;
    let password = new_password();
    post(shop, "auth/password/reset", &json!({ "token": token, "password": password })).await.expect(204);

    prove(shop, &link).await.expect_refusal("token_invalid");
    login(shop, &victim.email, &password).await.expect(200);
    login(shop, &thiefs, &password).await.expect_problem(401, "invalid_credentials");
    assert!(!beside::user(shop, &victim.id).await.contains_key("new_email"));
}

async fn a_link_of_before_all_sessions_were_ended_proves_nothing(shop: &Shop) {
    let (victim, thiefs) = (Person::proved(shop).await, new_email());
    victim.send(shop, "PATCH", "users/me", &json!({ "email": thiefs })).await.expect(200);
    let link = mailed_token(shop, &thiefs, "verify_email", None).await;
    victim.send(shop, "POST", "auth/logout", &json!({ "all_devices": true })).await.expect(204);
    // Even if the very same address is asked for anew.
    let victim = victim.on_another_device(shop).await;
    victim.send(shop, "PATCH", "users/me", &json!({ "email": thiefs })).await.expect(200);
    let newer = mailed_token(shop, &thiefs, "verify_email", Some(&link)).await;
    prove(shop, &link).await.expect_refusal("token_invalid");
    prove(shop, &newer).await.expect(200);
}

async fn a_stolen_token_locks_nobody_out_of_an_account_without_a_password(shop: &Shop) {
    let owner = Person::by_phone(shop, &new_phone()).await;
    logged_in_ago(shop, &owner, LONG_AGO).await;
    let first = json!({ "new_password": new_password() });
    owner.send(shop, "POST", "auth/password/change", &first).await.expect_problem(403, "login_required");
    owner.send(shop, "POST", "users/me/mfa", &json!({})).await.expect_problem(403, "login_required");
    let kept = beside::user(shop, &owner.id).await;
    assert!(!kept.contains_key("mfa") && !kept.contains_key("password_hash"), "{kept:?}");
    // A moment ago it was the owner, more likely.
    logged_in_ago(shop, &owner, LONG_AGO - Duration::from_secs(60)).await;
    owner.send(shop, "POST", "users/me/mfa", &json!({})).await.expect(200);
    owner.send(shop, "POST", "auth/password/change", &first).await.expect(204);
}

async fn a_stolen_token_gives_an_account_no_other_way_in(shop: &Shop) {
    let (owner, phone) = (Person::proved(shop).await, new_phone());
    logged_in_ago(shop, &owner, LONG_AGO).await;
    for change in [json!({ "email": new_email() }), json!({ "email": null }), json!({ "phone": new_phone() })] {
        owner.send(shop, "PATCH", "users/me", &change).await.expect_problem(403, "login_required");
    }
    let code = otp(shop, &phone).await;
    let proof = json!({ "phone": phone, "code": code });
    owner.send(shop, "POST", "auth/otp/verify", &proof).await.expect_problem(403, "login_required");
    let me = owner.me(shop).await;
    assert_eq!((&me["email"], &me["phone"]), (&json!(owner.email), &json!(null)), "{me}");
    // Who one is called is no way in.
    owner.send(shop, "PATCH", "users/me", &json!({ "name": "Asha R", "email": owner.email })).await.expect(200);
    // The code was not used up: its owner logs in, and goes on.
    let again = owner.on_another_device(shop).await;
    again.send(shop, "POST", "auth/otp/verify", &proof).await.expect(200);
}

async fn the_former_address_and_number_are_told_of_the_change(shop: &Shop) {
    let (owner, former, next) = (Person::proved(shop).await, new_phone(), new_email());
    let told = async |to: &str, words: &str| {
        eventually(&format!("{to} is told: {words}"), || async {
            messages(shop, to).await.iter().any(|message| message["text"].as_str().unwrap().contains(words))
        })
        .await;
    };
    for phone in [&former, &new_phone()] {
        let code = otp(shop, phone).await;
        owner.send(shop, "POST", "auth/otp/verify", &json!({ "phone": phone, "code": code })).await.expect(200);
    }
    told(&owner.email, "a phone number was added").await;
    told(&former, "no longer the number").await;
    owner.send(shop, "PATCH", "users/me", &json!({ "email": next })).await.expect(200);
    prove(shop, &mailed_token(shop, &next, "verify_email", None).await).await.expect(200);
    told(&owner.email, "no longer the e-mail address").await;
}

async fn a_token_of_an_ended_session_ends_no_other(shop: &Shop) {
    let thief = Person::proved(shop).await;
    let owner = thief.on_another_device(shop).await;
    owner.delete(shop, &format!("users/me/sessions/{}", thief.session())).await.expect(204);
    let path = format!("users/me/sessions/{}", owner.session());
    thief.delete(shop, &path).await.expect_problem(401, "session_revoked");
    let everywhere = json!({ "all_devices": true });
    thief.send(shop, "POST", "auth/logout", &everywhere).await.expect_problem(401, "session_revoked");
    refresh(shop, &owner.refresh).await.expect(200);
}
