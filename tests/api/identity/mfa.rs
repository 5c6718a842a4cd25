//! The second factor: an authenticator app.

use bharatmart_core::identity::{CODE, Purpose};
use futures_util::future::join_all;
use serde_json::{Value, json};

use super::beside;
use super::people::{Person, login, new_phone, otp, post, verify};
use super::totp::{App, much_later};
use crate::client::Answer;
use crate::world::{Shop, on_every_shop};

on_every_shop!(
    an_app_is_enrolled_and_confirmed_by_its_first_code,
    an_app_is_enrolled_only_with_the_password,
    until_it_is_confirmed_a_login_asks_for_no_code,
    a_login_asks_for_a_code_and_gives_nothing_before_it,
    a_code_by_phone_does_not_pass_by_the_second_factor,
    a_code_is_good_once_and_none_before_it_afterwards,
    of_two_with_one_code_at_once_one_gets_in,
    a_code_of_a_clock_half_a_minute_off_is_good,
    five_wrong_codes_end_the_login,
    the_second_step_waits_five_minutes,
    the_secret_is_sealed_in_the_store,
    the_second_factor_is_removed_by_who_has_it,
    a_confirmed_app_is_not_replaced_without_a_code,
);

/// Enrols and confirms; also tells the recovery codes.
pub async fn enrolled(shop: &Shop, person: &Person) -> (App, Vec<String>) {
    let app = enrol(shop, person).await;
    let answer = confirm(shop, person, &app.code(shop, 0)).await.expect(200).json();
    let codes = answer["recovery_codes"].as_array().unwrap_or_else(|| panic!("{answer}"));
    (app, codes.iter().map(|code| code.as_str().unwrap().to_owned()).collect())
}

/// Where there is a password, it is asked for once more.
async fn begin(shop: &Shop, person: &Person) -> Answer {
    let ask = person.ask(shop, "POST", "users/me/mfa");
    if person.password.is_empty() { ask } else { ask.json(&json!({ "password": person.password })) }.send().await
}

async fn enrol(shop: &Shop, person: &Person) -> App {
    let answer = begin(shop, person).await.expect(200);
    App::new(answer.json()["secret"].as_str().unwrap_or_else(|| panic!("{answer:?}")))
}

async fn confirm(shop: &Shop, person: &Person, code: &str) -> Answer {
    person.send(shop, "POST", "users/me/mfa/confirm", &json!({ "code": code })).await
}

/// The first step of a login, which gives nothing but a token for the second.
pub async fn first_step(shop: &Shop, person: &Person) -> String {
    token_of(&login(shop, &person.email, &person.password).await.expect(200).json())
}

fn token_of(answer: &Value) -> String {
    assert_eq!(answer["mfa_required"], true, "{answer}");
    assert_eq!(answer.as_object().unwrap().len(), 2, "more is told than the second step needs: {answer}");
    answer["mfa_token"].as_str().unwrap().to_owned()
}

pub async fn second_step(shop: &Shop, token: &str, code: &str) -> Answer {
    post(shop, "auth/mfa/verify", &json!({ "mfa_token": token, "code": code })).await
}

async fn an_app_is_enrolled_and_confirmed_by_its_first_code(shop: &Shop) {
    let person = Person::new(shop).await;
    let answer = begin(shop, &person).await.expect(200);
    assert_eq!(answer.header("cache-control"), "no-store");
    let told = answer.json();
    let secret = told["secret"].as_str().unwrap();
    let uri = told.as_object().unwrap().values().find_map(|v| v.as_str().filter(|v| v.starts_with("otpauth://totp/")));
    assert!(uri.is_some_and(|uri| uri.contains(secret)), "{told}");
    let app = App::new(secret);
    confirm(shop, &person, &app.wrong_code(shop)).await.expect_refusal("otp_invalid");
    assert_eq!(person.me(shop).await["mfa_enabled"], false);
    let answer = confirm(shop, &person, &app.code(shop, 0)).await.expect(200).json();
    assert_eq!(answer["recovery_codes"].as_array().unwrap().len(), 10, "{answer}");
    assert_eq!(person.me(shop).await["mfa_enabled"], true);
}

