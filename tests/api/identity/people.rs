//! People at the shop's door: who they are, what they ask for, and the messages they are sent.

use std::cell::RefCell;
use std::time::Duration;

use bharatmart_tests::eventually_within;
use data_encoding::BASE64URL_NOPAD;
use serde_json::{Value, json};

use crate::client::{Answer, Ask};
use crate::world::Shop;

/// Messages are sent by a worker, in its turn.
const PATIENCE: Duration = Duration::from_secs(60);

/// Somebody with an account, on one device.
#[derive(Clone, Debug)]
pub struct Person {
    pub id: String,
    pub email: String,
    pub password: String,
    pub access: String,
    pub refresh: String,
}

impl Person {
    /// Signed up a moment ago; the e-mail address is not proved.
    pub async fn new(shop: &Shop) -> Person {
        let (email, password) = (new_email(), new_password());
        let answer = signup(shop, &email, &password).await.expect(201);
        Person::of(&answer, &email, &password)
    }

    /// The same with the e-mail address proved.
    pub async fn proved(shop: &Shop) -> Person {
        let person = Person::new(shop).await;
        let token = mailed_token(shop, &person.email, "verify_email", None).await;
        prove(shop, &token).await.expect(200);
        person
    }

    /// Somebody who came by phone; has neither e-mail address nor password.
    pub async fn by_phone(shop: &Shop, phone: &str) -> Person {
        let code = otp(shop, phone).await;
        Person::of(&verify(shop, phone, &code).await.expect(200), "", "")
    }

    /// As an answer with user and tokens tells it.
    pub fn of(answer: &Answer, email: &str, password: &str) -> Person {
        let answer = answer.json();
        let text =
            |part: &str, field: &str| answer[part][field].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned();
        Person {
            id: text("user", "id"),
            email: email.to_owned(),
            password: password.to_owned(),
            access: text("tokens", "access_token"),
            refresh: text("tokens", "refresh_token"),
        }
    }

    /// The same person on another device.
    pub async fn on_another_device(&self, shop: &Shop) -> Person {
        let answer = login(shop, &self.email, &self.password).await.expect(200);
        Person::of(&answer, &self.email, &self.password)
    }

    /// The same person on the same device, later.
    pub async fn refreshed(&self, shop: &Shop) -> Person {
        let tokens = refresh(shop, &self.refresh).await.expect(200).json();
        let text = |field: &str| tokens[field].as_str().unwrap_or_else(|| panic!("{tokens}")).to_owned();
        Person { access: text("access_token"), refresh: text("refresh_token"), ..self.clone() }
    }

    pub fn ask<'a>(&self, shop: &'a Shop, method: &str, path: &str) -> Ask<'a> {
        shop.client.ask(method, &format!("/api/v1/{path}")).token(&self.access)
    }

    pub async fn get(&self, shop: &Shop, path: &str) -> Answer {
        self.ask(shop, "GET", path).send().await
    }

    pub async fn send(&self, shop: &Shop, method: &str, path: &str, body: &Value) -> Answer {
        self.ask(shop, method, path).json(body).send().await
    }

    pub async fn delete(&self, shop: &Shop, path: &str) -> Answer {
        self.ask(shop, "DELETE", path).send().await
    }

    /// The profile.
    pub async fn me(&self, shop: &Shop) -> Value {
        self.get(shop, "users/me").await.expect(200).json()
    }

    pub fn session(&self) -> String {
        claims(&self.access)["sid"].as_str().unwrap().to_owned()
    }
}

pub fn new_email() -> String {
    format!("asha.{:016x}@example.in", rand::random::<u64>())
}

pub fn new_password() -> String {
    format!("monsoon {:016x}", rand::random::<u64>())
}

pub fn new_phone() -> String {
    format!("+917{:09}", rand::random_range(0..1_000_000_000_u32))
}

pub async fn post(shop: &Shop, path: &str, body: &Value) -> Answer {
    shop.client.ask("POST", &format!("/api/v1/{path}")).json(body).send().await
}

pub async fn signup(shop: &Shop, email: &str, password: &str) -> Answer {
    post(shop, "auth/signup", &json!({ "email": email, "password": password, "name": "Asha Rao" })).await
}

pub async fn login(shop: &Shop, email: &str, password: &str) -> Answer {
    post(shop, "auth/login", &json!({ "email": email, "password": password })).await
}

pub async fn refresh(shop: &Shop, token: &str) -> Answer {
    post(shop, "auth/token/refresh", &json!({ "refresh_token": token })).await
}

/// Proves an e-mail address.
pub async fn prove(shop: &Shop, token: &str) -> Answer {
    post(shop, "auth/email/verify", &json!({ "token": token })).await
}

pub async fn send_otp(shop: &Shop, phone: &str) -> Answer {
    post(shop, "auth/otp/send", &json!({ "phone": phone })).await
}

pub async fn verify(shop: &Shop, phone: &str, code: &str) -> Answer {
    post(shop, "auth/otp/verify", &json!({ "phone": phone, "code": code })).await
}

