//! `make bench`: measures cold starts, sizes and requests a second, prints them, and writes them into
//! docs/performance.md. Everything runs on this machine and stops by itself. No test, and no judge: the goals stand
//! beside the figures.

mod admin;
mod cold;
mod figures;
mod gateway;
mod process;
mod runtime_api;
mod settings;
mod sizes;

use std::process::ExitCode;

use figures::Table;

#[tokio::main]
#[allow(clippy::print_stdout, clippy::print_stderr, reason = "a command tells a person what it measured")]
async fn main() -> ExitCode {
    let mut tables: Vec<Table> = Vec::new();
    tables.push(cold::measure().await);
    tables.push(sizes::measure());
    tables.extend(gateway::measure().await);
    for table in &tables {
        println!("{}", table.text());
    }
    match figures::write(&tables) {
        Ok(path) => {
            println!("Written to {}", path.display());
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("docs/performance.md could not be written: {error}");
            ExitCode::FAILURE
        }
    }
}
