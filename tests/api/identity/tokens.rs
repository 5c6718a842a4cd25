//! Access tokens as anybody may check them: signed by a key that is published, for a quarter of an hour.

use bharatmart_local::LocalCloud;
use bharatmart_runtime::config::Config;
use bharatmart_runtime::telemetry::LogTo;
use data_encoding::BASE64URL_NOPAD;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode};
use serde_json::{Value, json};

use super::people::{Person, claims, part};
use crate::client::{Answer, Client};
use crate::world::{Shop, on_every_shop};

on_every_shop!(
    a_token_tells_who_it_is_for_and_until_when,
    a_published_key_verifies_the_token,
    nothing_secret_of_a_key_is_published,
    the_configuration_leads_to_the_keys,
    a_new_key_logs_nobody_out,
);

async fn keys(client: &Client) -> Vec<Value> {
    let answer = client.get("/.well-known/jwks.json").await.expect(200);
    answer.json()["keys"].as_array().unwrap().clone()
}

async fn a_token_tells_who_it_is_for_and_until_when(shop: &Shop) {
    let person = Person::new(shop).await;
    let header = part(&person.access, 0);
    assert_eq!(header["alg"], "EdDSA");
    assert!(header["kid"].is_string(), "{header}");
    let claims = claims(&person.access);
    assert_eq!((&claims["sub"], &claims["role"]), (&json!(person.id), &json!("customer")), "{claims}");
    assert_eq!(claims["tenant"], "main", "{claims}");
    assert!(claims["sid"].as_str().unwrap().starts_with("ses_"), "{claims}");
    let seconds = |claim: &str| claims[claim].as_i64().unwrap();
    assert_eq!(seconds("exp") - seconds("iat"), 900);
    let now = super::beside::now(shop).millis() / 1000;
    assert!((now - 60..=now).contains(&seconds("iat")) && seconds("nbf") <= seconds("iat"), "{claims}");
    let configuration = shop.client.get("/.well-known/openid-configuration").await.expect(200).json();
    assert_eq!(claims["iss"], configuration["issuer"], "{claims}");
    assert!(claims["aud"].is_string(), "{claims}");
}

async fn a_published_key_verifies_the_token(shop: &Shop) {
    let person = Person::new(shop).await;
    let kid = part(&person.access, 0)["kid"].clone();
    let keys = keys(&shop.client).await;
    let key = keys.iter().find(|key| key["kid"] == kid).unwrap_or_else(|| panic!("{kid} is not among {keys:?}"));
    let key = DecodingKey::from_ed_components(key["x"].as_str().unwrap()).unwrap();
    let told = claims(&person.access);
    let mut validation = Validation::new(Algorithm::EdDSA);
    validation.set_issuer(&[told["iss"].as_str().unwrap()]);
    validation.set_audience(&[told["aud"].as_str().unwrap()]);
    assert_eq!(decode::<Value>(&person.access, &key, &validation).unwrap().claims["sub"], person.id.as_str());
    let (head, signature) = person.access.rsplit_once('.').unwrap();
    let turned: String = signature.chars().rev().collect();
    assert!(decode::<Value>(&format!("{head}.{turned}"), &key, &validation).is_err());
}

async fn nothing_secret_of_a_key_is_published(shop: &Shop) {
    for key in keys(&shop.client).await {
        for (field, value) in [("kty", "OKP"), ("crv", "Ed25519"), ("alg", "EdDSA"), ("use", "sig")] {
            assert_eq!(key[field], value, "{field} of {key}");
        }
        let fields: Vec<_> = key.as_object().unwrap().keys().map(String::as_str).collect();
        assert!(fields.iter().all(|field| ["kty", "crv", "alg", "use", "kid", "x"].contains(field)), "{key}");
        assert_eq!(BASE64URL_NOPAD.decode(key["x"].as_str().unwrap().as_bytes()).unwrap().len(), 32);
    }
    let cached = shop.client.get("/.well-known/jwks.json").await.expect(200);
    assert!(cached.header("cache-control").contains("max-age"), "{cached:?}");
}

async fn the_configuration_leads_to_the_keys(shop: &Shop) {
    let configuration = shop.client.get("/.well-known/openid-configuration").await.expect(200).json();
    let issuer = configuration["issuer"].as_str().unwrap();
    assert_eq!(configuration["jwks_uri"], format!("{issuer}/.well-known/jwks.json"));
    let algorithms = &configuration["id_token_signing_alg_values_supported"];
    assert_eq!(*algorithms, json!(["EdDSA"]), "{configuration}");
}

/// Another process of the same shop, with keys of its own.
async fn with_keys(shop: &Shop, keys: &[&str]) -> (LocalCloud, Client) {
    let key = |kid: &&str| {
        let seed = BASE64URL_NOPAD.encode(format!("{kid:<32}").as_bytes());
        json!({ "kid": kid, "seed": seed })
    };
    let keys = json!({ "keys": keys.iter().map(key).collect::<Vec<_>>() }).to_string();
    let mut settings = shop.settings.clone();
    settings.retain(|(name, _)| !["LAMBDA_ENDPOINT", "SEED"].contains(&name.as_str()));
    settings.push(("SEED".to_owned(), "false".to_owned()));
    // What it would take from the queues is held by nobody when it is gone.
    settings.push(("WORKER_MODE".to_owned(), "none".to_owned()));
    settings.push(("SECRET_TOKEN_KEYS".to_owned(), keys));
    settings.push(("PUBLIC_URL".to_owned(), "https://shop.example".to_owned()));
    settings.push(("LISTEN".to_owned(), "127.0.0.1:0".to_owned()));
    let cloud = LocalCloud::start(Config::read(settings).unwrap(), LogTo::Stdout).await.unwrap();
    let client = Client::new(&cloud.url());
    (cloud, client)
}

async fn me(client: &Client, token: &str) -> Answer {
    client.ask("GET", "/api/v1/users/me").token(token).send().await
}

async fn a_new_key_logs_nobody_out(shop: &Shop) {
    let person = Person::new(shop).await;
    let login = json!({ "email": person.email, "password": person.password });
    let log_in = async |client: &Client| {
        let answer = client.ask("POST", "/api/v1/auth/login").json(&login).send().await.expect(200);
        Person::of(&answer, &person.email, &person.password)
    };
    let (_one, before) = with_keys(shop, &["of March"]).await;
    let old = log_in(&before).await;
    let (_two, during) = with_keys(shop, &["of April", "of March"]).await;
    me(&during, &old.access).await.expect(200);
    let new = log_in(&during).await;
    assert_eq!(part(&new.access, 0)["kid"], "of April");
    let kids: Vec<_> = keys(&during).await.iter().map(|key| key["kid"].clone()).collect();
    assert_eq!(kids, ["of April", "of March"]);
    // A quarter of an hour later the old key has signed nothing that is still good.
    let (_three, after) = with_keys(shop, &["of April"]).await;
    me(&after, &new.access).await.expect(200);
    me(&after, &old.access).await.expect_problem(401, "token_invalid");
    let body = json!({ "refresh_token": old.refresh });
    let tokens = after.ask("POST", "/api/v1/auth/token/refresh").json(&body).send().await.expect(200).json();
    me(&after, tokens["access_token"].as_str().unwrap()).await.expect(200);
}
