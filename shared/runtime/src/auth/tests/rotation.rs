//! New keys while customers are logged in.

use std::sync::atomic::Ordering;

use bharatmart_core::Tenant;
use bharatmart_core::identity::{AUDIT, AuditEntry};
use bharatmart_core::ports::Secret;
use bharatmart_core::record::{Listing, Row};
use futures_util::future::join_all;

use super::{Shop, changed, forged, taken_apart};
use crate::auth::keys::KeySet;

impl Shop {
    /// As another process, which knows the new keys already, signs.
    async fn elsewhere(&self, keys: &[(&str, u8)]) -> String {
        let other = Shop::open().await;
        other.keys(keys);
        other.secrets.known.lock().unwrap().clear();
        other.app.access_token(&Tenant::main(), &self.user, self.session.id).await.unwrap()
    }

    fn reads(&self) -> usize {
        self.secrets.read.load(Ordering::Relaxed)
    }

    async fn audit(&self) -> Vec<AuditEntry> {
        let store = self.app.store().unwrap();
        let found = store.records(&Tenant::main(), &AUDIT, Listing::All, None, 10).await.unwrap();
        found.into_iter().map(|fields| Row::read(fields).unwrap()).collect()
    }
}

#[tokio::test]
async fn a_rotated_key_logs_nobody_out_and_the_new_one_is_found_at_once() {
    let shop = Shop::open().await;
    let old = shop.token().await;
    let new = shop.elsewhere(&[("second", 2), ("first", 1)]).await;
    shop.keys(&[("second", 2), ("first", 1)]);
    let both: Vec<_> = join_all((0..20).map(|_| shop.code(&new))).await;
    assert_eq!(both, ["let in"; 20]);
    assert_eq!(shop.reads(), 2, "read anew once, for all of them");
    assert_eq!(shop.code(&old).await, "let in");
    assert_eq!(taken_apart(&shop.token().await).0["kid"], "second", "and it signs");
}

#[tokio::test]
async fn a_withdrawn_key_is_good_for_nothing() {
    let shop = Shop::open().await;
    let old = shop.token().await;
    assert_eq!(shop.code(&old).await, "let in", "and is remembered as checked");
    let new = shop.elsewhere(&[("second", 2)]).await;
    shop.keys(&[("second", 2)]);
    assert_eq!(shop.code(&new).await, "let in");
    assert_eq!(shop.code(&old).await, "token_invalid");
    shop.keys(&[("second", 2), ("first", 9)]);
    assert_eq!(shop.code(&old).await, "token_invalid", "another key of the same name");
}

#[tokio::test]
async fn made_up_keys_are_looked_for_once_in_ten_seconds() {
    let shop = Shop::open().await;
    let (header, claims, signature) = taken_apart(&shop.token().await);
    let made_up =
        |nth: usize| forged(&changed(header.clone(), "kid", format!("made-up-{nth}")), &claims, |_| signature.clone());
    for nth in 0..50 {
        assert_eq!(shop.code(&made_up(nth)).await, "token_invalid");
    }
    assert_eq!(shop.reads(), 2);
    shop.pass(10);
    assert_eq!(shop.code(&made_up(50)).await, "token_invalid");
    assert_eq!(shop.reads(), 3);
}

#[tokio::test]
async fn a_change_of_keys_is_told_once_in_the_audit() {
    let shop = Shop::open().await;
    let new = shop.elsewhere(&[("second", 2), ("first", 1)]).await;
    shop.token().await;
    shop.keys(&[("second", 2), ("first", 1)]);
    assert_eq!(shop.code(&new).await, "let in");
    // Another process that shares the store sees the same change.
    let mut other = Shop::open().await;
    other.token().await;
    other.app.store = shop.app.store.clone();
    other.keys(&[("second", 2), ("first", 1)]);
    assert_eq!(other.code(&new).await, "let in");
    let entries = shop.audit().await;
    let told: Vec<_> = entries.iter().map(|entry| (entry.action.as_str(), entry.details["kids"].to_string())).collect();
    assert_eq!(told, [("keys_changed", r#"["second","first"]"#.to_owned())]);
}

#[test]
fn a_secret_that_cannot_be_read_is_our_fault_and_shows_nothing_of_itself() {
    let wrong = ["", "{}", r#"{"keys":[]}"#, r#"{"keys":[{"kid":"a","seed":"c2hvcnQ"}]}"#, "s3cret"];
    for text in wrong {
        let problem = KeySet::parse(&Secret::new(text)).err().unwrap().to_string();
        assert!(problem.starts_with("secrets is broken: token-keys: "), "{problem}");
        assert!(!problem.contains("s3cret") && !problem.contains("c2hvcnQ"), "{problem}");
    }
}
