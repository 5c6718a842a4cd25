//! The local cloud under load, with the load tool on the same cores: its own share of them is told.

use std::process::Stdio;
use std::time::{Duration, Instant};

use bharatmart_tests::free_port;
use bytes::Bytes;
use serde_json::Value;
use tokio::process::{Child, Command};

use crate::figures::{Table, mb, root};
use crate::settings::{self, Settings, pairs};
use crate::{admin, process};

const SECONDS: u64 = 8;
const CONNECTIONS: u64 = 16;

struct Load {
    name: &'static str,
    script: &'static str,
    goal: &'static str,
}

pub async fn measure() -> Vec<Table> {
    let columns = [
        "load",
        "requests/s",
        "goal",
        "p50",
        "p99",
        "errors",
        "CPU a request (shop)",
        "CPU share of the load tool",
        "memory, peak",
    ];
    let folder = tempfile::tempdir().unwrap_or_else(|error| panic!("{error}"));
    let sqlite = settings::embedded(&folder.path().join("sqlite"));
    let postgres = settings::postgres(&folder.path().join("postgres")).await;
    let mut tables = Vec::new();
    for (name, engine, by_id) in [
        ("Local cloud on SQLite (synchronous=FULL)", sqlite, "≥ 8000"),
        ("Local cloud on PostgreSQL (fsync on) and Redis", postgres, "≥ 4000"),
    ] {
        let mut table = Table::new(name, &columns);
        let shop = Shop::start(&engine).await;
        for load in [
            Load { name: "200 lists and searches", script: "mix.lua", goal: "≥ 8000" },
            Load { name: "product by id, uncached", script: "product.lua", goal: by_id },
            Load { name: "create a product", script: "create.lua", goal: "–" },
        ] {
            table.row(shop.under(&load).await);
        }
        tables.push(table);
    }
    tables
}

struct Shop {
    child: Child,
    port: u16,
    ids: tempfile::NamedTempFile,
}

impl Shop {
    async fn start(engine: &Settings) -> Self {
        let port = free_port();
        let mut settings = engine.clone();
        settings.extend(pairs(&[("LISTEN", &format!("127.0.0.1:{port}"))]));
        let program = root().join("target/release/bharatmart-local");
        let command = || {
            let mut command = Command::new(&program);
            command.env_clear().envs(settings.clone()).current_dir(root().join("docs")).kill_on_drop(true);
            command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
            command
        };
        let made = command().args(["run", "admin-create"]).status().await;
        assert!(made.is_ok_and(|made| made.success()), "no admin was made");
        let child = command().spawn().unwrap_or_else(|error| panic!("{}: {error}", program.display()));
        let rows = until_indexed(port).await;
        let ids = tempfile::NamedTempFile::new().unwrap_or_else(|error| panic!("{error}"));
        std::fs::write(ids.path(), rows.join("\n")).unwrap_or_else(|error| panic!("{error}"));
        Shop { child, port, ids }
    }

    async fn under(&self, load: &Load) -> Vec<String> {
        let pid = self.child.id().unwrap_or_default();
        let login = ask(self.port, "POST", "/api/v1/auth/login", admin::login()).await.unwrap_or_default();
        let token = admin::token(&login);
        let before = process::cpu(pid);
        let begun = Instant::now();
        let child = Command::new("wrk")
            .args(["-t1", &format!("-c{CONNECTIONS}"), &format!("-d{SECONDS}s"), "--latency", "-s"])
            .arg(root().join("tests/load/wrk").join(load.script))
            .arg(format!("http://127.0.0.1:{}", self.port))
            .env("IDS", self.ids.path())
            .env("TOKEN", token)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("wrk: {error}; install it with: apt-get install -y wrk"));
        let wrk = child.id().unwrap_or_default();
        // A little before it ends: a process that has ended tells nothing.
        tokio::time::sleep(Duration::from_millis(SECONDS * 1_000 - 200)).await;
        let tool = process::cpu(wrk);
        let share = tool.as_secs_f64() / begun.elapsed().as_secs_f64();
        let output = child.wait_with_output().await.unwrap_or_else(|error| panic!("{error}"));
        let used = process::cpu(pid) - before;
        let text = String::from_utf8_lossy(&output.stdout);
        let figure =
            |name: &str| text.lines().find_map(|line| line.strip_prefix(name)).unwrap_or("0").trim().to_owned();
        let requests: f64 = figure("requests=").parse().unwrap_or(0.0);
        let seconds: f64 = figure("seconds=").parse().unwrap_or(1.0);
        vec![
            load.name.to_owned(),
            format!("{:.0}", requests / seconds),
            load.goal.to_owned(),
            format!("{} ms", figure("p50=")),
            format!("{} ms", figure("p99=")),
            figure("errors="),
            format!("{:.3} ms", used.as_secs_f64() * 1_000.0 / requests.max(1.0)),
            format!("{:.0} % of one core", share * 100.0),
            mb(process::peak_memory(pid)),
        ]
    }
}

/// Waits for the seed to be in the index; answers the products' ids.
async fn until_indexed(port: u16) -> Vec<String> {
    let deadline = Instant::now() + Duration::from_secs(120);
    loop {
        if let Some(page) = get(port, "/api/v1/products?limit=100").await
            && page["total"].as_u64().is_some_and(|total| total >= 240)
        {
            let rows = page["data"].as_array().cloned().unwrap_or_default();
            return rows.iter().filter_map(|row| row["id"].as_str().map(str::to_owned)).collect();
        }
        assert!(Instant::now() < deadline, "the shop did not come up");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

async fn get(port: u16, path: &str) -> Option<Value> {
    serde_json::from_str(&ask(port, "GET", path, String::new()).await?).ok()
}

async fn ask(port: u16, method: &str, path: &str, body: String) -> Option<String> {
    use http_body_util::BodyExt;
    let stream = tokio::net::TcpStream::connect(("127.0.0.1", port)).await.ok()?;
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(hyper_util::rt::TokioIo::new(stream)).await.ok()?;
    tokio::spawn(connection);
    let request = hyper::Request::builder().method(method).uri(path).header("host", "localhost");
    let request = request.header("content-type", "application/json").body(http_body_util::Full::new(Bytes::from(body)));
    let body = sender.send_request(request.ok()?).await.ok()?.into_body().collect().await.ok()?.to_bytes();
    String::from_utf8(body.into()).ok()
}
