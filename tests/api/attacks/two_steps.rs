//! Getting past a second factor.

use bharatmart_core::identity::{CODE, Purpose};
use futures_util::future::join_all;
use serde_json::json;

use super::{code_of, me};
use crate::client::Answer;
use crate::identity::beside;
use crate::identity::people::{Person, login, post, refresh};
use crate::identity::totp::{App, much_later};
use crate::world::{Shop, on_every_shop};

on_every_shop!(
    a_code_of_the_app_is_good_once_in_its_window,
    of_ten_logins_at_once_with_one_code_of_the_app_one_gets_in,
    five_wrong_codes_use_a_login_up,
    of_twenty_wrong_codes_at_once_five_are_looked_at,
    guessing_goes_on_under_no_new_login,
    half_a_login_is_no_login,
    a_recovery_code_is_good_once,
    the_password_alone_does_not_take_the_second_factor_away,
    the_apps_secret_is_not_kept_in_clear,
);

struct Guarded {
    person: Person,
    app: App,
    secret: String,
    recovery: Vec<String>,
}

/// Somebody whose login takes two steps.
async fn guarded(shop: &Shop) -> Guarded {
    let person = Person::proved(shop).await;
    let begun = person.send(shop, "POST", "users/me/mfa", &json!({ "password": person.password })).await;
    assert!(begun.status.is_success(), "{begun:?}");
    let secret = begun.json()["secret"].as_str().unwrap().to_owned();
    let app = App::new(&secret);
    let confirmed = person.send(shop, "POST", "users/me/mfa/confirm", &json!({ "code": app.code(shop, 0) })).await;
    assert!(confirmed.status.is_success(), "{confirmed:?}");
    let codes = confirmed.json()["recovery_codes"].as_array().unwrap().clone();
    let recovery = codes.iter().map(|code| code.as_str().unwrap().to_owned()).collect();
    much_later(shop, &person.id).await;
    Guarded { person, app, secret, recovery }
}

/// The first step.
async fn half(shop: &Shop, person: &Person) -> String {
    let answer = login(shop, &person.email, &person.password).await.expect(200).json();
    assert_eq!(answer["mfa_required"], true, "{answer}");
    assert!(answer["tokens"].is_null() && answer["user"].is_null(), "{answer}");
    answer["mfa_token"].as_str().unwrap().to_owned()
}

async fn second_step(shop: &Shop, token: &str, code: &str) -> Answer {
    post(shop, "auth/mfa/verify", &json!({ "mfa_token": token, "code": code })).await
}

async fn a_code_of_the_app_is_good_once_in_its_window(shop: &Shop) {
    let Guarded { person, app, .. } = guarded(shop).await;
    let (first, second) = (half(shop, &person).await, half(shop, &person).await);
    let (earlier, code) = (app.code(shop, -1), app.code(shop, 0));
    second_step(shop, &first, &code).await.expect(200);
    // Seen over a shoulder and used at once; and the one before it, which nobody used.
    for replayed in [&code, &earlier] {
        let answer = second_step(shop, &second, replayed).await;
        assert!(code_of(&answer).starts_with("otp_"), "{answer:?}");
    }
    // A login that is over is over.
    let answer = second_step(shop, &first, &app.code(shop, 1)).await;
    assert!(answer.status.is_client_error(), "{answer:?}");
}

async fn of_ten_logins_at_once_with_one_code_of_the_app_one_gets_in(shop: &Shop) {
    let Guarded { person, app, .. } = guarded(shop).await;
    let mut halves = Vec::new();
    for _ in 0..5 {
        halves.push(half(shop, &person).await);
    }
    let code = app.code(shop, 0);
    let answers = join_all(halves.iter().chain(&halves).map(|token| second_step(shop, token, &code))).await;
    let codes: Vec<String> = answers.iter().map(code_of).collect();
    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1, "{codes:?}");
}

async fn five_wrong_codes_use_a_login_up(shop: &Shop) {
    let Guarded { person, app, .. } = guarded(shop).await;
    let token = half(shop, &person).await;
    let wrong = app.wrong_code(shop);
    for _ in 0..5 {
        second_step(shop, &token, &wrong).await.expect_refusal("otp_invalid");
    }
    second_step(shop, &token, &app.code(shop, 0)).await.expect_refusal("otp_attempts_exceeded");
    // Its owner begins anew.
    let token = half(shop, &person).await;
    second_step(shop, &token, &app.code(shop, 0)).await.expect(200);
}

