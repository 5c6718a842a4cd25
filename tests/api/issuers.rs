//! Tokens of outside issuers: each test's own one, on loopback, with keys of its own.

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use bharatmart_tests::eventually_within;
use bytes::Bytes;
use futures_util::future::join_all;
use http::Response;
use http_body_util::Full;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::alone::{Alone, engines, open};
use crate::attacks::forge::{self, Key, with};
use crate::client::Answer;
use crate::identity::people::{new_email, new_password};

/// Each test has the issuer of its name, so that what one does to its keys and clock is nothing to another.
macro_rules! on_every_engine {
    ($($test:ident),+ $(,)?) => {
        const TESTS: &[&str] = &[$(stringify!($test)),+];
        on_every_engine!(@engine sqlite, [$($test),+]);
        on_every_engine!(@engine postgres, [$($test),+]);
        on_every_engine!(@engine dynamodb, [$($test),+]);
    };
    (@engine $engine:ident, [$($test:ident),+]) => {
        mod $engine {
            use std::sync::OnceLock;

            fn shop() -> &'static super::Served {
                static SHOP: OnceLock<super::Served> = OnceLock::new();
                SHOP.get_or_init(|| crate::world::run(async { super::serve(super::engines::$engine().await).await }))
            }
            $(
                #[test]
                fn $test() {
                    let shop = shop();
                    crate::world::run(super::$test(shop, shop.issuer(stringify!($test))));
                }
            )+
        }
    };
}

on_every_engine!(
    a_token_of_each_kind_of_key_is_taken,
    its_roles_are_mapped_to_the_shops,
    a_role_counts_only_while_the_token_says_so,
    a_token_that_is_not_for_us_or_not_for_now_is_refused,
    an_issuer_speaks_only_for_itself,
    a_key_is_good_for_its_own_algorithm_alone,
    a_new_key_is_found_without_a_restart,
    unknown_keys_make_it_ask_at_most_once_in_ten_seconds,
    while_the_issuer_is_away_known_keys_go_on,
    an_issuer_that_never_answered_lets_nobody_in,
    an_equal_email_is_another_account,
    two_issuers_with_one_subject_are_two_accounts,
    many_first_requests_at_once_make_one_account,
    a_disabled_outside_account_is_refused,
    an_issuer_of_one_shop_is_nobody_in_another,
    logging_out_everywhere_ends_the_tokens_that_were_issued_before,
    an_admin_does_not_change_the_role_an_issuer_gave,
);

const AUDIENCE: &str = "the-shop";
const ROLES: &str = "realm_access.roles";
const DOMAIN: &str = "shops.example";
/// The issuer of this test is that of another shop.
const SPICES: &str = "an_issuer_of_one_shop_is_nobody_in_another";

struct Issuer {
    name: String,
    key: Key,
    published: Arc<Mutex<Vec<Value>>>,
    fetches: Arc<AtomicUsize>,
    serving: Mutex<Option<JoinHandle<()>>>,
}

struct Served {
    shop: Alone,
    admin: String,
    issuers: HashMap<&'static str, Issuer>,
}

impl Served {
    fn issuer(&self, test: &str) -> &Issuer {
        &self.issuers[test]
    }

    async fn me(&self, token: &str) -> Answer {
        self.shop.client.ask("GET", "/api/v1/users/me").token(token).send().await
    }

    async fn users(&self, token: &str) -> Answer {
        self.shop.client.ask("GET", "/api/v1/admin/users").token(token).send().await
    }

    async fn id(&self, token: &str) -> String {
        self.me(token).await.expect(200).json()["id"].as_str().unwrap().to_owned()
    }

    fn now(&self) -> i64 {
        self.shop.cloud.app().clock.now().millis() / 1_000
    }

    /// As an issuer writes them.
    fn claims(&self, issuer: &Issuer, subject: &str) -> Value {
        let now = self.now();
        json!({
            "iss": issuer.name, "aud": AUDIENCE, "sub": subject, "iat": now, "nbf": now, "exp": now + 300,
            "name": "Asha Rao", "azp": "web", "typ": "Bearer",
        })
    }
}

