//! Tokens of an outside issuer: a real one on loopback, with a key of each kind.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair as RsaKeyPair, KeySize};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256, RSA_PKCS1_SHA512,
};
use aws_lc_rs::{hmac, signature::RsaEncoding};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bharatmart_core::identity::{User, UserStatus};
use bharatmart_core::record::RecordKey;
use bharatmart_core::{Changes, Expect, Permission, Role, Tenant};
use futures_util::future::join_all;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::{Shop, changed, code, forged};
use crate::route::Access;

const ISSUER: &str = "https://id.example/realms/shop";

struct Issuer {
    shop: Shop,
    /// What it shows; `None` while it is away.
    jwks: Arc<Mutex<Option<Value>>>,
    asked: Arc<AtomicUsize>,
    rsa: RsaKeyPair,
    ec: EcdsaKeyPair,
    ed: Ed25519KeyPair,
}

fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

impl Issuer {
    async fn open() -> Self {
        let rsa = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
        let ec = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
        let ed = Ed25519KeyPair::from_seed_unchecked(&[9; 32]).unwrap();
        let public = rsa.public_key();
        let (n, e) = (public.modulus().big_endian_without_leading_zero(), public.exponent());
        let point = ec.public_key().as_ref();
        let jwks = json!({ "keys": [
            { "kid": "rsa", "kty": "RSA", "alg": "RS256", "use": "sig",
              "n": encode(n), "e": encode(e.big_endian_without_leading_zero()) },
            { "kid": "ec", "kty": "EC", "crv": "P-256", "x": encode(&point[1..33]), "y": encode(&point[33..65]) },
            { "kid": "ed", "kty": "OKP", "crv": "Ed25519", "x": encode(ed.public_key()) },
        ]});
        let jwks = Arc::new(Mutex::new(Some(jwks)));
        let asked = Arc::new(AtomicUsize::new(0));
        let url = serve(jwks.clone(), asked.clone()).await;
        let settings = json!([{ "issuer": ISSUER, "audience": "shop", "jwks_url": url,
            "role_claim": "realm_access.roles", "roles": { "shop-admin": "admin", "shop-help": "support" } }]);
        let shop = Shop::with(&[("OIDC_ISSUERS", &settings.to_string())]).await;
        Issuer { shop, jwks, asked, rsa, ec, ed }
    }

    fn claims(&self) -> Value {
        let now = self.shop.app.clock.now().millis() / 1_000;
        json!({ "iss": ISSUER, "aud": "shop", "sub": "asha", "exp": now + 300, "nbf": now, "name": "Asha",
            "email": "asha@example.in", "email_verified": true })
    }

    fn rs256(&self, header: &Value, claims: &Value) -> String {
        forged(header, claims, |message| self.by_rsa(&RSA_PKCS1_SHA256, message))
    }

    fn by_rsa(&self, encoding: &'static dyn RsaEncoding, message: &[u8]) -> Vec<u8> {
        let mut signature = vec![0; self.rsa.public_modulus_len()];
        self.rsa.sign(encoding, &SystemRandom::new(), message, &mut signature).unwrap();
        signature
    }

    fn token(&self, claims: &Value) -> String {
        self.rs256(&json!({ "alg": "RS256", "kid": "rsa" }), claims)
    }

    async fn code(&self, claims: Value) -> &'static str {
        self.shop.code(&self.token(&claims)).await
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::Relaxed)
    }
}

/// Answers every request with what there is to show just then.
async fn serve(jwks: Arc<Mutex<Option<Value>>>, asked: Arc<AtomicUsize>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/certs", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut connection, _)) = listener.accept().await {
            asked.fetch_add(1, Ordering::Relaxed);
            let Some(body) = jwks.lock().unwrap().as_ref().map(Value::to_string) else { continue };
            let mut request = vec![0; 4_096];
            let read = connection.read(&mut request).await.unwrap();
            assert!(request[..read].starts_with(b"GET /certs HTTP/1.1\r\n"));
            let answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len());
            connection.write_all(answer.as_bytes()).await.unwrap();
        }
    });
    url
}

