//! What a large catalogue costs: the same questions to an index of ten thousand products and to one of a million, put to
//! the index itself and then, over HTTP, to a shop that has it. Each is asked once of either, so that no remembered
//! answer flatters the figures, and each has a full page of answers at both sizes, so that a page is compared with a
//! page. Products are made up as they go into the index, and are in no store. Each size is built and asked in processes
//! of their own, whose memory is then theirs alone.

mod catalogue;
mod questions;
mod requests;

use std::collections::{HashMap, HashSet};
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

/// Suggestions for what is typed.
const SUGGESTED: usize = 8;

/// Products handed to the index at once.
const BATCH: u64 = 1_000;

/// Of each kind: so many to warm up, as a shop that has been open for a while is warm, and so many that are measured.
const WARMING: u64 = 400;
const MEASURED: u64 = 1_000;

const KINDS: [(&str, f64); 6] = [
    ("list", 1.5),
    ("filter", 1.5),
    ("filter with facets", 1.5),
    ("search", 2.0),
    ("search with a typo", 2.0),
    ("suggest", 1.5),
];

/// Questions by their numbers, for each kind.
type Chosen = HashMap<String, Vec<u64>>;

/// `bench scale [<products>]`; it starts `bench scale build <products> <folder>`, and likewise `choose` and `ask`, as
/// processes.
pub async fn measure(arguments: &[String]) -> Option<Vec<Table>> {
    match arguments {
        [] => Some(compare(LARGE).await),
        [products] => Some(compare(products.parse().unwrap_or(LARGE)).await),
        [step, products, folder] => {
            let products = products.parse().unwrap_or(SMALL);
            let told = match step.as_str() {
                "build" => build(products, Path::new(folder)).await,
                "choose" => choose(Path::new(folder)).await,
                _ => ask(Path::new(folder)).await,
            };
            print(&told);
            None
        }
        _ => panic!("bench scale [build|choose|ask <products> <folder>]"),
    }
}

#[allow(clippy::print_stdout, reason = "this is how one process tells another")]
fn print(told: &Value) {
    println!("{told}");
}

async fn compare(large: u64) -> Vec<Table> {
    let mut built = Table::new(
        "Building the search index (one thread)",
        &["products", "products/s", "time", "CPU", "memory, peak", "index"],
    );
    let mut memory = Table::new(
        "Whoever reads the search index, after those questions",
        &["products", "a reader's own memory", "opened in", "the local cloud's own memory"],
    );
    let (mut asked, mut requested) = (Vec::new(), Vec::new());
    let mut chosen = None;
    for products in [SMALL, large] {
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
        // Of the small index, the first: what has a full page there has one in the large index.
        let chosen = chosen.get_or_insert_with(|| run("choose", products, folder.path()));
        write(folder.path(), chosen);
        let reader = run("ask", products, folder.path());
        let shop = requests::measure(products, folder.path(), &read(folder.path())).await;
        memory.row(vec![
            products.to_string(),
            mb(number(&reader, "memory") as u64),
            ms(Duration::from_secs_f64(number(&reader, "opened"))),
            mb(number(&shop, "memory") as u64),
        ]);
        asked.push(reader);
        requested.push(shop);
    }
    vec![
        built,
        ratios("Requests over HTTP, each asked once (local cloud on SQLite)", large, &requested),
        ratios("The search index alone, each question asked once", large, &asked),
        memory,
    ]
}

fn ratios(name: &'static str, large: u64, answers: &[Value]) -> Table {
    let at = |products: u64, figure: &str| format!("{figure} at {products}");
    let columns = [
        "question".to_owned(),
        at(SMALL, "p50"),
        "p99".to_owned(),
        "CPU".to_owned(),
        at(large, "p50"),
        "p99".to_owned(),
        "CPU".to_owned(),
        "ratio of p50".to_owned(),
        "of CPU".to_owned(),
        "goal".to_owned(),
    ];
    let mut table = Table { name, columns: columns.to_vec(), rows: Vec::new() };
    for (kind, goal) in KINDS {
        let figure = |size: usize, name: &str| number(&answers[size][kind], name);
        let of = |size: usize| ["p50", "p99", "cpu"].map(|name| ms(Duration::from_secs_f64(figure(size, name))));
        let ratio = |name| format!("{:.2}", figure(1, name) / figure(0, name));
        let mut row = vec![kind.to_owned()];
        row.extend(of(0));
        row.extend(of(1));
        row.extend([ratio("p50"), ratio("cpu"), format!("≤ {goal}")]);
        table.row(row);
    }
    table
}

