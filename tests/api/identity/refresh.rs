//! Refresh tokens: each good for one use, and the chain of them for seven days from the last.

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::json;

use super::beside;
use super::people::{Person, awaited, messages, post, refresh};
use crate::world::{Shop, on_every_shop};

on_every_shop!(
    each_use_gives_the_next_tokens,
    a_retry_within_ten_seconds_is_given_the_same_successor,
    a_used_token_ends_the_session_for_both_sides,
    a_token_before_the_former_ends_the_session_at_once,
    a_forged_token_of_a_session_ends_it,
    two_at_once_are_given_one_successor,
    reuse_ends_one_session_and_no_other,
    the_owner_is_told_of_reuse,
    a_token_is_good_for_seven_days_from_its_last_use,
    a_token_is_kept_only_as_a_hash,
    a_token_that_is_none_is_refused,
    a_deleted_account_refreshes_nothing,
);

async fn each_use_gives_the_next_tokens(shop: &Shop) {
    let mut person = Person::new(shop).await;
    for _ in 0..3 {
        let answer = refresh(shop, &person.refresh).await.expect(200);
        assert_eq!(answer.header("cache-control"), "no-store", "tokens must not lie in caches");
        let tokens = answer.json();
        let mut fields: Vec<_> = tokens.as_object().unwrap().keys().cloned().collect();
        fields.sort_unstable();
        assert_eq!(fields, ["access_token", "expires_in", "refresh_token", "token_type"]);
        assert_eq!((&tokens["token_type"], &tokens["expires_in"]), (&json!("Bearer"), &json!(900)));
        assert_ne!(tokens["refresh_token"], person.refresh.as_str());
        person.access = tokens["access_token"].as_str().unwrap().to_owned();
        person.refresh = tokens["refresh_token"].as_str().unwrap().to_owned();
        person.me(shop).await;
    }
}

/// Somebody in a tunnel did not receive the answer.
async fn a_retry_within_ten_seconds_is_given_the_same_successor(shop: &Shop) {
    let person = Person::new(shop).await;
    let next = person.refreshed(shop).await;
    beside::rotated_ago(shop, &person, Duration::from_secs(5)).await;
    for _ in 0..2 {
        assert_eq!(person.refreshed(shop).await.refresh, next.refresh);
    }
    next.refreshed(shop).await;
}

async fn a_used_token_ends_the_session_for_both_sides(shop: &Shop) {
    let person = Person::new(shop).await;
    let next = person.refreshed(shop).await;
    beside::rotated_ago(shop, &person, Duration::from_secs(11)).await;
    refresh(shop, &person.refresh).await.expect_problem(401, "session_revoked");
    refresh(shop, &next.refresh).await.expect_problem(401, "session_revoked");
    refresh(shop, &person.refresh).await.expect_problem(401, "session_revoked");
}

async fn a_token_before_the_former_ends_the_session_at_once(shop: &Shop) {
    let first = Person::new(shop).await;
    let second = first.refreshed(shop).await;
    let third = second.refreshed(shop).await;
    refresh(shop, &first.refresh).await.expect_problem(401, "session_revoked");
    for person in [first, second, third] {
        refresh(shop, &person.refresh).await.expect_problem(401, "session_revoked");
    }
}

async fn a_forged_token_of_a_session_ends_it(shop: &Shop) {
    let person = Person::new(shop).await;
    let (head, secret) = person.refresh.rsplit_once('.').unwrap();
    let turned: String = secret.chars().rev().collect();
    refresh(shop, &format!("{head}.{turned}")).await.expect_problem(401, "session_revoked");
    refresh(shop, &person.refresh).await.expect_problem(401, "session_revoked");
}

async fn two_at_once_are_given_one_successor(shop: &Shop) {
    let mut person = Person::new(shop).await;
    for _ in 0..3 {
        let answers = join_all((0..4).map(|_| refresh(shop, &person.refresh))).await;
        let tokens: Vec<_> = answers
            .into_iter()
            .map(|answer| answer.expect(200).json()["refresh_token"].as_str().unwrap().to_owned())
            .collect();
        assert!(tokens.iter().all(|token| *token == tokens[0]), "two successors of one token");
        person.refresh = tokens[0].clone();
    }
}

async fn reuse_ends_one_session_and_no_other(shop: &Shop) {
    let person = Person::new(shop).await;
    let other = person.on_another_device(shop).await;
    let next = person.refreshed(shop).await;
    beside::rotated_ago(shop, &person, Duration::from_secs(11)).await;
    refresh(shop, &person.refresh).await.expect_problem(401, "session_revoked");
    refresh(shop, &next.refresh).await.expect_problem(401, "session_revoked");
    refresh(shop, &other.refresh).await.expect(200);
}

async fn the_owner_is_told_of_reuse(shop: &Shop) {
    let person = Person::proved(shop).await;
    let before = messages(shop, &person.email).await.len();
    person.refreshed(shop).await;
    beside::rotated_ago(shop, &person, Duration::from_secs(60)).await;
    refresh(shop, &person.refresh).await.expect_problem(401, "session_revoked");
    let told = awaited("the owner is written to", async || {
        let messages = messages(shop, &person.email).await;
        (messages.len() > before).then(|| messages[0].clone())
    })
    .await;
    assert!(!told["text"].as_str().unwrap().contains(&person.refresh), "{told}");
}

async fn a_token_is_good_for_seven_days_from_its_last_use(shop: &Shop) {
    const WEEK: Duration = Duration::from_secs(7 * 24 * 3600);
    let person = Person::new(shop).await;
    let life = beside::life(shop, &beside::session(shop, &person).await);
    assert!(life <= WEEK && life > WEEK - Duration::from_secs(60), "{life:?}");
    let next = person.refreshed(shop).await;
    assert!(beside::life(shop, &beside::session(shop, &person).await) > life - Duration::from_secs(1));
    beside::expire_session(shop, &person).await;
    refresh(shop, &next.refresh).await.expect(401);
    // Too old is not stolen: the other sessions and the account are as they were.
    person.on_another_device(shop).await;
}

async fn a_token_is_kept_only_as_a_hash(shop: &Shop) {
    let person = Person::new(shop).await;
    let next = person.refreshed(shop).await;
    let kept = json!(beside::session(shop, &person).await).to_string();
    for token in [&person.refresh, &next.refresh] {
        let secret = token.rsplit_once('.').unwrap().1;
        assert!(secret.len() >= 43, "fewer than 256 bits: {token}");
        assert!(!kept.contains(secret), "{kept}");
    }
}

async fn a_token_that_is_none_is_refused(shop: &Shop) {
    let person = Person::new(shop).await;
    let cut = &person.refresh[..person.refresh.len() - 1];
    let nobody = format!("rt_{0}.{0}.{1}", "0".repeat(32), "A".repeat(43));
    for wrong in ["x", "rt_", cut, &person.access, &nobody] {
        refresh(shop, wrong).await.expect(401);
    }
    post(shop, "auth/token/refresh", &json!({ "refresh_token": 7 })).await.expect(422);
    person.refreshed(shop).await;
}

async fn a_deleted_account_refreshes_nothing(shop: &Shop) {
    let person = Person::proved(shop).await;
    let other = person.on_another_device(shop).await;
    person.delete(shop, "users/me").await.expect(204);
    for token in [&person.refresh, &other.refresh] {
        refresh(shop, token).await.expect_problem(401, "session_revoked");
    }
}
