//! What a large catalogue costs: the same questions to an index of ten thousand products and to one of a million, each
//! asked once, so that no remembered answer flatters the figures. Products are made up as they go into the index; no
//! store is asked. Each size is built and asked in processes of their own, whose memory is then theirs alone.

mod catalogue;
mod questions;

use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bharatmart_adapters::blobs::FileBlobs;
use bharatmart_adapters::search::{TantivyIndex, TantivySearch};
use bharatmart_adapters::system::System;
use bharatmart_core::ports::{Fence, Search, SearchIndex};
use bharatmart_core::{Tenant, Timestamp};
use serde_json::{Value, json};

use crate::figures::{Table, mb, ms, percentile};
use crate::process;

const SMALL: u64 = 10_000;
const LARGE: u64 = 1_000_000;

/// Products handed to the index at once.
const BATCH: u64 = 1_000;

/// Of each kind: so many to warm up, as a shop that has been open for a while is warm, and so many that are measured.
const WARMING: u64 = 400;
const MEASURED: u64 = 1_000;

const KINDS: [(&str, f64); 5] =
    [("list", 1.5), ("filter", 1.5), ("search", 2.0), ("search with a typo", 2.0), ("suggest", 1.5)];

/// `bench scale build <products> <folder>` and `bench scale ask <products> <folder>` are the processes it starts.
pub async fn measure(arguments: &[String]) -> Option<Vec<Table>> {
    match arguments {
        [] => Some(compare()),
        [step, products, folder] => {
            let products = products.parse().unwrap_or(SMALL);
            let told = match step.as_str() {
                "build" => build(products, Path::new(folder)).await,
                _ => ask(products, Path::new(folder)).await,
            };
            print(&told);
            None
        }
        _ => panic!("bench scale [build|ask <products> <folder>]"),
    }
}

#[allow(clippy::print_stdout, reason = "this is how one process tells another")]
fn print(told: &Value) {
    println!("{told}");
}

fn compare() -> Vec<Table> {
    let mut built = Table::new(
        "Building the search index (one thread)",
        &["products", "products/s", "time", "CPU", "memory, peak", "index"],
    );
    let mut asked = Table::new(
        "Search index: each question asked once, from the index alone",
        &[
            "question",
            "p50 at 10 000",
            "p99",
            "CPU",
            "p50 at 1 000 000",
            "p99",
            "CPU",
            "ratio of p50",
            "of CPU",
            "goal",
        ],
    );
    let mut memory = Table::new(
        "A reader of the search index, after those questions",
        &["products", "memory of its own", "opened in"],
    );
    let answers: Vec<Value> = [SMALL, LARGE]
        .into_iter()
        .map(|products| {
            let folder = tempfile::tempdir().unwrap_or_else(|error| panic!("{error}"));
            let told = run("build", products, folder.path());
            built.row(vec![
                products.to_string(),
                format!("{:.0}", products as f64 / number(&told, "seconds")),
                format!("{:.1} s", number(&told, "seconds")),
                format!("{:.1} s", number(&told, "cpu")),
                mb(number(&told, "memory") as u64),
                mb(number(&told, "size") as u64),
            ]);
            let told = run("ask", products, folder.path());
            let opened = Duration::from_secs_f64(number(&told, "opened"));
            memory.row(vec![products.to_string(), mb(number(&told, "memory") as u64), ms(opened)]);
            told
        })
        .collect();
    for (kind, goal) in KINDS {
        let figure = |size: usize, name: &str| number(&answers[size][kind], name);
        let of = |size: usize| ["p50", "p99", "cpu"].map(|name| ms(Duration::from_secs_f64(figure(size, name))));
        let ratio = |name| format!("{:.2}", figure(1, name) / figure(0, name));
        let mut row = vec![kind.to_owned()];
        row.extend(of(0));
        row.extend(of(1));
        row.extend([ratio("p50"), ratio("cpu"), format!("≤ {goal}")]);
        asked.row(row);
    }
    vec![built, asked, memory]
}