/// Whoever finds an unlocked phone must not lock its owner out.
async fn an_app_is_enrolled_only_with_the_password(shop: &Shop) {
    let person = Person::new(shop).await;
    let ask = || person.ask(shop, "POST", "users/me/mfa");
    ask().send().await.expect_field(422, "validation_failed", "password");
    let wrong = json!({ "password": "not the password" });
    ask().json(&wrong).send().await.expect_problem(401, "invalid_credentials");
    begin(shop, &person).await.expect(200);
}

async fn until_it_is_confirmed_a_login_asks_for_no_code(shop: &Shop) {
    let person = Person::new(shop).await;
    let former = enrol(shop, &person).await;
    person.on_another_device(shop).await;
    // Enrolled again, with another app: the former's codes confirm nothing.
    let app = enrol(shop, &person).await;
    confirm(shop, &person, &former.code(shop, 0)).await.expect_refusal("otp_invalid");
    confirm(shop, &person, &app.code(shop, 0)).await.expect(200);
}

async fn a_login_asks_for_a_code_and_gives_nothing_before_it(shop: &Shop) {
    let person = Person::proved(shop).await;
    let (app, _) = enrolled(shop, &person).await;
    let token = first_step(shop, &person).await;
    shop.client.ask("GET", "/api/v1/users/me").token(&token).send().await.expect_problem(401, "token_invalid");
    super::people::refresh(shop, &token).await.expect(401);
    second_step(shop, &token, &app.wrong_code(shop)).await.expect_refusal("otp_invalid");
    let answer = second_step(shop, &token, &app.code(shop, 1)).await.expect(200);
    assert_eq!(answer.header("cache-control"), "no-store", "tokens must not lie in caches");
    let in_ = Person::of(&answer, &person.email, &person.password);
    assert_eq!(in_.me(shop).await["id"], person.id.as_str());
    in_.refreshed(shop).await;
    // The token was for one login.
    much_later(shop, &person.id).await;
    second_step(shop, &token, &app.code(shop, 1)).await.expect_refusal("token_invalid");
}

async fn a_code_by_phone_does_not_pass_by_the_second_factor(shop: &Shop) {
    let phone = new_phone();
    let person = Person::by_phone(shop, &phone).await;
    let (app, _) = enrolled(shop, &person).await;
    let code = otp(shop, &phone).await;
    let token = token_of(&verify(shop, &phone, &code).await.expect(200).json());
    let answer = second_step(shop, &token, &app.code(shop, 1)).await.expect(200);
    assert_eq!(Person::of(&answer, "", "").id, person.id);
}

async fn a_code_is_good_once_and_none_before_it_afterwards(shop: &Shop) {
    let person = Person::proved(shop).await;
    let (app, _) = enrolled(shop, &person).await;
    much_later(shop, &person.id).await;
    let (code, former) = (app.code(shop, 0), app.code(shop, -1));
    second_step(shop, &first_step(shop, &person).await, &code).await.expect(200);
    let token = first_step(shop, &person).await;
    second_step(shop, &token, &code).await.expect_refusal("otp_invalid");
    second_step(shop, &token, &former).await.expect_refusal("otp_invalid");
    second_step(shop, &token, &app.code(shop, 1)).await.expect(200);
}

async fn of_two_with_one_code_at_once_one_gets_in(shop: &Shop) {
    let person = Person::proved(shop).await;
    let (app, _) = enrolled(shop, &person).await;
    let tokens = [first_step(shop, &person).await, first_step(shop, &person).await];
    let code = app.code(shop, 1);
    let answers = join_all(tokens.iter().map(|token| second_step(shop, token, &code))).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1, "{answers:?}");
}

async fn a_code_of_a_clock_half_a_minute_off_is_good(shop: &Shop) {
    let person = Person::proved(shop).await;
    let (app, _) = enrolled(shop, &person).await;
    for (later, good) in [(-3, false), (3, false), (1, true)] {
        much_later(shop, &person.id).await;
        let token = first_step(shop, &person).await;
        let answer = second_step(shop, &token, &app.code(shop, later)).await;
        assert_eq!(answer.status == 200, good, "{later} steps: {answer:?}");
    }
}

