//! Customers with an account each, whose addresses are proved, so that the shop writes to them.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::web::Web;

/// So many sign up at once: hashing a password takes a core for a while.
const AT_ONCE: usize = 4;
const PATIENCE: Duration = Duration::from_secs(60);

pub struct Account {
    pub id: String,
    pub token: String,
}

pub async fn sign_up(web: &Web, count: usize) -> Vec<Account> {
    let mut signing_up = JoinSet::new();
    for first in 0..AT_ONCE {
        let web = web.clone();
        signing_up.spawn(async move {
            let mut accounts = Vec::new();
            for _ in (first..count).step_by(AT_ONCE) {
                accounts.push(one(&web).await);
            }
            accounts
        });
    }
    signing_up.join_all().await.into_iter().flatten().collect()
}

async fn one(web: &Web) -> Account {
    let email = format!("bench-{:016x}@example.in", rand::random::<u64>());
    let body = json!({ "email": email, "password": format!("pass {email}"), "name": "Asha Rao" });
    let signed_up = web.post("", "/api/v1/auth/signup", &body).await;
    let signed_up = signed_up.unwrap_or_else(|error| panic!("nobody can sign up: {error}"));
    let token = mailed_token(web, &email).await;
    let proved = web.post("", "/api/v1/auth/email/verify", &json!({ "token": token })).await;
    proved.unwrap_or_else(|error| panic!("an address could not be proved: {error}"));
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    Account { id: text(&signed_up["user"]["id"]), token: text(&signed_up["tokens"]["access_token"]) }
}

async fn mailed_token(web: &Web, email: &str) -> String {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let mails = web.get("", &format!("/_local/api/mail?to={email}")).await.unwrap_or_default();
        if let Some(token) = mails.as_array().into_iter().flatten().find_map(token_in) {
            return token;
        }
        assert!(Instant::now() < deadline, "no link was mailed to {email}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

fn token_in(mail: &Value) -> Option<String> {
    let (_, token) = mail["text"].as_str()?.split_once("/verify-email?token=")?;
    token.split_whitespace().next().map(str::to_owned)
}