/// Asks for a code and reads it.
pub async fn otp(shop: &Shop, phone: &str) -> String {
    let before = codes(shop, phone).await.len();
    send_otp(shop, phone).await.expect(202);
    awaited("a code is sent", async || {
        let codes = codes(shop, phone).await;
        (codes.len() > before).then(|| codes[0].clone())
    })
    .await
}

/// Every code that was sent to a phone, newest first.
async fn codes(shop: &Shop, phone: &str) -> Vec<String> {
    let is_code = |word: &&str| word.len() == 6 && word.bytes().all(|b| b.is_ascii_digit());
    let words = |text: &str| text.split(|c: char| !c.is_alphanumeric()).find(is_code).map(str::to_owned);
    messages(shop, phone).await.iter().filter_map(|message| words(message["text"].as_str().unwrap())).collect()
}

/// Another code of six digits than this; `n` under a million picks which.
pub fn another_code(code: &str, n: u32) -> String {
    format!("{:06}", (code.parse::<u32>().unwrap() + n) % 1_000_000)
}

/// What was sent to an address or a phone, newest first.
pub async fn messages(shop: &Shop, to: &str) -> Vec<Value> {
    let to: String = form_urlencoded::byte_serialize(to.as_bytes()).collect();
    let path = format!("/_local/api/mail?to={to}");
    // Where messages are kept is slow to answer on a busy machine.
    awaited("messages are shown", async || {
        let answer = shop.client.get(&path).await;
        (answer.status != 503).then(|| answer.expect(200).json().as_array().unwrap().clone())
    })
    .await
}

/// The token of the newest link of this purpose (`verify_email`, or `verify_email/<whose>`), once it is there and
/// another than `former`.
pub async fn mailed_token(shop: &Shop, to: &str, purpose: &str, former: Option<&str>) -> String {
    awaited(&format!("a token to {purpose} is mailed to {to}"), async || {
        let messages = messages(shop, to).await;
        let token = messages.iter().find_map(|message| token_in(message["text"].as_str().unwrap(), purpose))?;
        (Some(token.as_str()) != former).then_some(token)
    })
    .await
}

/// A token names what it is for.
fn token_in(text: &str, purpose: &str) -> Option<String> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '.' | '-' | '_'));
    let named = |word: &&str| {
        let id = word.split_once('.').and_then(|(id, _)| BASE64URL_NOPAD.decode(id.as_bytes()).ok());
        let id = id.and_then(|id| String::from_utf8(id).ok());
        id.is_some_and(|id| id == purpose || id.strip_prefix(purpose).is_some_and(|of| of.starts_with('/')))
    };
    words.map(|word| word.trim_end_matches('.')).find(named).map(str::to_owned)
}

/// What an access token says, whoever signed it.
pub fn claims(token: &str) -> Value {
    part(token, 1)
}

/// The header (0) or the claims (1) of a token.
pub fn part(token: &str, nth: usize) -> Value {
    let part = token.split('.').nth(nth).unwrap_or_else(|| panic!("no JWT: {token}"));
    serde_json::from_slice(&BASE64URL_NOPAD.decode(part.as_bytes()).unwrap()).unwrap()
}

/// Asks until there is an answer.
pub async fn awaited<T>(what: &str, ask: impl AsyncFn() -> Option<T>) -> T {
    let found = RefCell::new(None);
    eventually_within(PATIENCE, what, || async {
        let answer = ask().await;
        let there = answer.is_some();
        *found.borrow_mut() = answer;
        there
    })
    .await;
    found.into_inner().unwrap()
}

impl Answer {
    /// A refusal of whatever status with this code.
    #[track_caller]
    pub fn expect_refusal(self, code: &str) -> Value {
        let status = self.status.as_u16();
        assert!((400..500).contains(&status), "{self:?}");
        self.expect_problem(status, code)
    }

    /// Only seconds to wait, and no more than `most` of them.
    #[track_caller]
    pub fn expect_wait(&self, most: u64) {
        let wait: u64 = self.header("retry-after").parse().unwrap_or_else(|_| panic!("no Retry-After: {self:?}"));
        assert!((1..=most).contains(&wait), "wait {wait} s of {most}");
    }
}

/// The newest code that was sent to a phone, once it is there and another than `former`.
pub async fn texted_code(shop: &Shop, phone: &str, former: Option<&str>) -> String {
    let before = former.map_or(0, |_| 1);
    awaited("a code is sent", async || {
        let codes = codes(shop, phone).await;
        (codes.len() > before).then(|| codes[0].clone())
    })
    .await
}

/// What was mailed to somebody: each subject, with its text.
pub async fn mails_to(shop: &Shop, email: &str) -> Vec<String> {
    let told = |message: &Value| {
        let text = |field: &str| message[field].as_str().unwrap_or_default().to_owned();
        format!("{}\n{}", text("subject"), text("text"))
    };
    messages(shop, email).await.iter().map(told).collect()
}
