//! Tokens of outside issuers: each test's own one, on loopback, with keys of its own; a file for what each group shows.

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::Response;
use http_body_util::Full;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::alone::{Alone, engines, open};
use crate::attacks::forge::{Key, with};
use crate::client::Answer;

/// Each test has the issuer of its name, so that what one does to its keys and clock is nothing to another.
macro_rules! on_every_engine {
    ($($test:ident),+ $(,)?) => {
        pub const TESTS: &[&str] = &[$(stringify!($test)),+];
        on_every_engine!(@engine sqlite, [$($test),+]);
        on_every_engine!(@engine postgres, [$($test),+]);
        on_every_engine!(@engine dynamodb, [$($test),+]);
    };
    (@engine $engine:ident, [$($test:ident),+]) => {
        mod $engine {
            $(
                #[test]
                fn $test() {
                    let shop = $crate::issuers::shops::$engine();
                    $crate::world::run(super::$test(shop, shop.issuer(stringify!($test))));
                }
            )+
        }
    };
}

mod accounts;
mod keys;
mod roles;
mod tokens;

/// One on each engine, shared by all these tests.
mod shops {
    use std::sync::OnceLock;

    use super::{Served, engines, serve};

    pub fn sqlite() -> &'static Served {
        static SHOP: OnceLock<Served> = OnceLock::new();
        SHOP.get_or_init(|| crate::world::run(async { serve(engines::sqlite().await).await }))
    }

    pub fn postgres() -> &'static Served {
        static SHOP: OnceLock<Served> = OnceLock::new();
        SHOP.get_or_init(|| crate::world::run(async { serve(engines::postgres().await).await }))
    }

    pub fn dynamodb() -> &'static Served {
        static SHOP: OnceLock<Served> = OnceLock::new();
        SHOP.get_or_init(|| crate::world::run(async { serve(engines::dynamodb().await).await }))
    }
}

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
    for test in [accounts::TESTS, keys::TESTS, roles::TESTS, tokens::TESTS].concat() {
        let (issuer, port) = Issuer::start(test).await;
        let roles = json!({ "shop-admin": "admin", "shop-support": "support" });
        let tenant = if test == SPICES { "spices" } else { "main" };
        listed.push(json!({
            "tenant": tenant, "issuer": issuer.name, "audience": AUDIENCE,
            "jwks_url": format!("http://127.0.0.1:{port}/certs"), "role_claim": ROLES, "roles": roles,
        }));
        issuers.insert(test, issuer);
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

fn with_roles(claims: &Value, roles: &[&str]) -> Value {
    with(claims, "realm_access", json!({ "roles": roles }))
}
