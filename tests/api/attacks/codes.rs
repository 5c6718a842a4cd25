//! Guessing, repeating and outliving the codes and links that are sent.

use bharatmart_core::identity::{CODE, Purpose};
use bharatmart_core::record::Document;
use futures_util::future::join_all;
use serde_json::json;

use super::{code_of, me};
use crate::client::Answer;
use crate::identity::beside;
use crate::identity::people::{
    Person, another_code, awaited, login, mailed_token, messages, new_email, new_password, new_phone, otp, post, prove,
    refresh, signup, verify,
};
use crate::world::{Shop, on_every_shop};

on_every_shop!(
    of_twenty_wrong_codes_at_once_three_are_looked_at,
    of_twenty_right_codes_at_once_one_gets_in,
    an_older_code_is_no_good_after_a_newer,
    a_code_is_good_once,
    a_code_of_one_phone_is_no_good_for_another,
    what_is_no_code_is_refused,
    a_code_is_not_kept_in_clear,
    a_reset_link_is_good_once_and_none_before_it,
    a_reset_link_throws_out_whoever_was_in,
    a_link_that_proves_an_address_is_no_good_after_a_newer,
    a_link_of_one_purpose_is_no_good_for_another,
    a_link_of_one_account_is_no_good_for_another,
    a_mailbox_cannot_be_filled_by_signing_up_or_forgetting,
    who_has_not_proved_an_address_is_not_welcomed_there,
);

async fn kept(shop: &Shop, phone: &str) -> Document {
    beside::read(shop, &CODE, &Purpose::PhoneLogin.key(phone)).await.expect("a code is kept")
}

async fn of_twenty_wrong_codes_at_once_three_are_looked_at(shop: &Shop) {
    let phone = new_phone();
    let right = otp(shop, &phone).await;
    let wrong: Vec<String> = (1..=20).map(|n| another_code(&right, n)).collect();
    let answers = join_all(wrong.iter().map(|wrong| verify(shop, &phone, wrong))).await;
    let codes: Vec<String> = answers.iter().map(code_of).collect();
    let looked_at = codes.iter().filter(|code| *code == "otp_invalid").count();
    assert!((1..=3).contains(&looked_at), "{codes:?}");
    let known = ["otp_invalid", "otp_attempts_exceeded", "busy"];
    assert!(codes.iter().all(|code| known.contains(&code.as_str())), "{codes:?}");
    assert_eq!(kept(shop, &phone).await["tries"], 3);
    verify(shop, &phone, &right).await.expect_refusal("otp_attempts_exceeded");
    // A newer one helps its owner.
    let newer = otp(shop, &phone).await;
    verify(shop, &phone, &newer).await.expect(200);
}

async fn of_twenty_right_codes_at_once_one_gets_in(shop: &Shop) {
    let phone = new_phone();
    let right = otp(shop, &phone).await;
    let answers = join_all((0..20).map(|_| verify(shop, &phone, &right))).await;
    let codes: Vec<String> = answers.iter().map(code_of).collect();
    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1, "{codes:?}");
}

async fn an_older_code_is_no_good_after_a_newer(shop: &Shop) {
    let phone = new_phone();
    let older = otp(shop, &phone).await;
    let mut newer = otp(shop, &phone).await;
    if newer == older {
        // Once in a million runs.
        newer = otp(shop, &phone).await;
    }
    verify(shop, &phone, &older).await.expect_refusal("otp_invalid");
    verify(shop, &phone, &newer).await.expect(200);
}

async fn a_code_is_good_once(shop: &Shop) {
    let phone = new_phone();
    let code = otp(shop, &phone).await;
    verify(shop, &phone, &code).await.expect(200);
    for _ in 0..5 {
        let answer = verify(shop, &phone, &code).await;
        assert!(code_of(&answer).starts_with("otp_"), "{answer:?}");
    }
}

async fn a_code_of_one_phone_is_no_good_for_another(shop: &Shop) {
    let (mine, theirs) = (new_phone(), new_phone());
    let code = otp(shop, &mine).await;
    let of_theirs = otp(shop, &theirs).await;
    if code != of_theirs {
        verify(shop, &theirs, &code).await.expect_refusal("otp_invalid");
    }
    let answer = verify(shop, &new_phone(), &code).await;
    assert!(code_of(&answer).starts_with("otp_"), "{answer:?}");
}

async fn what_is_no_code_is_refused(shop: &Shop) {
    let phone = new_phone();
    let right = otp(shop, &phone).await;
    let long = "7".repeat(100_000);
    for code in [json!(""), json!(" "), json!(null), json!(123_456), json!([right]), json!(long), json!({})] {
        let answer = post(shop, "auth/otp/verify", &json!({ "phone": phone, "code": code })).await;
        assert!(answer.status.is_client_error(), "{answer:?}");
    }
    for phone in ["", "9876543210", "+15551234567", "+91123", "+915876543210", "+91९८७६५४३२१०"] {
        let answer = post(shop, "auth/otp/send", &json!({ "phone": phone })).await;
        answer.expect_field(422, "validation_failed", "phone");
    }
}

async fn a_code_is_not_kept_in_clear(shop: &Shop) {
    let phone = new_phone();
    let code = otp(shop, &phone).await;
    let kept = kept(shop, &phone).await;
    assert!(kept.values().all(|value| value != code.as_str()), "{kept:?}");
    assert_eq!(kept["hash"].as_str().map(str::len), Some(64));
    for event in shop.store().newest_events(100).await.unwrap() {
        assert!(!event.data.to_string().contains(&format!("\"{code}\"")), "an event holds the code");
    }
}

