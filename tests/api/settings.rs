//! The programs themselves: what a wrong setting says, that each example environment starts, what a log line holds,
//! and that a killed process loses nothing.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use bharatmart_tests::{cloud, eventually, eventually_within, free_port, program, servers, stores};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};

use crate::client::Client;
use crate::world::{ADMIN_EMAIL, ADMIN_PASSWORD, aws_settings, login, pairs, product, run};

#[allow(clippy::disallowed_methods, reason = "no setting of the shop: where programs are")]
fn command(name: &str, settings: &[(String, String)]) -> Command {
    let mut command = Command::new(program(name));
    let path = std::env::var_os("PATH").unwrap_or_default();
    command.env_clear().env("PATH", path).envs(settings.iter().cloned());
    command.stdin(Stdio::null()).kill_on_drop(true);
    command
}

pub struct Process {
    pub child: Child,
    port: u16,
    pub client: Client,
}

/// The local cloud as a process of its own, in a folder without a .env file.
pub async fn local_cloud(mut settings: Vec<(String, String)>, log: Stdio) -> Process {
    let port = free_port();
    settings.extend(pairs(&[("LISTEN", &format!("127.0.0.1:{port}"))]));
    let folder = settings.iter().find(|(name, _)| name == "DATA_DIR").unwrap().1.clone();
    let mut command = command("bharatmart-local", &settings);
    let child = command.current_dir(folder).stdout(log).stderr(Stdio::null()).spawn().unwrap();
    eventually_within(Duration::from_secs(60), "the shop is ready", || async {
        TcpStream::connect(("127.0.0.1", port)).await.is_ok()
    })
    .await;
    Process { child, port, client: Client::new(&format!("http://127.0.0.1:{port}")) }
}

impl Process {
    pub fn signal(&self, name: &str) {
        let pid = self.child.id().unwrap().to_string();
        assert!(std::process::Command::new("kill").args(["-s", name, &pid]).status().unwrap().success());
    }
}

#[test]
fn six_wrong_settings_are_one_error_that_names_all_six() {
    run(async {
        let wrong = pairs(&[
            ("APP_ENV", "prod"),
            ("DATABASE_TYPE", "oracle"),
            ("WORKER_MODE", "kafka"),
            ("CACHE_TYPE", "memcached"),
            ("MAX_BODY_BYTES", "plenty"),
            ("LOG_LEVEL", "loud"),
        ]);
        for name in ["products-list", "search-indexer", "bharatmart-local"] {
            let output = command(name, &wrong).output().await.unwrap();
            assert!(!output.status.success(), "{name}");
            let text = String::from_utf8(output.stderr).unwrap();
            assert!(text.contains("6 settings are wrong"), "{name}: {text}");
            for (variable, _) in &wrong {
                assert!(text.contains(variable.as_str()), "{name} does not name {variable}: {text}");
            }
            assert!(text.contains("sqlite, postgresql, supabase, dynamodb"), "{text}");
        }
    });
}

/// The example files of the repository, each with addresses of servers that are there.
#[test]
fn each_example_environment_starts() {
    run(async {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let mut examples: Vec<_> = std::fs::read_dir(&root).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        examples.retain(|name| name.to_str().is_some_and(|n| n.starts_with(".env") && n.ends_with("example")));
        assert!(examples.len() >= 5, "{examples:?}");
        let database = servers::postgres_database().await;
        let redis = format!("{}/3", servers::redis_url().await);
        let aws: BTreeMap<_, _> = aws_settings().await.into_iter().collect();
        for example in examples {
            let text = std::fs::read_to_string(root.join(&example)).unwrap();
            let mut settings: BTreeMap<_, _> = bharatmart_local::dotenv::parse(&text).unwrap().into_iter().collect();
            let folder = stores::temporary_folder();
            settings.insert("DATA_DIR".to_owned(), folder.path().to_str().unwrap().to_owned());
            settings.insert("SEED".to_owned(), "false".to_owned());
            for (name, there) in [("DATABASE_URL", &database), ("REDIS_URL", &redis)] {
                if settings.get(name).is_some_and(|value| !value.is_empty()) {
                    settings.insert(name.to_owned(), there.clone());
                }
            }
            if settings.get("DATABASE_TYPE").is_some_and(|kind| kind == "supabase") {
                settings.insert("DATABASE_URL".to_owned(), format!("{database}?sslmode=require"));
            }
            if settings.get("DATABASE_TYPE").is_some_and(|kind| kind == "dynamodb") {
                settings.extend(aws.clone());
                cloud::secret(&servers::aws().await, "bharatmart/cursor-key", "of the test").await;
            }
            settings.retain(|_, value| !value.is_empty());
            let process = local_cloud(settings.into_iter().collect(), Stdio::null()).await;
            let ready = process.client.get("/health/ready").await;
            assert_eq!(ready.status, 200, "{example:?}: {ready:?}");
            // There is no index yet in a shop that was not seeded.
            let dependencies = ready.json()["dependencies"].as_array().unwrap().clone();
            let down = dependencies.iter().filter(|one| one["status"] != "up").map(|one| one["name"].clone());
            assert!(down.clone().all(|name| name == "search"), "{example:?}: {ready:?}");
        }
    });
}

