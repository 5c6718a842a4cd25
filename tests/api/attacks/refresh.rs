//! Refresh tokens that were stolen, used twice, or outlived their owner's account.

use std::collections::BTreeSet;
use std::time::Duration;

use bharatmart_core::Tenant;
use bharatmart_core::identity::{AUDIT, RefreshToken};
use bharatmart_core::record::Listing;
use bharatmart_tests::eventually;
use futures_util::future::join_all;
use serde_json::json;

use super::{code_of, me};
use crate::identity::beside;
use crate::identity::people::{Person, login, messages, refresh};
use crate::world::{Shop, host, on_every_shop};

on_every_shop!(
    a_stolen_refresh_token_used_after_its_owner_ends_the_whole_family_and_both_are_told,
    a_refresh_token_used_twice_at_once_gives_the_very_same_successor,
    a_refresh_token_used_again_after_ten_seconds_is_reuse,
    a_made_up_refresh_token_gets_nothing,
    a_refresh_token_is_not_kept_in_clear,
    a_refresh_token_of_another_tenant_gets_nothing,
    a_deleted_user_cannot_refresh_or_log_in,
    a_disabled_user_cannot_refresh_or_log_in,
    a_logged_out_session_cannot_refresh,
);

/// The refresh token that takes this one's place.
async fn successor(shop: &Shop, token: &str) -> String {
    let tokens = refresh(shop, token).await.expect(200).json();
    tokens["refresh_token"].as_str().unwrap_or_else(|| panic!("no refresh token: {tokens}")).to_owned()
}

async fn a_stolen_refresh_token_used_after_its_owner_ends_the_whole_family_and_both_are_told(shop: &Shop) {
    let owner = Person::proved(shop).await;
    let elsewhere = owner.on_another_device(shop).await;

    let stolen = &owner.refresh;
    let second = successor(shop, stolen).await;
    let third = successor(shop, &second).await;
    refresh(shop, stolen).await.expect_problem(401, "session_revoked");
    // The newest and the one before it are gone with it: its owner is told, at the next use and by a message.
    for token in [&third, &second, stolen] {
        refresh(shop, token).await.expect_problem(401, "session_revoked");
    }
    assert!(beside::session(shop, &owner).await.contains_key("revoked_at"));
    eventually("the owner is written to", || async {
        messages(shop, &owner.email).await.iter().any(|message| {
            let text = format!("{} {}", message["subject"], message["text"]).to_lowercase();
            text.contains("session") || text.contains("logged out")
        })
    })
    .await;
    eventually("it is in the audit", || async { audited(shop, &owner).await.contains("refresh_reused") }).await;
    // It was one login of theirs, and the others go on.
    successor(shop, &elsewhere.refresh).await;
}

/// What was written down of somebody, or of their session.
async fn audited(shop: &Shop, person: &Person) -> BTreeSet<String> {
    let mut actions = BTreeSet::new();
    for subject in [person.id.clone(), person.session()] {
        let entries = shop.store().records(&Tenant::main(), &AUDIT, Listing::By(&subject), None, 100).await.unwrap();
        actions.extend(entries.iter().map(|entry| entry["action"].as_str().unwrap().to_owned()));
    }
    actions
}

async fn a_refresh_token_used_twice_at_once_gives_the_very_same_successor(shop: &Shop) {
    let person = Person::new(shop).await;
    let mut token = person.refresh.clone();
    for _ in 0..3 {
        let answers = join_all((0..8).map(|_| successor(shop, &token))).await;
        let successors: BTreeSet<_> = answers.into_iter().collect();
        assert_eq!(successors.len(), 1, "one token has one successor");
        let next = successors.into_iter().next().unwrap();
        // Who did not receive the answer asks again.
        assert_eq!(successor(shop, &token).await, next);
        token = next;
    }
    assert!(!beside::session(shop, &person).await.contains_key("revoked_at"));
}

async fn a_refresh_token_used_again_after_ten_seconds_is_reuse(shop: &Shop) {
    let person = Person::new(shop).await;
    let second = successor(shop, &person.refresh).await;
    beside::rotated_ago(shop, &person, Duration::from_secs(10)).await;
    refresh(shop, &person.refresh).await.expect_problem(401, "session_revoked");
    refresh(shop, &second).await.expect_problem(401, "session_revoked");
}