async fn serve(engine: crate::alone::Settings) -> Served {
    let mut issuers = HashMap::new();
    let mut listed = Vec::new();
    for test in TESTS {
        let (issuer, port) = Issuer::start(test).await;
        let roles = json!({ "shop-admin": "admin", "shop-support": "support" });
        let tenant = if *test == SPICES { "spices" } else { "main" };
        listed.push(json!({
            "tenant": tenant, "issuer": issuer.name, "audience": AUDIENCE,
            "jwks_url": format!("http://127.0.0.1:{port}/certs"), "role_claim": ROLES, "roles": roles,
        }));
        issuers.insert(*test, issuer);
    }
    let listed = Value::Array(listed).to_string();
    let more = [("OIDC_ISSUERS", listed.as_str()), ("LIMITS_EXEMPT_LOOPBACK", "true"), ("TENANT_DOMAIN", DOMAIN)];
    let shop = open(engine, &more).await;
    let admin = shop.admin().await;
    Served { shop, admin, issuers }
}

impl Issuer {
    async fn start(test: &str) -> (Issuer, u16) {
        let key = Key::p256("first");
        let published = Arc::new(Mutex::new(vec![key.jwk()]));
        let fetches = Arc::new(AtomicUsize::new(0));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let serving = tokio::spawn(answer(listener, published.clone(), fetches.clone()));
        let serving = Mutex::new(Some(serving));
        (Issuer { name: format!("https://id.example/{test}"), key, published, fetches, serving }, port)
    }

    fn publish(&self, key: &Key) {
        self.published.lock().unwrap().push(key.jwk());
    }

    fn fetches(&self) -> usize {
        self.fetches.load(Ordering::SeqCst)
    }

    /// Nothing listens there any more.
    async fn go_away(&self) {
        let serving = self.serving.lock().unwrap().take().unwrap();
        serving.abort();
        let _ended = serving.await;
    }
}

async fn answer(listener: TcpListener, published: Arc<Mutex<Vec<Value>>>, fetches: Arc<AtomicUsize>) {
    loop {
        let Ok((stream, _)) = listener.accept().await else { return };
        let (published, fetches) = (published.clone(), fetches.clone());
        let service = service_fn(move |_| {
            fetches.fetch_add(1, Ordering::SeqCst);
            let keys = json!({ "keys": *published.lock().unwrap() }).to_string();
            async move { Ok::<_, Infallible>(Response::new(Full::new(Bytes::from(keys)))) }
        });
        let connection = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service);
        tokio::spawn(connection);
    }
}

#[track_caller]
fn refused(answer: Answer) {
    answer.expect_problem(401, "token_invalid");
}

async fn a_token_of_each_kind_of_key_is_taken(shop: &Served, issuer: &Issuer) {
    let (rsa, ed) = (Key::rsa("rsa"), Key::ed25519("ed"));
    issuer.publish(&rsa);
    issuer.publish(&ed);
    let claims = shop.claims(issuer, "asha");
    let mut ids = Vec::new();
    for key in [&rsa, &ed, &issuer.key] {
        let me = shop.me(&key.sign(&claims)).await.expect(200).json();
        assert_eq!((&me["role"], &me["name"], &me["email"]), (&json!("customer"), &json!("Asha Rao"), &Value::Null));
        ids.push(me["id"].as_str().unwrap().to_owned());
    }
    assert!(ids.iter().all(|id| *id == ids[0]) && ids[0].starts_with("usr_"), "{ids:?}");
    // Keycloak names several audiences, Cognito a client.
    let several = with(&claims, "aud", json!(["account", AUDIENCE]));
    let client = with(&with(&claims, "aud", Value::Null), "client_id", json!(AUDIENCE));
    for claims in [several, client] {
        assert_eq!(shop.id(&rsa.sign(&claims)).await, ids[0]);
    }
    // What they have is theirs.
    let address = json!({
        "label": "Home", "full_name": "Asha Rao", "phone": "+919876543210", "line1": "12 MG Road",
        "city": "Bengaluru", "state": "Karnataka", "pincode": "560001",
    });
    let post = shop.shop.client.ask("POST", "/api/v1/users/me/addresses").token(&ed.sign(&claims)).json(&address);
    post.send().await.expect(201);
    let list = shop.shop.client.ask("GET", "/api/v1/users/me/addresses").token(&rsa.sign(&claims)).send().await;
    assert_eq!(list.expect(200).json()["data"].as_array().unwrap().len(), 1);
}

