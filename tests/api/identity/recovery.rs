//! Recovery codes: for when the phone with the authenticator app is lost.

use serde_json::json;

use super::mfa::{enrolled, first_step, second_step};
use super::people::Person;
use crate::world::{Shop, on_every_shop};

on_every_shop!(
    a_recovery_code_stands_in_for_the_app_once,
    a_recovery_code_is_of_one_account,
    a_recovery_code_removes_the_second_factor,
);

async fn a_recovery_code_stands_in_for_the_app_once(shop: &Shop) {
    let person = Person::proved(shop).await;
    let (_, codes) = enrolled(shop, &person).await;
    second_step(shop, &first_step(shop, &person).await, &codes[3]).await.expect(200);
    let token = first_step(shop, &person).await;
    second_step(shop, &token, &codes[3]).await.expect_refusal("otp_invalid");
    // However it is typed.
    second_step(shop, &token, &codes[4].replace('-', " ").to_uppercase()).await.expect(200);
}

async fn a_recovery_code_is_of_one_account(shop: &Shop) {
    let (one, other) = (Person::proved(shop).await, Person::proved(shop).await);
    let (_, codes) = enrolled(shop, &one).await;
    enrolled(shop, &other).await;
    second_step(shop, &first_step(shop, &other).await, &codes[0]).await.expect_refusal("otp_invalid");
}

async fn a_recovery_code_removes_the_second_factor(shop: &Shop) {
    let person = Person::proved(shop).await;
    let (_, codes) = enrolled(shop, &person).await;
    person.send(shop, "DELETE", "users/me/mfa", &json!({ "code": codes[0] })).await.expect(204);
    assert_eq!(person.on_another_device(shop).await.me(shop).await["mfa_enabled"], false);
}