/// Of the questions of one kind that were measured.
fn figures_of(mut times: Vec<Duration>, cpu: Duration) -> Value {
    times.sort_unstable();
    json!({
        "p50": percentile(&times, 0.5).as_secs_f64(),
        "p99": percentile(&times, 0.99).as_secs_f64(),
        "cpu": cpu.as_secs_f64() / times.len().max(1) as f64,
    })
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

const QUESTIONS: &str = "questions.json";

fn write(folder: &Path, chosen: &Value) {
    std::fs::write(folder.join(QUESTIONS), chosen.to_string()).unwrap_or_else(|error| panic!("{error}"));
}

fn read(folder: &Path) -> Chosen {
    let chosen = std::fs::read(folder.join(QUESTIONS)).unwrap_or_else(|error| panic!("{error}"));
    serde_json::from_slice(&chosen).unwrap_or_else(|error| panic!("{error}"))
}

async fn open(folder: &Path) -> TantivySearch {
    let blobs = Arc::new(FileBlobs::open(folder.join("blobs")).unwrap_or_else(|fault| panic!("{fault}")));
    let search = TantivySearch::open(blobs, &folder.join("writer"), Duration::from_secs(3_600), Arc::new(System)).await;
    let search = search.unwrap_or_else(|fault| panic!("{fault}"));
    // It opens without a snapshot that takes long to fetch, and goes on fetching it.
    while !matches!(search.snapshot().await, Ok(Some(_))) {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    search
}

/// The first questions of each kind that are unlike all before them, as requests too, and fill a page.
async fn choose(folder: &Path) -> Value {
    let search = open(folder).await;
    let mut chosen = Chosen::new();
    for (kind, _) in KINDS {
        let (mut known, mut nths) = (HashSet::new(), Vec::new());
        for nth in 0.. {
            if nths.len() as u64 == WARMING + MEASURED {
                break;
            }
            let (answers, page) = one(&search, kind, nth).await;
            if answers == page && known.insert(questions::path(kind, nth)) {
                nths.push(nth);
            }
        }
        chosen.insert(kind.to_owned(), nths);
    }
    json!(chosen)
}

async fn ask(folder: &Path) -> Value {
    let (begun, chosen) = (Instant::now(), read(folder));
    let search = open(folder).await;
    let mut told = json!({ "opened": begun.elapsed().as_secs_f64() });
    for (kind, nths) in KINDS.iter().filter_map(|(kind, _)| Some((*kind, chosen.get(*kind)?))) {
        let (mut times, mut cpu) = (Vec::new(), Duration::ZERO);
        for (at, nth) in (0..).zip(nths) {
            if at == WARMING {
                cpu = process::cpu(std::process::id());
            }
            let begun = Instant::now();
            one(&search, kind, *nth).await;
            if at >= WARMING {
                times.push(begun.elapsed());
            }
        }
        told[kind] = figures_of(times, process::cpu(std::process::id()) - cpu);
    }
    told["memory"] = json!(process::own_memory(std::process::id()));
    told
}

/// How many answers there are, and how many fill a page.
async fn one(search: &TantivySearch, kind: &str, nth: u64) -> (usize, usize) {
    let answers = match kind {
        "suggest" => {
            let suggested = search.suggest(&Tenant::main(), &questions::typed(nth), SUGGESTED).await;
            suggested.map(|suggested| (suggested.len(), SUGGESTED))
        }
        kind => {
            let query = questions::query(kind, nth);
            search.find(&query).await.map(|found| (found.rows.len(), query.size.get()))
        }
    };
    answers.unwrap_or_else(|fault| panic!("{kind} {nth}: {fault}"))
}