fn with_roles(claims: &Value, roles: &[&str]) -> Value {
    with(claims, "realm_access", json!({ "roles": roles }))
}

async fn its_roles_are_mapped_to_the_shops(shop: &Served, issuer: &Issuer) {
    let role = async |subject: &str, roles: Value| {
        let claims = with(&shop.claims(issuer, subject), "realm_access", roles);
        shop.me(&issuer.key.sign(&claims)).await.expect(200).json()["role"].as_str().unwrap().to_owned()
    };
    assert_eq!(role("r1", json!({ "roles": ["offline_access", "shop-admin"] })).await, "admin");
    assert_eq!(role("r2", json!({ "roles": ["shop-support"] })).await, "support");
    assert_eq!(role("r3", json!({ "roles": "shop-support" })).await, "support");
    // The shop's own words mean nothing in an issuer's mouth, nor do others in another place.
    for (nth, roles) in
        [json!({ "roles": ["admin"] }), json!({ "roles": [] }), json!({}), json!("shop-admin"), json!(7)]
            .into_iter()
            .enumerate()
    {
        assert_eq!(role(&format!("c{nth}"), roles.clone()).await, "customer", "{roles}");
    }
    let claims = with(&with(&shop.claims(issuer, "c9"), "role", json!("admin")), "roles", json!(["shop-admin"]));
    let claims = with(&claims, "tenant", json!("spices"));
    let token = issuer.key.sign(&claims);
    assert_eq!(shop.me(&token).await.expect(200).json()["role"], "customer");
    shop.users(&token).await.expect_problem(403, "forbidden");
}

async fn a_role_counts_only_while_the_token_says_so(shop: &Served, issuer: &Issuer) {
    let claims = shop.claims(issuer, "boss");
    let admin = issuer.key.sign(&with_roles(&claims, &["shop-admin"]));
    shop.users(&admin).await.expect(200);
    let former = issuer.key.sign(&with_roles(&claims, &[]));
    shop.users(&former).await.expect_problem(403, "forbidden");
    shop.me(&former).await.expect(200);
}

async fn a_token_that_is_not_for_us_or_not_for_now_is_refused(shop: &Served, issuer: &Issuer) {
    let claims = shop.claims(issuer, "asha");
    let now = shop.now();
    shop.me(&issuer.key.sign(&claims)).await.expect(200);
    // Their clock is another's: half a minute is overlooked.
    for (name, value) in [("exp", now - 10), ("nbf", now + 20)] {
        shop.me(&issuer.key.sign(&with(&claims, name, json!(value)))).await.expect(200);
    }
    let late = issuer.key.sign(&with(&claims, "exp", json!(now - 60)));
    shop.me(&late).await.expect_problem(401, "token_expired");
    let wrong = [
        ("nbf", json!(now + 600)),
        ("nbf", json!("soon")),
        ("exp", Value::Null),
        ("exp", json!("never")),
        ("aud", json!("another-client")),
        ("aud", json!(["another-client"])),
        ("aud", Value::Null),
        ("iss", json!("https://id.example/nobody")),
        ("iss", Value::Null),
        ("sub", Value::Null),
        ("sub", json!("")),
        ("sub", json!("s".repeat(300))),
    ];
    for (name, value) in wrong {
        refused(shop.me(&issuer.key.sign(&with(&claims, name, value))).await);
    }
}

async fn an_issuer_speaks_only_for_itself(shop: &Served, issuer: &Issuer) {
    // A key of this issuer's own, that no other one has.
    let own = Key::ed25519("own");
    issuer.publish(&own);
    let claims = shop.claims(issuer, "asha");
    shop.me(&own.sign(&claims)).await.expect(200);
    let other = shop.issuer("its_roles_are_mapped_to_the_shops");
    refused(shop.me(&own.sign(&with(&claims, "iss", json!(other.name)))).await);
    // Nor for the shop, with all that its tokens say.
    let (_, ours) = forge::parts(&shop.admin);
    refused(shop.me(&own.sign(&ours)).await);
    refused(shop.me(&own.sign(&with(&ours, "iss", json!(issuer.name)))).await);
    // And the shop's key signs no issuer's tokens.
    refused(shop.me(&Key::of_the_shop().sign(&claims)).await);
}

