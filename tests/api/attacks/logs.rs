//! Whoever reads the log learns of requests, and of nobody's secrets.

use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bharatmart_tests::{eventually_within, stores};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, BufReader};

use crate::client::Client;
use crate::identity::people::{another_code, new_email, new_password, new_phone};
use crate::settings::{embedded, local_cloud};
use crate::world::{pairs, run};

async fn post(client: &Client, token: Option<&str>, path: &str, body: &Value) -> Value {
    let ask = client.ask("POST", &format!("/api/v1/{path}")).json(body);
    let ask = if let Some(token) = token { ask.token(token) } else { ask };
    serde_json::from_str(&ask.send().await.body).unwrap_or_default()
}

#[test]
fn neither_who_somebody_is_nor_how_they_come_in_is_in_the_log() {
    run(async {
        let folder = stores::temporary_folder();
        let mut settings = embedded(folder.path());
        settings.extend(pairs(&[("SEED", "false"), ("LOG_LEVEL", "debug"), ("LIMITS", "off")]));
        let mut process = local_cloud(settings, Stdio::piped()).await;
        let log = Arc::new(Mutex::new(String::new()));
        let reading = tokio::spawn({
            let (log, mut lines) = (log.clone(), BufReader::new(process.child.stdout.take().unwrap()).lines());
            async move {
                while let Some(line) = lines.next_line().await.unwrap() {
                    let mut log = log.lock().unwrap();
                    log.push_str(&line);
                    log.push('\n');
                }
            }
        });

        let client = &process.client;
        let (email, password, phone) = (new_email(), new_password(), new_phone());
        let (name, wrong) = ("Padmavati Iyengar", "not quite the password");
        let account = json!({ "email": email, "password": password, "name": name, "phone": phone });
        let made = post(client, None, "auth/signup", &account).await;
        let access = made["tokens"]["access_token"].as_str().unwrap();
        let refresh = made["tokens"]["refresh_token"].as_str().unwrap();
        let mut secret: Vec<String> =
            [&email, &password, &phone, name, wrong, access, refresh].map(str::to_owned).into();

        for password in [wrong, &password] {
            post(client, None, "auth/login", &json!({ "email": email, "password": password })).await;
        }
        let next = post(client, None, "auth/token/refresh", &json!({ "refresh_token": refresh })).await;
        secret.push(next["refresh_token"].as_str().unwrap().to_owned());
        let enrolled = post(client, Some(access), "users/me/mfa", &json!({ "password": password })).await;
        secret.push(enrolled["secret"].as_str().unwrap().to_owned());
        let address = json!({
            "label": "Home", "full_name": name, "phone": phone, "line1": "7 Thyagaraja Salai", "city": "Thanjavur",
            "state": "Tamil Nadu", "pincode": "613001",
        });
        post(client, Some(access), "users/me/addresses", &address).await;
        secret.extend(["Thyagaraja".to_owned(), "Thanjavur".to_owned()]);
        post(client, None, "auth/password/forgot", &json!({ "email": email })).await;
        post(client, None, "auth/otp/send", &json!({ "phone": phone })).await;
        let text = message(client, &phone).await;
        let code = text.split(|c: char| !c.is_ascii_digit()).find(|digits| digits.len() == 6).unwrap();
        let guess = json!({ "phone": phone, "code": another_code(code, 1) });
        post(client, None, "auth/otp/verify", &guess).await;
        // What breaks is told more of than what works.
        post(client, Some(access), "users/me/addresses", &json!({ "full_name": name, "phone": 7 })).await;
        client.ask("POST", "/api/v1/auth/login").bytes(format!("{{\"email\":\"{email}\",").into_bytes()).send().await;
        client.ask("GET", &format!("/api/v1/users/{email}")).token(access).send().await;

        process.signal("TERM");
        process.child.wait().await.unwrap();
        reading.await.unwrap();
        let log = log.lock().unwrap();
        assert!(log.contains("auth-login") && log.contains("otp-verify"), "{log}");
        for secret in secret {
            let line = log.lines().find(|line| line.to_lowercase().contains(&secret.to_lowercase()));
            assert_eq!(line, None, "{secret} is in the log");
        }
    });
}

async fn message(client: &Client, to: &str) -> String {
    let to: String = form_urlencoded::byte_serialize(to.as_bytes()).collect();
    let sent = async || client.get(&format!("/_local/api/mail?to={to}")).await.expect(200).json();
    eventually_within(Duration::from_secs(30), "a code is sent", async || !sent().await[0].is_null()).await;
    sent().await[0]["text"].as_str().unwrap().to_owned()
}
