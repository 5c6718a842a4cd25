//! The admin whose token the loads carry: made and logged in as anybody's is.

use serde_json::{Value, json};

pub const EMAIL: &str = "admin@bharatmart.example";
pub const PASSWORD: &str = "first admin of the bench";

pub fn login() -> String {
    json!({ "email": EMAIL, "password": PASSWORD }).to_string()
}

/// Out of what a log-in answered.
pub fn token(answer: &str) -> String {
    let answer: Value = serde_json::from_str(answer).unwrap_or_default();
    match answer["tokens"]["access_token"].as_str() {
        Some(token) => token.to_owned(),
        None => panic!("the admin could not log in: {answer}"),
    }
}
