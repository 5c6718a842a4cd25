//! The lock after wrong passwords: by whom somebody wants to be, and from where.

use std::time::Duration;

use bharatmart_core::Tenant;
use bharatmart_core::identity::lock::{Lock, WINDOW};
use futures_util::future::join_all;
use serde_json::json;

use super::beside;
use super::people::{Person, login, new_email};
use crate::client::Client;
use crate::world::{Shop, on_every_shop};

on_every_shop!(
    five_wrong_passwords_lock_even_for_the_right_one,
    an_unknown_email_is_locked_alike,
    other_accounts_are_not_locked,
    nobody_is_locked_out_from_elsewhere,
    the_lock_lasts_fifteen_minutes,
    the_right_password_forgets_the_wrong_ones,
    an_email_in_capitals_is_counted_with_itself,
    of_twenty_wrong_ones_at_once_at_most_five_are_looked_at,
);

async fn wrong(shop: &Shop, email: &str, times: usize) {
    for _ in 0..times {
        login(shop, email, "not the password").await.expect_problem(401, "invalid_credentials");
    }
}

async fn five_wrong_passwords_lock_even_for_the_right_one(shop: &Shop) {
    let person = Person::proved(shop).await;
    wrong(shop, &person.email, 5).await;
    for password in [person.password.as_str(), "not the password"] {
        let locked = login(shop, &person.email, password).await;
        locked.expect_wait(900);
        locked.expect_problem(429, "account_locked");
    }
    // Who is in stays in.
    person.refreshed(shop).await.me(shop).await;
}

async fn an_unknown_email_is_locked_alike(shop: &Shop) {
    let email = new_email();
    wrong(shop, &email, 5).await;
    let locked = login(shop, &email, "not the password").await;
    locked.expect_wait(900);
    locked.expect_problem(429, "account_locked");
}

async fn other_accounts_are_not_locked(shop: &Shop) {
    wrong(shop, &new_email(), 5).await;
    let person = Person::new(shop).await;
    person.on_another_device(shop).await;
}

async fn nobody_is_locked_out_from_elsewhere(shop: &Shop) {
    let person = Person::proved(shop).await;
    let elsewhere = Client::from_address(&shop.cloud.url(), [127, 0, 0, 2]);
    let body = json!({ "email": person.email, "password": "not the password" });
    let login = |body| elsewhere.ask("POST", "/api/v1/auth/login").json(&body).send();
    for _ in 0..5 {
        login(body.clone()).await.expect_problem(401, "invalid_credentials");
    }
    let right = json!({ "email": person.email, "password": person.password });
    login(right).await.expect_problem(429, "account_locked");
    person.on_another_device(shop).await;
}

/// The lock is looked at from beside, with the clock a quarter of an hour on.
async fn the_lock_lasts_fifteen_minutes(shop: &Shop) {
    let email = new_email();
    wrong(shop, &email, 5).await;
    let lock = Lock::of(&email, "127.0.0.1");
    let (tenant, now) = (Tenant::main(), beside::now(shop));
    let value = async |counter: &str, seconds: u64| {
        let later = now.after(Duration::from_secs(seconds));
        shop.store().count(&tenant, counter, 0, WINDOW, later).await.unwrap().value
    };
    assert_ne!(value(&lock.locked, 890).await, 0, "the lock is gone too soon");
    assert_eq!(value(&lock.locked, 901).await, 0, "the lock stays");
    assert_eq!(value(&lock.tries, 901).await, 0, "the wrong passwords are remembered longer than the lock");
}

async fn the_right_password_forgets_the_wrong_ones(shop: &Shop) {
    let person = Person::new(shop).await;
    for _ in 0..2 {
        wrong(shop, &person.email, 4).await;
        person.on_another_device(shop).await;
    }
}

async fn an_email_in_capitals_is_counted_with_itself(shop: &Shop) {
    let person = Person::new(shop).await;
    wrong(shop, &person.email, 3).await;
    wrong(shop, &person.email.to_uppercase(), 2).await;
    login(shop, &person.email, &person.password).await.expect_problem(429, "account_locked");
}

async fn of_twenty_wrong_ones_at_once_at_most_five_are_looked_at(shop: &Shop) {
    let person = Person::new(shop).await;
    let answers = join_all((0..20).map(|_| login(shop, &person.email, "not the password"))).await;
    let mut looked_at = 0;
    for answer in answers {
        if answer.status == 401 {
            looked_at += 1;
            answer.expect_problem(401, "invalid_credentials");
        } else {
            answer.expect_problem(429, "account_locked");
        }
    }
    assert!((1..=5).contains(&looked_at), "{looked_at}");
    login(shop, &person.email, &person.password).await.expect_problem(429, "account_locked");
}