pub fn embedded(folder: &Path) -> Vec<(String, String)> {
    pairs(&[("APP_ENV", "test"), ("DATA_DIR", folder.to_str().unwrap()), ("SEARCH_REFRESH_MS", "50")])
}

#[test]
fn a_request_is_one_json_line_in_the_log_and_no_secret_is_in_it() {
    run(async {
        let folder = stores::temporary_folder();
        let mut settings = embedded(folder.path());
        settings.extend(pairs(&[("SECRET_CURSOR_KEY", "s3cret-of-the-test"), ("SEED", "false")]));
        let mut process = local_cloud(settings, Stdio::piped()).await;
        let mut lines = BufReader::new(process.child.stdout.take().unwrap()).lines();
        process
            .client
            .ask("GET", "/api/v1/products/nothing")
            .header("x-request-id", "find-me")
            .send()
            .await
            .expect(404);
        let mut of_request = 0;
        process.signal("TERM");
        while let Some(line) = lines.next_line().await.unwrap() {
            let line_json: serde_json::Value = serde_json::from_str(&line).unwrap_or_else(|e| panic!("{e}: {line}"));
            assert!(!line.contains("s3cret"), "{line}");
            if line_json["request_id"] == "find-me" {
                of_request += 1;
                assert_eq!(line_json["status"], 404, "{line}");
                assert_eq!(line_json["function"], "products-get", "{line}");
                assert_eq!(line_json["trace_id"].as_str().unwrap().len(), 32, "{line}");
                assert!(line_json["took_ms"].is_number(), "{line}");
            }
        }
        assert_eq!(of_request, 1);
    });
}

#[test]
fn it_ends_at_once_when_told_to() {
    run(async {
        let folder = stores::temporary_folder();
        let mut settings = embedded(folder.path());
        settings.extend(pairs(&[("SEED", "false")]));
        for signal in ["INT", "TERM"] {
            let mut process = local_cloud(settings.clone(), Stdio::null()).await;
            process.client.get("/health/live").await.expect(200);
            let begun = Instant::now();
            process.signal(signal);
            let status = process.child.wait().await.unwrap();
            assert!(status.success(), "{signal}: {status}");
            assert!(begun.elapsed() < Duration::from_secs(2), "{signal}: it took {:?}", begun.elapsed());
        }
    });
}

#[test]
fn whoever_is_being_answered_when_it_is_told_to_end_is_answered_and_nobody_else_is_let_in() {
    run(async {
        let folder = stores::temporary_folder();
        let mut settings = embedded(folder.path());
        settings.extend(pairs(&[("SEED", "false")]));
        let mut process = local_cloud(settings, Stdio::null()).await;
        let connect = || TcpStream::connect(("127.0.0.1", process.port));
        let body = r#"{"email": "asha@example.in", "password": "not her password"}"#;
        let head = format!(
            "POST /api/v1/auth/login HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n\
             content-length: {}\r\nexpect: 100-continue\r\n\r\n",
            body.len()
        );
        let mut line = connect().await.unwrap();
        line.write_all(head.as_bytes()).await.unwrap();
        let mut begun = [0; "HTTP/1.1 100 Continue\r\n\r\n".len()];
        line.read_exact(&mut begun).await.unwrap();
        assert!(begun.starts_with(b"HTTP/1.1 100 "), "its body is being read");

        process.signal("TERM");
        eventually_within(Duration::from_secs(10), "nobody is let in", || async { connect().await.is_err() }).await;
        line.write_all(body.as_bytes()).await.unwrap();
        let mut answer = String::new();
        line.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 401 ") && answer.contains("invalid_credentials"), "{answer}");
        assert!(process.child.wait().await.unwrap().success());
    });
}

