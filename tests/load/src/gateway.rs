//! The local cloud under load, with the load tool on the same cores: its own share of them is told.

use std::process::Stdio;
use std::time::{Duration, Instant};

use tokio::process::Command;

use crate::figures::{Table, mb, root};
use crate::shop::{SEEDED, Shop};
use crate::{cart, process, settings};

pub const SECONDS: u64 = 8;
pub const CONNECTIONS: u64 = 16;

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
        let shop = Shop::start(&engine, SEEDED).await;
        for load in [
            Load { name: "200 lists and searches", script: "mix.lua", goal: "≥ 8000" },
            Load { name: "product by id, uncached", script: "product.lua", goal: by_id },
            Load { name: "create a product", script: "create.lua", goal: "–" },
        ] {
            table.row(under(&shop, &load).await);
        }
        table.row(cart::add(&shop).await);
        tables.push(table);
    }
    tables
}

async fn under(shop: &Shop, load: &Load) -> Vec<String> {
    let ids = ids(shop);
    let token = shop.admin_token().await;
    let before = shop.cpu();
    let begun = Instant::now();
    let child = Command::new("wrk")
        .args(["-t1", &format!("-c{CONNECTIONS}"), &format!("-d{SECONDS}s"), "--latency", "-s"])
        .arg(root().join("tests/load/wrk").join(load.script))
        .arg(format!("http://127.0.0.1:{}", shop.port))
        .env("IDS", ids.path())
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
    let used = shop.cpu() - before;
    let text = String::from_utf8_lossy(&output.stdout);
    let figure = |name: &str| text.lines().find_map(|line| line.strip_prefix(name)).unwrap_or("0").trim().to_owned();
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
        mb(process::peak_memory(shop.pid())),
    ]
}

/// Those of the newest products, one a line.
fn ids(shop: &Shop) -> tempfile::NamedTempFile {
    let ids: Vec<_> = shop.products.iter().filter_map(|product| product["id"].as_str()).collect();
    let file = tempfile::NamedTempFile::new().unwrap_or_else(|error| panic!("{error}"));
    std::fs::write(file.path(), ids.join("\n")).unwrap_or_else(|error| panic!("{error}"));
    file
}