fn number(told: &Value, name: &str) -> f64 {
    told[name].as_f64().unwrap_or(f64::NAN)
}

fn run(step: &str, products: u64, folder: &Path) -> Value {
    let program = std::env::current_exe().unwrap_or_else(|error| panic!("{error}"));
    let output = Command::new(program)
        .args(["scale", step, &products.to_string()])
        .arg(folder)
        .stderr(Stdio::inherit())
        .output()
        .unwrap_or_else(|error| panic!("{error}"));
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{step} at {products}: {error}"))
}

async fn build(products: u64, folder: &Path) -> Value {
    let blobs = Arc::new(FileBlobs::open(folder.join("blobs")).unwrap_or_else(|fault| panic!("{fault}")));
    let index =
        TantivyIndex::open(blobs.clone(), &folder.join("writer")).await.unwrap_or_else(|fault| panic!("{fault}"));
    let begun = Instant::now();
    let mut rebuild = index.rebuild().await.unwrap_or_else(|fault| panic!("{fault}"));
    for first in (0..products).step_by(BATCH as usize) {
        let docs = (first..(first + BATCH).min(products)).map(catalogue::product).collect();
        rebuild.add(docs).await.unwrap_or_else(|fault| panic!("{fault}"));
    }
    rebuild.changed().await.unwrap_or_else(|fault| panic!("{fault}"));
    let now = Timestamp::from_millis(0);
    rebuild.publish(Fence(1), vec![], vec![], now).await.unwrap_or_else(|fault| panic!("{fault}"));
    let seconds = begun.elapsed().as_secs_f64();
    let pid = std::process::id();
    json!({
        "seconds": seconds,
        "cpu": process::cpu(pid).as_secs_f64(),
        "memory": process::peak_memory(pid),
        "size": size(&folder.join("blobs")),
    })
}

fn size(folder: &Path) -> u64 {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .map(|entry| match entry.metadata() {
            Ok(metadata) if metadata.is_dir() => size(&entry.path()),
            Ok(metadata) => metadata.len(),
            Err(_) => 0,
        })
        .sum()
}

async fn ask(products: u64, folder: &Path) -> Value {
    let blobs = Arc::new(FileBlobs::open(folder.join("blobs")).unwrap_or_else(|fault| panic!("{fault}")));
    let begun = Instant::now();
    let search = TantivySearch::open(blobs, &folder.join("writer"), Duration::from_secs(3_600), Arc::new(System));
    let search = search.await.unwrap_or_else(|fault| panic!("{fault}"));
    let mut told = json!({ "opened": begun.elapsed().as_secs_f64() });
    for (kind, _) in KINDS {
        let (mut times, mut cpu) = (Vec::new(), Duration::ZERO);
        for nth in 0..WARMING + MEASURED {
            if nth == WARMING {
                cpu = process::cpu(std::process::id());
            }
            let begun = Instant::now();
            one(&search, kind, nth).await;
            if nth >= WARMING {
                times.push(begun.elapsed());
            }
        }
        let cpu = process::cpu(std::process::id()) - cpu;
        times.sort_unstable();
        told[kind] = json!({
            "p50": percentile(&times, 0.5).as_secs_f64(),
            "p99": percentile(&times, 0.99).as_secs_f64(),
            "cpu": cpu.as_secs_f64() / MEASURED as f64,
        });
    }
    told["memory"] = json!(process::own_memory(std::process::id()));
    told["products"] = json!(products);
    told
}

async fn one(search: &TantivySearch, kind: &str, nth: u64) {
    let answer = match kind {
        "suggest" => search.suggest(&Tenant::main(), &questions::typed(nth), 8).await.map(|_| ()),
        kind => search.find(&questions::query(kind, nth)).await.map(|_| ()),
    };
    answer.unwrap_or_else(|fault| panic!("{kind} {nth}: {fault}"));
}
