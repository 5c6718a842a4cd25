//! A phone for an account that is there already: written down by anybody, claimed only by who reads its messages.

use futures_util::future::join_all;
use serde_json::json;

use super::people::{Person, another_code, new_email, new_password, new_phone, otp, post};
use crate::client::Answer;
use crate::world::{Shop, on_every_shop};

on_every_shop!(
    a_code_proves_the_phone_of_who_is_logged_in,
    a_phone_is_proved_for_one_account,
    a_phone_two_prove_at_once_is_one_persons,
    a_changed_phone_must_be_proved_anew,
    the_only_way_in_is_not_given_up,
    a_phone_moves_when_it_is_given_up,
);

async fn prove(shop: &Shop, person: &Person, phone: &str) -> Answer {
    let code = otp(shop, phone).await;
    person.send(shop, "POST", "auth/otp/verify", &json!({ "phone": phone, "code": code })).await
}

async fn a_code_proves_the_phone_of_who_is_logged_in(shop: &Shop) {
    let (email, password, phone) = (new_email(), new_password(), new_phone());
    let body = json!({ "email": email, "password": password, "name": "Asha Rao", "phone": phone });
    let person = Person::of(&post(shop, "auth/signup", &body).await.expect(201), &email, &password);
    assert_eq!(person.me(shop).await["phone_verified"], false);
    let code = otp(shop, &phone).await;
    let wrong = json!({ "phone": phone, "code": another_code(&code, 1) });
    person.send(shop, "POST", "auth/otp/verify", &wrong).await.expect_refusal("otp_invalid");
    let right = json!({ "phone": phone, "code": code });
    let answer = person.send(shop, "POST", "auth/otp/verify", &right).await.expect(200);
    assert_eq!(answer.json()["user"]["id"], person.id.as_str());
    let me = person.me(shop).await;
    assert_eq!((&me["phone"], &me["phone_verified"]), (&json!(phone), &json!(true)), "{me}");
    // From now on it logs in to this account.
    assert_eq!(Person::by_phone(shop, &phone).await.id, person.id);
}

async fn a_phone_is_proved_for_one_account(shop: &Shop) {
    let phone = new_phone();
    let owner = Person::by_phone(shop, &phone).await;
    let other = Person::new(shop).await;
    prove(shop, &other, &phone).await.expect_problem(409, "phone_taken");
    assert_eq!(other.me(shop).await["phone_verified"], false);
    assert_eq!(Person::by_phone(shop, &phone).await.id, owner.id);
}

async fn a_phone_two_prove_at_once_is_one_persons(shop: &Shop) {
    let phone = new_phone();
    let people = [Person::new(shop).await, Person::new(shop).await];
    let code = otp(shop, &phone).await;
    let body = json!({ "phone": phone, "code": code });
    let answers = join_all(people.iter().map(|person| person.send(shop, "POST", "auth/otp/verify", &body))).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1, "{answers:?}");
    let owner = Person::by_phone(shop, &phone).await;
    assert!(people.iter().any(|person| person.id == owner.id));
}

async fn a_changed_phone_must_be_proved_anew(shop: &Shop) {
    let (former, next) = (new_phone(), new_phone());
    let person = Person::proved(shop).await;
    prove(shop, &person, &former).await.expect(200);
    person.send(shop, "PATCH", "users/me", &json!({ "phone": next })).await.expect(200);
    assert_eq!(person.me(shop).await["phone_verified"], false);
    assert_ne!(Person::by_phone(shop, &next).await.id, person.id, "an unproved number logs in");
    assert_ne!(Person::by_phone(shop, &former).await.id, person.id, "a number that was given up logs in");
}

/// Or nobody could log in to the account again.
async fn the_only_way_in_is_not_given_up(shop: &Shop) {
    let phone = new_phone();
    let person = Person::by_phone(shop, &phone).await;
    for other in [json!(null), json!(new_phone())] {
        let answer = person.send(shop, "PATCH", "users/me", &json!({ "phone": other })).await;
        assert!(answer.status.is_client_error(), "{answer:?}");
    }
    assert_eq!(Person::by_phone(shop, &phone).await.id, person.id);
}

async fn a_phone_moves_when_it_is_given_up(shop: &Shop) {
    let phone = new_phone();
    let former = Person::by_phone(shop, &phone).await;
    former.delete(shop, "users/me").await.expect(204);
    let next = Person::by_phone(shop, &phone).await;
    assert_ne!(next.id, former.id);
    assert_eq!(next.me(shop).await["phone_verified"], true);
}
