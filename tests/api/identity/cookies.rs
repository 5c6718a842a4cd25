//! A browser keeps the refresh token in a cookie that scripts cannot read; what it changes with it needs a second
//! token.

use serde_json::{Value, json};

use super::people::{Person, refresh};
use crate::client::{Answer, Ask};
use crate::world::{Shop, on_every_shop};

on_every_shop!(
    a_browser_is_given_its_refresh_token_in_a_cookie,
    a_cookie_refreshes_only_with_its_csrf_token,
    a_program_is_given_no_cookie,
    logging_out_takes_the_cookie_away,
    a_cookie_is_no_login,
);

fn from_browser<'a>(shop: &'a Shop, path: &str) -> Ask<'a> {
    shop.client.ask("POST", &format!("/api/v1/auth/{path}")).header("x-session-mode", "cookie")
}

/// The name and value, as a browser sends them back, after it has looked at the rest.
fn cookie(answer: &Answer) -> String {
    let set = answer.header("set-cookie");
    let (pair, rest) = set.split_once(';').unwrap_or_else(|| panic!("no cookie: {answer:?}"));
    let rest: Vec<_> = rest.split(';').map(str::trim).collect();
    for attribute in ["HttpOnly", "SameSite=Strict", "Path=/api/v1/auth", "Max-Age=604800"] {
        assert!(rest.contains(&attribute), "{attribute} is missing: {set}");
    }
    assert!(pair.starts_with("refresh_token=rt_"), "{set}");
    pair.to_owned()
}

fn csrf(tokens: &Value) -> String {
    assert!(tokens.get("refresh_token").is_none(), "scripts can read it: {tokens}");
    tokens["csrf_token"].as_str().unwrap_or_else(|| panic!("{tokens}")).to_owned()
}

async fn log_in(shop: &Shop, person: &Person) -> Answer {
    let body = json!({ "email": person.email, "password": person.password });
    from_browser(shop, "login").json(&body).send().await.expect(200)
}

async fn a_browser_is_given_its_refresh_token_in_a_cookie(shop: &Shop) {
    let person = Person::new(shop).await;
    let answer = log_in(shop, &person).await;
    let cookie = cookie(&answer);
    let tokens = &answer.json()["tokens"];
    assert_ne!(csrf(tokens), "");
    assert!(!answer.body.contains(cookie.split_once('=').unwrap().1), "it stands in the body too");
    let access = tokens["access_token"].as_str().unwrap();
    shop.client.ask("GET", "/api/v1/users/me").token(access).send().await.expect(200);
}

async fn a_cookie_refreshes_only_with_its_csrf_token(shop: &Shop) {
    let person = Person::new(shop).await;
    let (first, second) = (log_in(shop, &person).await, log_in(shop, &person).await);
    let (first_csrf, second_csrf) = (csrf(&first.json()["tokens"]), csrf(&second.json()["tokens"]));
    let ask = || from_browser(shop, "token/refresh").header("cookie", &cookie(&first));
    ask().send().await.expect_problem(403, "csrf_token_invalid");
    for wrong in ["", "x", &second_csrf] {
        ask().header("x-csrf-token", wrong).send().await.expect_problem(403, "csrf_token_invalid");
    }
    let answer = ask().header("x-csrf-token", &first_csrf).json(&json!({})).send().await.expect(200);
    let tokens = answer.json();
    assert_ne!(cookie(&answer), cookie(&first));
    assert_ne!(csrf(&tokens), first_csrf);
    let next = from_browser(shop, "token/refresh").header("cookie", &format!("theme=dark; {}", cookie(&answer)));
    next.header("x-csrf-token", &csrf(&tokens)).send().await.expect(200);
}

async fn a_program_is_given_no_cookie(shop: &Shop) {
    let person = Person::new(shop).await;
    for answer in [
        super::people::login(shop, &person.email, &person.password).await.expect(200),
        refresh(shop, &person.refresh).await.expect(200),
    ] {
        assert_eq!(answer.header("set-cookie"), "");
        assert!(!answer.body.contains("csrf_token"), "{answer:?}");
    }
}

async fn logging_out_takes_the_cookie_away(shop: &Shop) {
    let person = Person::new(shop).await;
    let answer = log_in(shop, &person).await;
    let token = answer.json()["tokens"]["access_token"].as_str().unwrap().to_owned();
    let kept = cookie(&answer);
    let out = from_browser(shop, "logout").token(&token).header("cookie", &kept).send().await.expect(204);
    let cleared = out.header("set-cookie");
    assert!(cleared.starts_with("refresh_token=;") && cleared.contains("Max-Age=0"), "{cleared}");
    refresh(shop, kept.split_once('=').unwrap().1).await.expect_problem(401, "session_revoked");
}

/// It stands for the session at one place alone.
async fn a_cookie_is_no_login(shop: &Shop) {
    let person = Person::new(shop).await;
    let kept = cookie(&log_in(shop, &person).await);
    for (method, path) in [("GET", "/api/v1/users/me"), ("POST", "/api/v1/auth/logout")] {
        let ask = shop.client.ask(method, path).header("cookie", &kept);
        ask.send().await.expect_problem(401, "token_missing");
    }
}
