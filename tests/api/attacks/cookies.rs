//! A browser's session rides in a cookie: another site that makes the browser send it must gain nothing.

use serde_json::{Value, json};

use crate::client::{Answer, Ask};
use crate::identity::people::Person;
use crate::world::{Shop, on_every_shop};

on_every_shop!(
    the_cookie_is_out_of_reach_of_scripts_and_other_sites,
    a_refresh_by_cookie_without_the_csrf_token_is_refused,
    a_refresh_by_cookie_with_a_wrong_csrf_token_is_refused,
    the_cookie_is_no_login_for_other_routes,
    a_refresh_token_in_the_body_needs_no_csrf_token,
);

/// A login in a browser.
struct Browser {
    person: Person,
    cookie: String,
    csrf: String,
    access: String,
}

async fn browser(shop: &Shop) -> Browser {
    let person = Person::new(shop).await;
    let body = json!({ "email": person.email, "password": person.password });
    let ask = shop.client.ask("POST", "/api/v1/auth/login").header("x-session-mode", "cookie").json(&body);
    let answer = ask.send().await.expect(200);
    let tokens = answer.json()["tokens"].clone();
    let text = |field: &str| tokens[field].as_str().unwrap_or_else(|| panic!("no {field}: {tokens}")).to_owned();
    Browser { cookie: cookie(&answer), csrf: text("csrf_token"), access: text("access_token"), person }
}

/// `refresh_token=…`, as it comes back.
fn cookie(answer: &Answer) -> String {
    let set = answer.header("set-cookie");
    assert!(set.starts_with("refresh_token=rt_"), "{set}");
    set.split(';').next().unwrap().to_owned()
}

fn refresh<'a>(shop: &'a Shop, cookie: &str) -> Ask<'a> {
    let ask = shop.client.ask("POST", "/api/v1/auth/token/refresh").header("cookie", cookie);
    ask.header("x-session-mode", "cookie").json(&json!({}))
}

async fn the_cookie_is_out_of_reach_of_scripts_and_other_sites(shop: &Shop) {
    let person = Person::new(shop).await;
    let body = json!({ "email": person.email, "password": person.password });
    let ask = shop.client.ask("POST", "/api/v1/auth/login").header("x-session-mode", "cookie");
    let answer = ask.header("origin", "https://evil.example").json(&body).send().await.expect(200);
    let attributes: Vec<String> =
        answer.header("set-cookie").split(';').map(|part| part.trim().to_lowercase()).collect();
    for attribute in ["httponly", "samesite=strict", "path=/api/v1/auth", "max-age=604800"] {
        assert!(attributes.iter().any(|one| one == attribute), "no {attribute}: {attributes:?}");
    }
    assert!(!attributes.iter().any(|one| one.starts_with("domain")), "{attributes:?}");
    assert_eq!(answer.json()["tokens"]["refresh_token"], Value::Null, "a script could read it");
    // Nor may another site read the answer.
    assert_eq!(answer.header("access-control-allow-origin"), "");
    assert_eq!(answer.header("cache-control"), "no-store");
}

async fn a_refresh_by_cookie_without_the_csrf_token_is_refused(shop: &Shop) {
    let browser = browser(shop).await;
    // What a form of another site can send.
    refresh(shop, &browser.cookie).send().await.expect_problem(403, "csrf_token_invalid");
    let form = shop.client.ask("POST", "/api/v1/auth/token/refresh").header("cookie", &browser.cookie);
    let answer = form.header("content-type", "application/x-www-form-urlencoded").send().await;
    assert!(matches!(answer.status.as_u16(), 403 | 415), "{answer:?}");
    goes_on(shop, &browser).await;
}

async fn a_refresh_by_cookie_with_a_wrong_csrf_token_is_refused(shop: &Shop) {
    let (victim, attacker) = (browser(shop).await, browser(shop).await);
    let secret = victim.cookie.rsplit_once('.').unwrap().1.to_owned();
    for wrong in [attacker.csrf.as_str(), "", "x", &victim.csrf[1..], &secret, &victim.access] {
        let ask = refresh(shop, &victim.cookie).header("x-csrf-token", wrong);
        ask.send().await.expect_problem(403, "csrf_token_invalid");
    }
    goes_on(shop, &victim).await;
}

/// No attempt rotated the token or ended the session: the browser's own next step works, and is told anew.
async fn goes_on(shop: &Shop, browser: &Browser) {
    let answer = refresh(shop, &browser.cookie).header("x-csrf-token", &browser.csrf).send().await.expect(200);
    let (next, tokens) = (cookie(&answer), answer.json());
    let tokens = if tokens["tokens"].is_object() { tokens["tokens"].clone() } else { tokens };
    assert!(next != browser.cookie && tokens["refresh_token"].is_null(), "{answer:?}");
    let csrf = tokens["csrf_token"].as_str().unwrap();
    assert_ne!(csrf, browser.csrf, "each cookie has a token of its own");
    refresh(shop, &next).header("x-csrf-token", &browser.csrf).send().await.expect_problem(403, "csrf_token_invalid");
    refresh(shop, &next).header("x-csrf-token", csrf).send().await.expect(200);
}

async fn the_cookie_is_no_login_for_other_routes(shop: &Shop) {
    let browser = browser(shop).await;
    for (method, path) in [("GET", "users/me"), ("DELETE", "users/me"), ("POST", "auth/logout"), ("GET", "admin/users")]
    {
        let ask = shop.client.ask(method, &format!("/api/v1/{path}")).header("cookie", &browser.cookie);
        let ask = ask.header("x-csrf-token", &browser.csrf).json(&json!({}));
        ask.send().await.expect_problem(401, "token_missing");
    }
    goes_on(shop, &browser).await;
}

async fn a_refresh_token_in_the_body_needs_no_csrf_token(shop: &Shop) {
    let (browser, program) = (browser(shop).await, Person::new(shop).await);
    // Whoever holds the token itself gains nothing by forging; and it is that token which counts.
    let body = json!({ "refresh_token": program.refresh });
    let ask = shop.client.ask("POST", "/api/v1/auth/token/refresh").header("cookie", &browser.cookie);
    let tokens = ask.json(&body).send().await.expect(200).json();
    let next = tokens["refresh_token"].as_str().unwrap();
    assert_eq!(next.rsplit_once('.').unwrap().0, program.refresh.rsplit_once('.').unwrap().0);
    assert_ne!(browser.person.id, program.id);
    goes_on(shop, &browser).await;
}
