//! `simulate --seeds 2000 --first 1`: lives through so many seeds, and prints the history of the first that broke a
//! promise. `simulate --matrix` writes the fault matrix into docs/reliability.md.

use std::process::ExitCode;

use bharatmart_simulation::{Broken, Outcome, Plant, matrix, page, run, run_many};

const USAGE: &str = "usage: simulate [--seeds N] [--first N] [--plant NAME] [--history] | --matrix";

struct Wanted {
    seeds: u64,
    first: u64,
    plant: Option<Plant>,
    history: bool,
    matrix: bool,
}

fn wanted() -> Option<Wanted> {
    let mut wanted = Wanted { seeds: 2_000, first: 1, plant: None, history: false, matrix: false };
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        match word.as_str() {
            "--seeds" => wanted.seeds = words.next()?.parse().ok()?,
            "--first" => wanted.first = words.next()?.parse().ok()?,
            "--plant" => wanted.plant = Some(Plant::by_name(&words.next()?)?),
            "--history" => wanted.history = true,
            "--matrix" => wanted.matrix = true,
            _ => return None,
        }
    }
    Some(wanted)
}

#[allow(clippy::print_stdout, clippy::print_stderr, reason = "a command's words to who typed it")]
fn main() -> ExitCode {
    let Some(wanted) = wanted() else {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    };
    if wanted.matrix {
        return match write_matrix() {
            Ok(()) => ExitCode::SUCCESS,
            Err(what) => {
                eprintln!("{what}");
                ExitCode::FAILURE
            }
        };
    }
    let Wanted { seeds, first, plant, history, .. } = wanted;
    let (tally, broken) = run_many(first..first + seeds, plant);
    if let Some(Outcome { seed, broken: Some(Broken(what)), .. }) = broken {
        run(seed, plant, true).history.iter().for_each(|line| println!("{line}"));
        eprintln!("\nseed {seed} broke a promise: {what}\nagain: make simulate SEEDS=1 FIRST_SEED={seed}");
        return ExitCode::FAILURE;
    }
    if history {
        run(first, plant, true).history.iter().for_each(|line| println!("{line}"));
    }
    println!("{}", tally.text());
    ExitCode::SUCCESS
}

fn write_matrix() -> Result<(), String> {
    let cells = matrix::cells();
    let wrong: Vec<_> = cells.iter().flat_map(|cell| cell.wrong.iter().cloned()).collect();
    if !wrong.is_empty() {
        return Err(wrong.join("\n"));
    }
    let path = page::path();
    let text = std::fs::read_to_string(&path).map_err(|error| error.to_string())?;
    let current = page::current(&text, &cells).ok_or("docs/reliability.md has lost a mark")?;
    std::fs::write(&path, current).map_err(|error| error.to_string())
}