async fn a_made_up_refresh_token_gets_nothing(shop: &Shop) {
    let person = Person::new(shop).await;
    let (head, secret) = person.refresh.rsplit_once('.').unwrap();
    let shorter = format!("{}.{secret}", &head[..head.len() - 1]);
    for wrong in ["", "x", "rt_", "rt_..", head, &format!("{head}."), &shorter, &"r".repeat(100_000)] {
        let answer = refresh(shop, wrong).await;
        assert!(matches!(answer.status.as_u16(), 401 | 422), "{wrong:?}: {answer:?}");
    }
    // None of these cost its owner anything.
    let current = successor(shop, &person.refresh).await;
    // Its own session, another secret; and the secret of another session.
    let turned: String = secret.chars().rev().collect();
    let other = Person::new(shop).await;
    let mixed = format!("{}.{}", other.refresh.rsplit_once('.').unwrap().0, current.rsplit_once('.').unwrap().1);
    for wrong in [format!("{head}.{turned}"), mixed] {
        let answer = refresh(shop, &wrong).await.expect(401);
        assert!(!answer.body.contains("access_token"), "{answer:?}");
    }
}

async fn a_refresh_token_is_not_kept_in_clear(shop: &Shop) {
    let person = Person::new(shop).await;
    let second = successor(shop, &person.refresh).await;
    let kept = json!(beside::session(shop, &person).await).to_string();
    for token in [&person.refresh, &second] {
        assert!(!kept.contains(token.rsplit_once('.').unwrap().1), "{kept}");
        assert!(kept.contains(&RefreshToken::parse(token).unwrap().hash()), "{kept}");
    }
}

async fn a_refresh_token_of_another_tenant_gets_nothing(shop: &Shop) {
    let person = Person::new(shop).await;
    let ask = shop.client.ask("POST", "/api/v1/auth/token/refresh");
    let ask = ask.header("host", &host(&Tenant::parse("spices").unwrap()));
    let answer = ask.json(&json!({ "refresh_token": person.refresh })).send().await.expect(401);
    assert!(!answer.body.contains("access_token"), "{answer:?}");
    successor(shop, &person.refresh).await;
}

async fn a_deleted_user_cannot_refresh_or_log_in(shop: &Shop) {
    let person = Person::new(shop).await;
    person.delete(shop, "users/me").await.expect(204);
    refresh(shop, &person.refresh).await.expect(401);
    // Nor is the account told apart from one that never was.
    login(shop, &person.email, &person.password).await.expect_problem(401, "invalid_credentials");
    let answer = me(shop, &person.access).await;
    assert!(answer.status.is_client_error(), "{answer:?}");
}

async fn a_disabled_user_cannot_refresh_or_log_in(shop: &Shop) {
    let person = Person::new(shop).await;
    let set = async |status: &str| {
        let ask = shop.client.ask("PATCH", &format!("/api/v1/admin/users/{}", person.id)).token(&shop.admin);
        ask.json(&json!({ "status": status })).send().await.expect(200)
    };
    set("disabled").await;
    refresh(shop, &person.refresh).await.expect(401);
    let answer = login(shop, &person.email, &person.password).await;
    assert_eq!(code_of(&answer), "account_disabled", "{answer:?}");
    // Who does not know the password is not told.
    login(shop, &person.email, "not the password").await.expect_problem(401, "invalid_credentials");
    set("active").await;
    login(shop, &person.email, &person.password).await.expect(200);
    // What was ended stays ended.
    refresh(shop, &person.refresh).await.expect(401);
}

async fn a_logged_out_session_cannot_refresh(shop: &Shop) {
    let person = Person::new(shop).await;
    let (other, third) = (person.on_another_device(shop).await, person.on_another_device(shop).await);
    person.send(shop, "POST", "auth/logout", &json!({})).await.expect(204);
    refresh(shop, &person.refresh).await.expect_problem(401, "session_revoked");
    let other = other.refreshed(shop).await;
    other.send(shop, "POST", "auth/logout", &json!({ "all_devices": true })).await.expect(204);
    for ended in [other, third] {
        refresh(shop, &ended.refresh).await.expect_problem(401, "session_revoked");
    }
}