async fn a_key_is_good_for_its_own_algorithm_alone(shop: &Served, issuer: &Issuer) {
    let keys = [Key::rsa("rsa"), Key::p256("ec"), Key::ed25519("ed")];
    for key in &keys {
        issuer.publish(key);
    }
    let claims = shop.claims(issuer, "asha");
    for key in &keys {
        shop.me(&key.sign(&claims)).await.expect(200);
        for public in [key.public(), key.jwk().to_string().into_bytes(), Vec::new()] {
            refused(shop.me(&forge::hs256(&key.kid, &claims, &public)).await);
        }
        let unsigned = forge::unsigned(&with(&key.header(), "alg", json!("none")), &claims);
        refused(shop.me(&format!("{unsigned}.")).await);
        for other in keys.iter().filter(|other| other.kid != key.kid) {
            refused(shop.me(&key.sign_under(&other.header(), &claims)).await);
        }
    }
}

async fn a_new_key_is_found_without_a_restart(shop: &Served, issuer: &Issuer) {
    let claims = shop.claims(issuer, "asha");
    let id = shop.id(&issuer.key.sign(&claims)).await;
    let next = Key::rsa("next");
    issuer.publish(&next);
    let token = next.sign(&claims);
    eventually_within(Duration::from_secs(20), "the new key is found", || async {
        shop.me(&token).await.status == 200
    })
    .await;
    assert_eq!(shop.id(&token).await, id);
    shop.me(&issuer.key.sign(&claims)).await.expect(200);
}

async fn unknown_keys_make_it_ask_at_most_once_in_ten_seconds(shop: &Served, issuer: &Issuer) {
    let claims = shop.claims(issuer, "asha");
    let begun = Instant::now();
    shop.me(&issuer.key.sign(&claims)).await.expect(200);
    let garbage: Vec<String> = (0..100).map(|nth| Key::ed25519(&format!("garbage-{nth}")).sign(&claims)).collect();
    for answer in join_all(garbage.iter().map(|token| shop.me(token))).await {
        refused(answer);
    }
    let tens = begun.elapsed().as_secs() as usize / 10 + 1;
    assert!((1..=1 + tens).contains(&issuer.fetches()), "{} fetches in {:?}", issuer.fetches(), begun.elapsed());
    shop.me(&issuer.key.sign(&claims)).await.expect(200);
}

async fn while_the_issuer_is_away_known_keys_go_on(shop: &Served, issuer: &Issuer) {
    let claims = shop.claims(issuer, "asha");
    let token = issuer.key.sign(&claims);
    shop.me(&token).await.expect(200);
    issuer.go_away().await;
    for _ in 0..3 {
        shop.me(&token).await.expect(200);
        let unknown = shop.me(&Key::ed25519("new").sign(&claims)).await;
        assert!(matches!(unknown.status.as_u16(), 401 | 503), "{unknown:?}");
    }
    shop.me(&token).await.expect(200);
}

async fn an_issuer_that_never_answered_lets_nobody_in(shop: &Served, issuer: &Issuer) {
    issuer.go_away().await;
    let answer = shop.me(&issuer.key.sign(&shop.claims(issuer, "asha"))).await;
    // It is the shop that cannot know: the caller may come again.
    assert_eq!(answer.status, 503, "{answer:?}");
    assert!(!answer.header("retry-after").is_empty(), "{answer:?}");
}

async fn an_equal_email_is_another_account(shop: &Served, issuer: &Issuer) {
    let client = &shop.shop.client;
    let (email, password) = (new_email(), new_password());
    let body = json!({ "email": email, "password": password, "name": "Asha Rao" });
    let local = client.ask("POST", "/api/v1/auth/signup").json(&body).send().await.expect(201).json();
    let local = local["user"]["id"].as_str().unwrap();
    let claims = with(&shop.claims(issuer, "evil"), "email", json!(email));
    let claims = with(&with(&claims, "email_verified", json!(true)), "preferred_username", json!(email));
    let outside = shop.me(&issuer.key.sign(&claims)).await.expect(200).json();
    assert_ne!(outside["id"], local);
    assert!(outside["email"].is_null() && outside["email_verified"] == false, "{outside}");
    // Nor by naming the account itself.
    for subject in [local, &email] {
        assert_ne!(shop.id(&issuer.key.sign(&shop.claims(issuer, subject))).await, local);
    }
    let login = json!({ "email": email, "password": password });
    client.ask("POST", "/api/v1/auth/login").json(&login).send().await.expect(200);
}