#[tokio::test]
async fn a_token_of_each_kind_lets_the_same_person_in_and_the_keys_are_asked_for_once() {
    let issuer = Issuer::open().await;
    let claims = issuer.claims();
    let by_ec = |message: &[u8]| issuer.ec.sign(&SystemRandom::new(), message).unwrap().as_ref().to_vec();
    let by_ed = |message: &[u8]| issuer.ed.sign(message).as_ref().to_vec();
    let tokens = [
        issuer.token(&claims),
        forged(&json!({ "alg": "ES256", "kid": "ec" }), &claims, by_ec),
        forged(&json!({ "alg": "EdDSA", "kid": "ed" }), &claims, by_ed),
    ];
    let mut users = Vec::new();
    for token in &tokens {
        let caller = issuer.shop.call(Access::user(), token).await.unwrap().unwrap();
        assert_eq!((caller.session, caller.role), (None, Role::Customer));
        users.push(caller.user);
    }
    assert!(users.iter().all(|user| *user == users[0]));
    assert_eq!(issuer.asked(), 1);
    let account: User = issuer.shop.app.find(&Tenant::main(), &RecordKey::alone(users[0])).await.unwrap().unwrap();
    assert_eq!((account.name.as_str(), account.email), ("Asha", None), "an address is for its owner to prove");
}

#[tokio::test]
async fn twenty_first_visits_at_once_make_one_account() {
    let issuer = Issuer::open().await;
    let token = issuer.token(&issuer.claims());
    let all = join_all((0..20).map(|_| issuer.shop.call(Access::user(), &token))).await;
    let users: Vec<_> = all.into_iter().map(|caller| caller.unwrap().unwrap().user).collect();
    assert!(users.iter().all(|user| *user == users[0]));
    assert_eq!(issuer.asked(), 1);
}

#[tokio::test]
async fn a_token_that_is_not_for_us_now_is_refused() {
    let issuer = Issuer::open().await;
    let claims = issuer.claims();
    let now = claims["nbf"].as_i64().unwrap();
    let wrong: [(&str, Value); 10] = [
        ("iss", "https://elsewhere.example".into()),
        ("aud", "another".into()),
        ("aud", json!(["another", "a third"])),
        ("aud", Value::Null),
        ("sub", "".into()),
        ("sub", 7.into()),
        ("exp", Value::Null),
        ("exp", "tomorrow".into()),
        ("nbf", (now + 31).into()),
        ("nbf", "now".into()),
    ];
    for (claim, value) in wrong {
        let token = changed(claims.clone(), claim, value.clone());
        assert_eq!(issuer.code(token).await, "token_invalid", "{claim}: {value}");
    }
    let expired = changed(claims.clone(), "exp", now - 30);
    assert_eq!(issuer.code(expired).await, "token_expired");
    for (claim, value) in [("exp", json!(now - 29)), ("nbf", json!(now + 29)), ("aud", json!(["account", "shop"]))] {
        assert_eq!(issuer.code(changed(claims.clone(), claim, value)).await, "let in", "{claim}");
    }
}

#[tokio::test]
async fn a_token_decides_nothing_about_how_it_is_checked() {
    let issuer = Issuer::open().await;
    let claims = issuer.claims();
    let header = |alg: &str, kid: &str| json!({ "alg": alg, "kid": kid });
    let public = issuer.rsa.public_key().as_ref().to_vec();
    let mac = hmac::Key::new(hmac::HMAC_SHA256, &public);
    let by_rsa = |message: &[u8]| issuer.by_rsa(&RSA_PKCS1_SHA256, message);
    let wrong = [
        forged(&header("none", "rsa"), &claims, |_| Vec::new()),
        forged(&header("HS256", "rsa"), &claims, |message| hmac::sign(&mac, message).as_ref().to_vec()),
        forged(&header("RS512", "rsa"), &claims, |message| issuer.by_rsa(&RSA_PKCS1_SHA512, message)),
        forged(&header("RS256", "ed"), &claims, by_rsa),
        forged(&header("RS256", "unknown"), &claims, by_rsa),
        forged(&json!({ "alg": "RS256" }), &claims, by_rsa),
        forged(&header("RS256", "rsa"), &changed(claims.clone(), "sub", "other"), |_| {
            let token = issuer.token(&claims);
            URL_SAFE_NO_PAD.decode(token.rsplit_once('.').unwrap().1).unwrap()
        }),
    ];
    for token in wrong {
        assert_eq!(issuer.shop.code(&token).await, "token_invalid");
    }
    // Nor may it speak as the shop itself.
    let ours = changed(claims, "iss", issuer.shop.app.config.public_url.as_str());
    assert_eq!(issuer.code(ours).await, "token_invalid");
}

