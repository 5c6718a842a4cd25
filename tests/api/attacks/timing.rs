//! Whether somebody has an account is told neither by what is answered nor by how long it takes.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::client::Answer;
use crate::identity::people::{Person, new_email, new_phone, otp, post, verify};
use crate::world::{Shop, on_every_shop};

on_every_shop!(
    a_login_takes_as_long_for_an_unknown_address_as_for_a_wrong_password,
    a_login_answers_the_same_for_an_unknown_address_as_for_a_wrong_password,
    asking_for_a_link_answers_the_same_for_known_and_unknown,
    asking_for_a_code_answers_the_same_for_known_and_unknown,
);

const SAMPLES: usize = 32;

/// The hash is nearly all of a login's time, some thirty times the rest: whoever left it out for unknown addresses
/// would be off by far more than the factor allowed here. The two kinds alternate, so that a busy machine slows both.
async fn a_login_takes_as_long_for_an_unknown_address_as_for_a_wrong_password(shop: &Shop) {
    // Three wrong passwords of each account: under the lock.
    let mut people = Vec::new();
    for _ in 0..SAMPLES.div_ceil(3) {
        people.push(Person::new(shop).await);
    }
    let (mut known, mut unknown) = (Vec::new(), Vec::new());
    for nth in 0..SAMPLES {
        known.push(wrong_login(shop, &people[nth / 3].email).await);
        unknown.push(wrong_login(shop, &new_email()).await);
    }
    let (known, unknown) = (median(known), median(unknown));
    eprintln!("wrong password: {known:?}, unknown address: {unknown:?} (medians of {SAMPLES})");
    let ratio = unknown.as_secs_f64() / known.as_secs_f64();
    assert!((0.6..1.6).contains(&ratio), "{ratio}: known {known:?}, unknown {unknown:?}");
}

async fn wrong_login(shop: &Shop, email: &str) -> Duration {
    let begun = Instant::now();
    let answer = post(shop, "auth/login", &json!({ "email": email, "password": "not the password" })).await;
    let took = begun.elapsed();
    answer.expect_problem(401, "invalid_credentials");
    took
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

async fn a_login_answers_the_same_for_an_unknown_address_as_for_a_wrong_password(shop: &Shop) {
    let unproved = Person::new(shop).await;
    let proved = Person::proved(shop).await;
    let wrong = async |email: &str| {
        let body = json!({ "email": email, "password": "not the password" });
        told(&post(shop, "auth/login", &body).await)
    };
    let nobody = wrong(&new_email()).await;
    assert_eq!(wrong(&unproved.email).await, nobody);
    assert_eq!(wrong(&proved.email).await, nobody);
    // The lock too: it counts for who is nobody as for who is somebody.
    let (somebody, nobody) = (proved.email.clone(), new_email());
    for email in [&somebody, &nobody] {
        for _ in 0..5 {
            wrong(email).await;
        }
    }
    let (locked, as_locked) = (wrong(&somebody).await, wrong(&nobody).await);
    assert_eq!(locked["status"], 429, "{locked}");
    assert_eq!(locked["body"]["code"], "account_locked", "{locked}");
    assert_eq!(locked, as_locked);
}

async fn asking_for_a_link_answers_the_same_for_known_and_unknown(shop: &Shop) {
    let person = Person::proved(shop).await;
    let ask = async |email: &str| told(&post(shop, "auth/password/forgot", &json!({ "email": email })).await);
    let unknown = ask(&new_email()).await;
    assert!(unknown["status"].as_u64().is_some_and(|status| (200..300).contains(&status)), "{unknown}");
    assert_eq!(ask(&person.email).await, unknown);
}

async fn asking_for_a_code_answers_the_same_for_known_and_unknown(shop: &Shop) {
    let known = new_phone();
    let code = otp(shop, &known).await;
    verify(shop, &known, &code).await.expect(200);
    let ask = async |phone: &str| told(&post(shop, "auth/otp/send", &json!({ "phone": phone })).await);
    let unknown = ask(&new_phone()).await;
    assert_eq!((&unknown["status"], &unknown["body"]["expires_in"]), (&json!(202), &json!(300)), "{unknown}");
    assert_eq!(ask(&known).await, unknown);
}

/// All of an answer but what names the request, and how long there is still to wait.
fn told(answer: &Answer) -> Value {
    let mut body: Value = serde_json::from_str(&answer.body).unwrap_or_default();
    if let Some(fields) = body.as_object_mut() {
        fields.remove("request_id");
        fields.remove("detail");
    }
    let own = ["x-request-id", "date", "traceparent", "ratelimit", "retry-after", "content-length", "etag"];
    let names = answer.headers.iter().filter(|(name, _)| !own.contains(&name.as_str()));
    let headers: Vec<String> = names.map(|(name, value)| format!("{name}: {value:?}")).collect();
    json!({ "status": answer.status.as_u16(), "body": body, "headers": headers })
}