async fn five_wrong_codes_end_the_login(shop: &Shop) {
    let person = Person::proved(shop).await;
    let (app, _) = enrolled(shop, &person).await;
    let token = first_step(shop, &person).await;
    let wrong = app.wrong_code(shop);
    let answers = join_all((0..12).map(|_| second_step(shop, &token, &wrong))).await;
    let codes: Vec<_> = answers.iter().map(|answer| answer.json()["code"].as_str().unwrap().to_owned()).collect();
    assert!(codes.iter().filter(|code| *code == "otp_invalid").count() <= 5, "{codes:?}");
    // A store under such a rush may say so; then the try was not looked at.
    let refused = ["otp_invalid", "otp_attempts_exceeded", "busy"];
    assert!(codes.iter().all(|code| refused.contains(&code.as_str())), "{codes:?}");
    second_step(shop, &token, &app.code(shop, 1)).await.expect_refusal("otp_attempts_exceeded");
    let token = first_step(shop, &person).await;
    second_step(shop, &token, &app.code(shop, 1)).await.expect(200);
}

async fn the_second_step_waits_five_minutes(shop: &Shop) {
    let person = Person::proved(shop).await;
    let (app, _) = enrolled(shop, &person).await;
    let token = first_step(shop, &person).await;
    let id = data_encoding::BASE64URL_NOPAD.decode(token.split_once('.').unwrap().0.as_bytes()).unwrap();
    let id = String::from_utf8(id).unwrap();
    let of = id.strip_prefix("second_factor/").unwrap();
    let kept = beside::read(shop, &CODE, &Purpose::SecondFactor.key(of)).await.unwrap();
    assert!(beside::life(shop, &kept).as_secs() <= 300);
    beside::expire_code(shop, Purpose::SecondFactor, of).await;
    second_step(shop, &token, &app.code(shop, 1)).await.expect_refusal("token_expired");
}

async fn the_secret_is_sealed_in_the_store(shop: &Shop) {
    let person = Person::new(shop).await;
    let secret = begin(shop, &person).await.expect(200).json()["secret"].as_str().unwrap().to_owned();
    let app = App::new(&secret);
    let codes = confirm(shop, &person, &app.code(shop, 0)).await.expect(200).json()["recovery_codes"].clone();
    let user = json!(beside::user(shop, &person.id).await);
    let kept = user.to_string();
    assert!(!kept.contains(&secret), "{kept}");
    for code in codes.as_array().unwrap() {
        let code = code.as_str().unwrap();
        assert!(!kept.contains(code) && !kept.contains(&code.replace('-', "")), "{kept}");
    }
    // Nor as bytes in another spelling.
    let plain = data_encoding::BASE32_NOPAD.decode(secret.as_bytes()).unwrap();
    let sealed = user["mfa"]["secret"].as_str().unwrap();
    let spellings = [
        data_encoding::HEXLOWER.encode(&plain),
        data_encoding::BASE64.encode(&plain),
        data_encoding::BASE64URL_NOPAD.encode(&plain),
    ];
    assert!(spellings.iter().all(|spelling| !sealed.contains(spelling.as_str())), "{sealed}");
}

async fn the_second_factor_is_removed_by_who_has_it(shop: &Shop) {
    let person = Person::proved(shop).await;
    let (app, _) = enrolled(shop, &person).await;
    let remove = |code: String| {
        let body = json!({ "code": code });
        let person = &person;
        async move { person.send(shop, "DELETE", "users/me/mfa", &body).await }
    };
    remove(app.wrong_code(shop)).await.expect_refusal("otp_invalid");
    assert_eq!(person.me(shop).await["mfa_enabled"], true);
    remove(app.code(shop, 1)).await.expect(204);
    assert_eq!(person.me(shop).await["mfa_enabled"], false);
    person.on_another_device(shop).await;
}

/// Somebody with a stolen access token does not lock the owner out.
async fn a_confirmed_app_is_not_replaced_without_a_code(shop: &Shop) {
    let person = Person::proved(shop).await;
    let (app, _) = enrolled(shop, &person).await;
    begin(shop, &person).await.expect_problem(409, "mfa_enabled");
    confirm(shop, &person, &app.code(shop, 1)).await.expect_problem(409, "mfa_enabled");
    let token = first_step(shop, &person).await;
    second_step(shop, &token, &app.code(shop, 1)).await.expect(200);
}