fn of_search(queues: &Value) -> &Value {
    queues.as_array().unwrap().iter().find(|queue| queue["name"] == "search").unwrap()
}

/// The queue's file is held from beside while the effect happens, so that it cannot be acknowledged; then the process
/// is killed.
#[test]
fn a_worker_killed_between_effect_and_acknowledgement_leaves_the_index_right() {
    run(async {
        let folder = stores::temporary_folder();
        let mut settings = embedded(folder.path());
        settings.extend(pairs(&[("ADMIN_EMAIL", ADMIN_EMAIL), ("SECRET_ADMIN_PASSWORD", ADMIN_PASSWORD)]));
        let made = command("bharatmart-local", &settings).args(["run", "admin-create"]).status().await.unwrap();
        assert!(made.success(), "no admin was made");
        let manifest = folder.path().join("blobs/blobs/search+current.json");
        let mut process = local_cloud(settings.clone(), Stdio::null()).await;
        eventually_within(Duration::from_secs(60), "the seed is indexed and acknowledged", || async {
            let queues = process.client.get("/_local/api/queues").await.json();
            let is_waiting = |queue: &Value| ["ready", "in_flight", "delayed"].iter().any(|figure| queue[figure] != 0);
            !queues.as_array().unwrap().iter().any(is_waiting)
                && process.client.get("/api/v1/products?limit=1").await.json()["total"] == 240
        })
        .await;
        let queue = rusqlite::Connection::open(folder.path().join("queue.sqlite")).unwrap();
        queue.busy_timeout(Duration::from_secs(5)).unwrap();
        let figure = |sql: &str| queue.query_row(sql, [], |row| row.get::<_, Option<i64>>(0)).unwrap().unwrap_or(0);

        let admin = login(&process.client, ADMIN_EMAIL, ADMIN_PASSWORD).await;
        let published = || std::fs::read(&manifest).unwrap_or_default();
        let left = || figure("SELECT count(*) FROM message WHERE queue = 'search'");
        let mut created = 0;
        let before = loop {
            assert!(created < 5, "it was acknowledged before the file was held, each time");
            let before = published();
            let ask = process.client.ask("POST", "/api/v1/products").token(&admin);
            ask.json(&product("Killed Midway Kulfi")).send().await.expect(201);
            created += 1;
            let patience = Instant::now() + Duration::from_secs(60);
            while figure("SELECT max(receives) FROM message WHERE queue = 'search'") == 0 && published() == before {
                assert!(Instant::now() < patience, "nobody received it");
            }
            queue.execute_batch("BEGIN IMMEDIATE").unwrap();
            if left() == 1 {
                break before;
            }
            queue.execute_batch("ROLLBACK").unwrap();
        };
        eventually("a snapshot with it is published", || async {
            let now = published();
            !now.is_empty() && now != before
        })
        .await;
        process.signal("KILL");
        process.child.wait().await.unwrap();
        queue.execute_batch("ROLLBACK").unwrap();
        assert_eq!(left(), 1, "it was acknowledged before the kill");

        let process = local_cloud(settings, Stdio::null()).await;
        // It comes again when its visibility time ends: the shop is whole within thirty seconds.
        eventually_within(Duration::from_secs(30), "the message is acknowledged", || async { left() == 0 }).await;
        let page = process.client.get("/api/v1/products?limit=1").await.expect(200).json();
        assert_eq!(page["total"], 240 + created, "a restart keeps every product, each in the index once");
        let found = process.client.get("/api/v1/search?q=kulfi+midway").await.expect(200).json();
        assert_eq!(found["total"], created);
        let queues = process.client.get("/_local/api/queues").await.json();
        assert_eq!(of_search(&queues)["dead"], 0, "{queues}");
    });
}