async fn forgotten(shop: &Shop, person: &Person, former: Option<&str>) -> String {
    let answer = post(shop, "auth/password/forgot", &json!({ "email": person.email })).await;
    assert!(answer.status.is_success(), "{answer:?}");
    mailed_token(shop, &person.email, "reset_password", former).await
}

async fn reset(shop: &Shop, token: &str, password: &str) -> Answer {
    post(shop, "auth/password/reset", &json!({ "token": token, "password": password })).await
}

async fn a_reset_link_is_good_once_and_none_before_it(shop: &Shop) {
    let person = Person::proved(shop).await;
    let older = forgotten(shop, &person, None).await;
    let newer = forgotten(shop, &person, Some(&older)).await;
    let answer = reset(shop, &older, "what the older link says").await;
    assert!(answer.status.is_client_error(), "{answer:?}");
    let words: Vec<String> = (0..4).map(|n| format!("what the newer link says {n}")).collect();
    let at_once = join_all(words.iter().map(|words| reset(shop, &newer, words))).await;
    let _codes: Vec<String> = at_once.iter().map(code_of).collect();
    assert_eq!(at_once.iter().filter(|answer| answer.status.is_success()).count(), 1, "{at_once:?}");
    let again = reset(shop, &newer, "and once more the same").await;
    assert!(again.status.is_client_error(), "{again:?}");
}

async fn a_reset_link_throws_out_whoever_was_in(shop: &Shop) {
    let person = Person::proved(shop).await;
    let thief = person.on_another_device(shop).await;
    let token = forgotten(shop, &person, None).await;
    let answer = reset(shop, &token, "the owner is back again").await;
    assert!(answer.status.is_success(), "{answer:?}");
    for session in [&person, &thief] {
        refresh(shop, &session.refresh).await.expect(401);
    }
    login(shop, &person.email, &person.password).await.expect_problem(401, "invalid_credentials");
    login(shop, &person.email, "the owner is back again").await.expect(200);
}

async fn a_link_that_proves_an_address_is_no_good_after_a_newer(shop: &Shop) {
    let person = Person::new(shop).await;
    let older = mailed_token(shop, &person.email, "verify_email", None).await;
    person.send(shop, "POST", "auth/email/send", &json!({})).await.expect(202);
    let newer = mailed_token(shop, &person.email, "verify_email", Some(&older)).await;
    prove(shop, &older).await.expect_refusal("token_invalid");
    prove(shop, &newer).await.expect(200);
    let nothing_left = person.send(shop, "POST", "auth/email/send", &json!({})).await;
    nothing_left.expect_problem(409, "nothing_to_prove");
}

async fn a_link_of_one_purpose_is_no_good_for_another(shop: &Shop) {
    let person = Person::proved(shop).await;
    let token = forgotten(shop, &person, None).await;
    let as_factor = post(shop, "auth/mfa/verify", &json!({ "mfa_token": token, "code": "000000" })).await;
    for answer in [prove(shop, &token).await, as_factor, refresh(shop, &token).await] {
        assert!(answer.status.is_client_error(), "{answer:?}");
    }
    me(shop, &token).await.expect_problem(401, "token_invalid");
    // It was not used up by that.
    let answer = reset(shop, &token, "still good for its purpose").await;
    assert!(answer.status.is_success(), "{answer:?}");
}

async fn a_link_of_one_account_is_no_good_for_another(shop: &Shop) {
    let (attacker, victim) = (Person::proved(shop).await, Person::proved(shop).await);
    let of_attacker = forgotten(shop, &attacker, None).await;
    let of_victim = forgotten(shop, &victim, None).await;
    let (id, _) = of_victim.split_once('.').unwrap();
    let (_, secret) = of_attacker.split_once('.').unwrap();
    let answer = reset(shop, &format!("{id}.{secret}"), "words of the attacker").await;
    assert!(answer.status.is_client_error(), "{answer:?}");
    login(shop, &victim.email, &victim.password).await.expect(200);
}

/// How many messages were sent to an address, once the worker has come past all that was asked for before.
async fn sent(shop: &Shop, email: &str) -> usize {
    let later = Person::new(shop).await;
    mailed_token(shop, &later.email, "verify_email", None).await;
    messages(shop, email).await.len()
}

async fn a_mailbox_cannot_be_filled_by_signing_up_or_forgetting(shop: &Shop) {
    let victim = new_email();
    for _ in 0..4 {
        signup(shop, &victim, &new_password()).await.expect(201);
    }
    for _ in 0..6 {
        post(shop, "auth/password/forgot", &json!({ "email": victim })).await.expect(202);
    }
    mailed_token(shop, &victim, "reset_password", None).await;
    // Of two links asked for at once the older may not be sent at all.
    let sent = sent(shop, &victim).await;
    assert!((1..=5).contains(&sent), "{sent} messages");
    // Whose mailbox it is can use the last of them still.
    awaited("the newest link is good", async || {
        let token = mailed_token(shop, &victim, "reset_password", None).await;
        reset(shop, &token, "the mailbox is mine").await.status.is_success().then_some(())
    })
    .await;
}

async fn who_has_not_proved_an_address_is_not_welcomed_there(shop: &Shop) {
    let person = Person::new(shop).await;
    let token = mailed_token(shop, &person.email, "verify_email", None).await;
    assert_eq!(sent(shop, &person.email).await, 1);
    prove(shop, &token).await.expect(200);
    awaited("the welcome is sent", async || {
        messages(shop, &person.email).await.iter().any(|one| one["subject"] == "Welcome to BharatMart").then_some(())
    })
    .await;
}