async fn of_twenty_wrong_codes_at_once_five_are_looked_at(shop: &Shop) {
    let Guarded { person, app, .. } = guarded(shop).await;
    let token = half(shop, &person).await;
    let wrong = app.wrong_code(shop);
    let answers = join_all((0..20).map(|_| second_step(shop, &token, &wrong))).await;
    let codes: Vec<String> = answers.iter().map(code_of).collect();
    let looked_at = codes.iter().filter(|code| *code == "otp_invalid").count();
    assert!((1..=5).contains(&looked_at), "{codes:?}");
    second_step(shop, &token, &app.code(shop, 0)).await.expect_refusal("otp_attempts_exceeded");
}

/// Who has the password could begin as many logins as they like.
async fn guessing_goes_on_under_no_new_login(shop: &Shop) {
    let Guarded { person, app, .. } = guarded(shop).await;
    let wrong = app.wrong_code(shop);
    let mut looked_at = 0;
    for _ in 0..4 {
        let answer = login(shop, &person.email, &person.password).await;
        let Some(token) = answer.json()["mfa_token"].as_str().map(str::to_owned) else { break };
        for _ in 0..5 {
            let answer = second_step(shop, &token, &wrong).await;
            looked_at += usize::from(code_of(&answer) == "otp_invalid");
        }
    }
    assert!((1..=10).contains(&looked_at), "{looked_at} wrong codes of one account were looked at");
    // Now the right one is looked at no more, under a login that has tries left.
    let token = half(shop, &person).await;
    second_step(shop, &token, &app.code(shop, 0)).await.expect_refusal("otp_attempts_exceeded");
}

async fn half_a_login_is_no_login(shop: &Shop) {
    let Guarded { person, app, .. } = guarded(shop).await;
    let token = half(shop, &person).await;
    me(shop, &token).await.expect_problem(401, "token_invalid");
    let answer = refresh(shop, &token).await;
    assert!(matches!(answer.status.as_u16(), 401 | 422), "{answer:?}");
    for code in ["", "0", "      ", "١٢٣٤٥٦", &"0".repeat(10_000)] {
        let answer = second_step(shop, &token, code).await;
        assert!(answer.status.is_client_error(), "{answer:?}");
    }
    let (id, secret) = token.split_once('.').unwrap();
    let turned: String = secret.chars().rev().collect();
    let answer = second_step(shop, &format!("{id}.{turned}"), &app.code(shop, 0)).await;
    assert!(answer.status.is_client_error(), "{answer:?}");
    // It lives five minutes, and is kept as a hash.
    let id = data_encoding::BASE64URL_NOPAD.decode(id.as_bytes()).unwrap();
    let key = bharatmart_core::RecordKey::alone(String::from_utf8(id).unwrap());
    let kept = beside::read(shop, &CODE, &key).await.unwrap();
    assert_eq!(kept["purpose"], Purpose::SecondFactor.name());
    assert!(beside::life(shop, &kept).as_secs() <= 300 && !json!(kept).to_string().contains(secret));
}

async fn a_recovery_code_is_good_once(shop: &Shop) {
    let Guarded { person, recovery, .. } = guarded(shop).await;
    let halves = [half(shop, &person).await, half(shop, &person).await];
    let answers = join_all(halves.iter().map(|token| second_step(shop, token, &recovery[0]))).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1, "{answers:?}");
    let token = half(shop, &person).await;
    let answer = second_step(shop, &token, &recovery[0]).await;
    assert!(code_of(&answer).starts_with("otp_"), "{answer:?}");
    second_step(shop, &token, &recovery[1]).await.expect(200);
}

async fn the_password_alone_does_not_take_the_second_factor_away(shop: &Shop) {
    let Guarded { person, .. } = guarded(shop).await;
    let body = json!({ "password": person.password });
    let answer = person.send(shop, "DELETE", "users/me/mfa", &body).await;
    assert!(answer.status.is_client_error(), "{answer:?}");
    // Nor does enrolling another app put it in the first one's place before it is confirmed.
    let _begun = person.send(shop, "POST", "users/me/mfa", &body).await;
    half(shop, &person).await;
}

async fn the_apps_secret_is_not_kept_in_clear(shop: &Shop) {
    let Guarded { person, secret, recovery, .. } = guarded(shop).await;
    let kept = json!(beside::user(shop, &person.id).await).to_string();
    assert!(!kept.contains(&secret) && !kept.contains(&secret.to_lowercase()), "{kept}");
    for code in &recovery {
        assert!(!kept.contains(code.as_str()) && !kept.contains(&code.replace('-', "")), "{kept}");
    }
    let shown = person.me(shop).await.to_string();
    assert!(!shown.contains(&secret) && !shown.contains("recovery"), "{shown}");
}
