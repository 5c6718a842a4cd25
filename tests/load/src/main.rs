//! `make bench`: measures cold starts and sizes (`bench functions`), requests a second (`gateway`), orders and payments
//! (`checkout`) and a catalogue of a million products (`scale`), prints them, and writes them into docs/performance.md.
//! Everything runs on this machine and stops by itself. No test, and no judge: the goals stand beside the figures.

mod admin;
mod cart;
mod checkout;
mod client;
mod cold;
mod figures;
mod gateway;
mod process;
mod runtime_api;
mod scale;
mod settings;
mod shop;
mod sizes;

use std::process::ExitCode;

#[tokio::main]
#[allow(clippy::print_stdout, clippy::print_stderr, reason = "a command tells a person what it measured")]
async fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let (of, tables) = match arguments.split_first() {
        Some((scale, rest)) if scale == "scale" => match scale::measure(rest).await {
            Some(tables) => ("scale", tables),
            None => return ExitCode::SUCCESS,
        },
        Some((checkout, rest)) if checkout == "checkout" => ("checkout", checkout::measure(rest).await),
        Some((functions, [])) if functions == "functions" => {
            ("functions", vec![cold::measure().await, sizes::measure()])
        }
        Some((gateway, [])) if gateway == "gateway" => ("gateway", gateway::measure().await),
        _ => {
            eprintln!("bench functions | gateway | checkout | scale");
            return ExitCode::FAILURE;
        }
    };
    for table in &tables {
        println!("{}", table.text());
    }
    match figures::write(of, &tables) {
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
