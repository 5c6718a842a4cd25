//! What somebody with bad intent tries, and that it fails: docs/security.md tells which test holds which threat.

mod codes;
mod cookies;
mod crowd;
pub mod forge;
mod logs;
mod refresh;
mod strangers;
mod thieves;
mod timing;
mod tokens;
mod two_steps;

use serde_json::Value;

use crate::client::Answer;
use crate::world::Shop;

async fn me(shop: &Shop, token: &str) -> Answer {
    shop.client.ask("GET", "/api/v1/users/me").token(token).send().await
}

/// What a refusal is called; empty when it is none. Nothing an attacker sends may break the shop, but a store under a
/// rush may say that it is busy.
#[track_caller]
fn code_of(answer: &Answer) -> String {
    let body: Value = serde_json::from_str(&answer.body).unwrap_or_default();
    let code = body["code"].as_str().unwrap_or_default();
    assert!(answer.status.as_u16() < 500 || code == "busy", "{answer:?}");
    code.to_owned()
}