#[tokio::test]
async fn its_roles_are_the_shops_by_the_settings_alone() {
    let issuer = Issuer::open().await;
    let with = |roles: Value| changed(issuer.claims(), "realm_access", json!({ "roles": roles }));
    let may =
        async |claims: Value, permission| code(issuer.shop.call(Access::may(permission), &issuer.token(&claims)).await);
    assert_eq!(may(with(json!(["shop-help", "shop-admin"])), Permission::ManageUsers).await, "let in");
    assert_eq!(may(with(json!(["shop-help"])), Permission::ManageUsers).await, "forbidden", "as it is this time");
    assert_eq!(may(with(json!("shop-help")), Permission::ReadUsers).await, "let in");
    assert_eq!(
        may(with(json!(["admin", 7])), Permission::ManageUsers).await,
        "forbidden",
        "its own words are not ours"
    );
    let claims = changed(issuer.claims(), "role", "admin");
    assert_eq!(may(claims, Permission::ManageUsers).await, "forbidden");
}

#[tokio::test]
async fn a_disabled_account_stays_out() {
    let issuer = Issuer::open().await;
    let token = issuer.token(&issuer.claims());
    let caller = issuer.shop.call(Access::user(), &token).await.unwrap().unwrap();
    let user: User = issuer.shop.app.find(&Tenant::main(), &RecordKey::alone(caller.user)).await.unwrap().unwrap();
    let disabled = User { status: UserStatus::Disabled, ..user.next(issuer.shop.app.clock.now()) };
    issuer.shop.commit(Changes::new(&Tenant::main()).put(&disabled, Expect::Version(1))).await;
    assert_eq!(issuer.shop.code(&token).await, "account_disabled");
}

#[tokio::test]
async fn logging_out_everywhere_leaves_no_token_good_that_was_issued_before() {
    let issuer = Issuer::open().await;
    let now = issuer.shop.app.clock.now();
    let issued = |seconds: i64| changed(issuer.claims(), "iat", now.millis() / 1_000 + seconds);
    assert_eq!(issuer.code(issued(-3_600)).await, "let in", "there was nothing to log out of");
    let caller = issuer.shop.call(Access::user(), &issuer.token(&issued(0))).await.unwrap().unwrap();
    let user: User = issuer.shop.app.find(&Tenant::main(), &RecordKey::alone(caller.user)).await.unwrap().unwrap();
    let out = User { sessions_since: now, ..user.next(now) };
    issuer.shop.commit(Changes::new(&Tenant::main()).put(&out, Expect::Version(1))).await;
    assert_eq!(issuer.code(issued(-1)).await, "session_revoked");
    assert_eq!(issuer.code(issuer.claims()).await, "session_revoked", "it does not say when it was issued");
    assert_eq!(issuer.code(issued(1)).await, "let in");
}

#[tokio::test]
async fn a_new_key_is_found_and_made_up_ones_are_looked_for_once_in_ten_seconds() {
    let issuer = Issuer::open().await;
    assert_eq!(issuer.code(issuer.claims()).await, "let in");
    issuer.shop.pass(11);
    let mut jwks = issuer.jwks.lock().unwrap().clone().unwrap();
    jwks["keys"][0]["kid"] = "newer".into();
    *issuer.jwks.lock().unwrap() = Some(jwks);
    let newer = issuer.rs256(&json!({ "alg": "RS256", "kid": "newer" }), &issuer.claims());
    assert_eq!(issuer.shop.code(&newer).await, "let in");
    for nth in 0..20 {
        let made_up = issuer.rs256(&json!({ "alg": "RS256", "kid": format!("made-up-{nth}") }), &issuer.claims());
        assert_eq!(issuer.shop.code(&made_up).await, "token_invalid");
    }
    assert_eq!(issuer.asked(), 2);
    assert_eq!(issuer.code(issuer.claims()).await, "token_invalid", "the key that was withdrawn");
}

#[tokio::test]
async fn while_the_issuer_is_away_known_keys_hold_and_unknown_ones_wait() {
    let issuer = Issuer::open().await;
    let shown = issuer.jwks.lock().unwrap().take();
    assert_eq!(issuer.code(issuer.claims()).await, "unavailable", "nobody can know");
    assert_eq!(issuer.code(issuer.claims()).await, "unavailable");
    assert_eq!(issuer.asked(), 1, "it is not asked again at once");
    issuer.shop.pass(10);
    *issuer.jwks.lock().unwrap() = shown;
    assert_eq!(issuer.code(issuer.claims()).await, "let in");
    *issuer.jwks.lock().unwrap() = None;
    issuer.shop.pass(2 * 3_600);
    assert_eq!(issuer.code(issuer.claims()).await, "let in");
}