async fn two_issuers_with_one_subject_are_two_accounts(shop: &Served, issuer: &Issuer) {
    let other = shop.issuer("its_roles_are_mapped_to_the_shops");
    let here = shop.id(&issuer.key.sign(&shop.claims(issuer, "the-same"))).await;
    let there = shop.id(&other.key.sign(&shop.claims(other, "the-same"))).await;
    assert_ne!(here, there);
    assert_eq!(shop.id(&issuer.key.sign(&shop.claims(issuer, "the-same"))).await, here);
    assert_ne!(shop.id(&issuer.key.sign(&shop.claims(issuer, "another"))).await, here);
}

async fn many_first_requests_at_once_make_one_account(shop: &Served, issuer: &Issuer) {
    let token = issuer.key.sign(&shop.claims(issuer, "eager"));
    let ids = join_all((0..10).map(|_| shop.id(&token))).await;
    assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
}

async fn a_disabled_outside_account_is_refused(shop: &Served, issuer: &Issuer) {
    let token = issuer.key.sign(&with_roles(&shop.claims(issuer, "gone"), &["shop-admin"]));
    let id = shop.id(&token).await;
    let set = async |status: &str| {
        let ask = shop.shop.client.ask("PATCH", &format!("/api/v1/admin/users/{id}")).token(&shop.admin);
        ask.json(&json!({ "status": status })).send().await.expect(200);
    };
    set("disabled").await;
    shop.me(&token).await.expect_problem(401, "account_disabled");
    shop.users(&token).await.expect_problem(401, "account_disabled");
    set("active").await;
    // What was issued before stays ended.
    shop.users(&token).await.expect_problem(401, "session_revoked");
    let later = with(&shop.claims(issuer, "gone"), "iat", json!(shop.now() + 1));
    shop.users(&issuer.key.sign(&with_roles(&later, &["shop-admin"]))).await.expect(200);
}

async fn an_issuer_of_one_shop_is_nobody_in_another(shop: &Served, issuer: &Issuer) {
    let spices = format!("spices.{DOMAIN}");
    let users = async |token: &str, host: &str| {
        shop.shop.client.ask("GET", "/api/v1/admin/users").token(token).header("host", host).send().await
    };
    let theirs = issuer.key.sign(&with_roles(&shop.claims(issuer, "boss"), &["shop-admin"]));
    users(&theirs, &spices).await.expect(200);
    for host in [DOMAIN.to_owned(), format!("main.{DOMAIN}"), format!("another.{DOMAIN}")] {
        users(&theirs, &host).await.expect_problem(403, "forbidden");
    }
    // Nor is the admin of the main shop's issuer one there.
    let ours = shop.issuer("its_roles_are_mapped_to_the_shops");
    let main = ours.key.sign(&with_roles(&shop.claims(ours, "head"), &["shop-admin"]));
    users(&main, DOMAIN).await.expect(200);
    users(&main, &spices).await.expect_problem(403, "forbidden");
}

async fn logging_out_everywhere_ends_the_tokens_that_were_issued_before(shop: &Served, issuer: &Issuer) {
    let issued = |seconds: i64| {
        let claims = with_roles(&shop.claims(issuer, "asha"), &["shop-admin"]);
        issuer.key.sign(&with(&claims, "iat", json!(shop.now() + seconds)))
    };
    let (stolen, own) = (issued(-60), issued(0));
    shop.users(&stolen).await.expect(200);
    let everywhere = json!({ "all_devices": true });
    shop.shop.client.ask("POST", "/api/v1/auth/logout").token(&own).json(&everywhere).send().await.expect(204);
    for token in [&stolen, &own] {
        shop.me(token).await.expect_problem(401, "session_revoked");
        shop.users(token).await.expect_problem(401, "session_revoked");
    }
    shop.me(&issued(1)).await.expect(200);
}

async fn an_admin_does_not_change_the_role_an_issuer_gave(shop: &Served, issuer: &Issuer) {
    let id = shop.id(&issuer.key.sign(&shop.claims(issuer, "asha"))).await;
    let ask = shop.shop.client.ask("PATCH", &format!("/api/v1/admin/users/{id}")).token(&shop.admin);
    ask.json(&json!({ "role": "seller" })).send().await.expect_problem(409, "role_from_issuer");
}
