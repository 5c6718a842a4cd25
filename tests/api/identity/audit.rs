//! What is written down of logins, failures and changes, for an admin to look back at.

use serde_json::{Value, json};

use super::mfa::enrolled;
use super::people::{Person, awaited, claims, login, mailed_token, new_password, post, prove, refresh};
use crate::world::{Shop, on_every_shop};

on_every_shop!(
    what_becomes_of_an_account_is_written_down,
    a_failed_login_is_written_down,
    a_change_of_role_tells_who_made_it_and_what_it_was_before,
    reuse_of_a_refresh_token_is_written_down,
    no_secret_is_written_down,
    only_an_admin_reads_it,
);

async fn entries(shop: &Shop, subject: &str) -> Vec<Value> {
    let path = format!("/api/v1/admin/audit?limit=100&subject={subject}");
    let page = shop.client.ask("GET", &path).token(&shop.admin).send().await.expect(200).json();
    page["data"].as_array().unwrap().clone()
}

/// A list may lag behind.
async fn entry(shop: &Shop, subject: &str, action: &str) -> Value {
    awaited(&format!("{action} is written down"), async || {
        entries(shop, subject).await.into_iter().find(|entry| entry["action"] == action)
    })
    .await
}

async fn what_becomes_of_an_account_is_written_down(shop: &Shop) {
    let person = Person::new(shop).await;
    let proof = mailed_token(shop, &person.email, "verify_email", None).await;
    prove(shop, &proof).await.expect(200);
    let other = person.on_another_device(shop).await;
    other.ask(shop, "POST", "auth/logout").send().await.expect(204);
    let password = new_password();
    let change = json!({ "old_password": person.password, "new_password": password });
    person.send(shop, "POST", "auth/password/change", &change).await.expect(204);
    let person = Person { password, ..person };
    enrolled(shop, &person).await;
    for action in ["signup", "email_verified", "login", "logout", "password_changed", "mfa_enabled"] {
        let entry = entry(shop, &person.id, action).await;
        assert_eq!(entry["subject"], person.id.as_str(), "{entry}");
        assert!(entry["id"].as_str().unwrap().starts_with("aud_"), "{entry}");
        assert!(entry["at"].as_str().unwrap().ends_with('Z'), "{entry}");
    }
    person.delete(shop, "users/me").await.expect(204);
    assert_eq!(entry(shop, &person.id, "user_deleted").await["actor"], person.id.as_str());
    let all = entries(shop, &person.id).await;
    let ids: Vec<_> = all.iter().map(|entry| entry["id"].as_str().unwrap()).collect();
    assert!(ids.is_sorted_by(|a, b| a > b), "newest first: {ids:?}");
}

async fn a_failed_login_is_written_down(shop: &Shop) {
    let person = Person::proved(shop).await;
    login(shop, &person.email, "not the password").await.expect_problem(401, "invalid_credentials");
    let entry = entry(shop, &person.id, "login_failed").await;
    assert_eq!(entry["address"], "127.0.0.1", "{entry}");
    assert!(!entry.to_string().contains("not the password"), "{entry}");
}

async fn a_change_of_role_tells_who_made_it_and_what_it_was_before(shop: &Shop) {
    let person = Person::new(shop).await;
    let path = format!("/api/v1/admin/users/{}", person.id);
    let body = json!({ "role": "support" });
    shop.client.ask("PATCH", &path).token(&shop.admin).json(&body).send().await.expect(200);
    let entry = entry(shop, &person.id, "user_changed").await;
    assert_eq!(entry["actor"], claims(&shop.admin)["sub"], "{entry}");
    assert_eq!(entry["details"]["before"]["role"], "customer", "{entry}");
    assert_eq!(entry["details"]["after"]["role"], "support", "{entry}");
}

async fn reuse_of_a_refresh_token_is_written_down(shop: &Shop) {
    let first = Person::new(shop).await;
    first.refreshed(shop).await.refreshed(shop).await;
    refresh(shop, &first.refresh).await.expect_problem(401, "session_revoked");
    entry(shop, &first.id, "refresh_reused").await;
}

async fn no_secret_is_written_down(shop: &Shop) {
    let person = Person::proved(shop).await;
    post(shop, "auth/password/forgot", &json!({ "email": person.email })).await.expect(202);
    let token = mailed_token(shop, &person.email, "reset_password", None).await;
    let password = new_password();
    super::passwords::reset(shop, &token, &password).await.expect(204);
    entry(shop, &person.id, "password_reset").await;
    let all = json!(entries(shop, &person.id).await).to_string();
    for secret in [&person.password, &password, &token, &person.access, &person.refresh, "$argon2"] {
        assert!(!all.contains(secret), "{all}");
    }
}

async fn only_an_admin_reads_it(shop: &Shop) {
    let path = "/api/v1/admin/audit";
    shop.client.get(path).await.expect_problem(401, "token_missing");
    shop.client.ask("GET", path).token(&shop.customer).send().await.expect_problem(403, "forbidden");
    let page = shop.client.ask("GET", path).token(&shop.admin).send().await.expect(200).json();
    assert!(!page["data"].as_array().unwrap().is_empty(), "{page}");
}
