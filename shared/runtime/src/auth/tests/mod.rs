//! Tokens that nobody gave out, and what becomes of them. What needs a whole shop is in the api suite.
#![cfg(feature = "sqlite")]

mod ours;
mod outside;
mod rotation;
mod sessions;

use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bharatmart_adapters::memory::MemoryStore;
use bharatmart_adapters::system::System;
use bharatmart_core::identity::{Session, User};
use bharatmart_core::ports::{Clock, Fault, Secret, Secrets};
use bharatmart_core::{Changes, Expect, Role, SessionId, Tenant, Timestamp, UserId};
use http::{HeaderMap, HeaderValue, header};
use serde_json::Value;

use super::{Caller, caller};
use crate::app::App;
use crate::config::{Config, TOKEN_KEYS};
use crate::problem::Problem;
use crate::route::Access;

/// A clock that goes when it is told to.
struct Turned(AtomicI64);

impl Clock for Turned {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::Relaxed))
    }
}

/// Secrets as Secrets Manager keeps them: remembered until forgotten.
#[derive(Default)]
struct Remembered {
    present: Mutex<HashMap<String, Secret>>,
    known: Mutex<HashMap<String, Secret>>,
    read: AtomicUsize,
}

#[async_trait]
impl Secrets for Remembered {
    async fn secret(&self, name: &str) -> Result<Option<Secret>, Fault> {
        let present = self.present.lock().unwrap().get(name).cloned();
        let Some(present) = present else { return Ok(None) };
        let mut known = self.known.lock().unwrap();
        let read = || {
            self.read.fetch_add(1, Ordering::Relaxed);
            present
        };
        Ok(Some(known.entry(name.to_owned()).or_insert_with(read).clone()))
    }

    fn forget(&self, name: &str) {
        self.known.lock().unwrap().remove(name);
    }
}

/// A process of a shop: its app, and what is around it.
struct Shop {
    app: App,
    clock: Arc<Turned>,
    secrets: Arc<Remembered>,
    user: User,
    session: Session,
}

impl Shop {
    async fn open() -> Self {
        Self::with(&[]).await
    }

    /// Where a customer is logged in.
    async fn with(settings: &[(&str, &str)]) -> Self {
        let settings = settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let config = Config::read(settings.collect()).unwrap();
        let clock = Arc::new(Turned(AtomicI64::new(1_790_000_000_000)));
        let secrets = Arc::new(Remembered::default());
        let mut app = App::open(Arc::new(config), &[]).await.unwrap();
        app.clock = clock.clone();
        app.secrets = Some(secrets.clone());
        app.store = Some(Arc::new(MemoryStore::new()));
        let (user, session) = (UserId::new(&System), SessionId::new(&System));
        let user = User::new(user, Role::Customer, "Asha", clock.now());
        let session = Session {
            user_id: user.id,
            id: session,
            version: 1,
            token_hash: String::new(),
            former_hash: None,
            rotated_at: clock.now(),
            device_name: None,
            user_agent: None,
            address: None,
            created_at: clock.now(),
            expires_at: clock.now().after(Duration::from_secs(7 * 24 * 3_600)),
            revoked_at: None,
        };
        let shop = Shop { app, clock, secrets, user, session };
        shop.keys(&[("first", 1)]);
        shop.commit(Changes::new(&Tenant::main()).put(&shop.user, Expect::New).put(&shop.session, Expect::New)).await;
        shop
    }

    /// The secret, as it is from now on: each kid with a seed of this byte.
    fn keys(&self, keys: &[(&str, u8)]) {
        let key =
            |(kid, byte): &(&str, u8)| serde_json::json!({ "kid": kid, "seed": URL_SAFE_NO_PAD.encode([*byte; 32]) });
        let secret = serde_json::json!({ "keys": keys.iter().map(key).collect::<Vec<_>>() }).to_string();
        self.secrets.present.lock().unwrap().insert(TOKEN_KEYS.to_owned(), Secret::new(secret));
    }

    async fn commit(&self, changes: Changes) {
        self.app.store().unwrap().commit(changes).await.unwrap();
    }

    fn pass(&self, seconds: i64) {
        self.clock.0.fetch_add(seconds * 1_000, Ordering::Relaxed);
    }

    async fn token(&self) -> String {
        self.app.access_token(&Tenant::main(), &self.user, self.session.id).await.unwrap()
    }

    async fn call(&self, access: Access, token: &str) -> Result<Option<Caller>, Problem> {
        let mut headers = HeaderMap::new();
        headers.insert(header::AUTHORIZATION, HeaderValue::from_str(&format!("Bearer {token}")).unwrap());
        caller(&self.app, &headers, &Tenant::main(), access).await
    }

    /// What becomes of a token on a route for whoever is logged in.
    async fn code(&self, token: &str) -> &'static str {
        code(self.call(Access::user(), token).await)
    }
}

fn code(outcome: Result<Option<Caller>, Problem>) -> &'static str {
    outcome.map_or_else(|problem| problem.code, |_| "let in")
}

/// Header, claims and signature of a token.
fn taken_apart(token: &str) -> (Value, Value, Vec<u8>) {
    let parts: Vec<_> = token.split('.').map(|part| URL_SAFE_NO_PAD.decode(part).unwrap()).collect();
    let json = |bytes: &[u8]| serde_json::from_slice(bytes).unwrap();
    (json(&parts[0]), json(&parts[1]), parts[2].clone())
}

fn forged(header: &Value, claims: &Value, sign: impl FnOnce(&[u8]) -> Vec<u8>) -> String {
    let encode = |json: &Value| URL_SAFE_NO_PAD.encode(json.to_string());
    let message = format!("{}.{}", encode(header), encode(claims));
    let signature = URL_SAFE_NO_PAD.encode(sign(message.as_bytes()));
    format!("{message}.{signature}")
}

fn changed(mut json: Value, field: &str, value: impl Into<Value>) -> Value {
    json[field] = value.into();
    json
}
