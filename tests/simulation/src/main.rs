//! `simulate --seeds 2000 --first 1`: lives through so many seeds, and prints the history of the first that broke a
//! promise.

use std::process::ExitCode;

use bharatmart_simulation::{Broken, Plant, Tally, run};

const USAGE: &str = "usage: simulate [--seeds N] [--first N] [--plant NAME] [--history]";

struct Wanted {
    seeds: u64,
    first: u64,
    plant: Option<Plant>,
    history: bool,
}

fn wanted() -> Option<Wanted> {
    let mut wanted = Wanted { seeds: 2_000, first: 1, plant: None, history: false };
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        match word.as_str() {
            "--seeds" => wanted.seeds = words.next()?.parse().ok()?,
            "--first" => wanted.first = words.next()?.parse().ok()?,
            "--plant" => wanted.plant = Some(Plant::by_name(&words.next()?)?),
            "--history" => wanted.history = true,
            _ => return None,
        }
    }
    Some(wanted)
}

#[allow(clippy::print_stdout, clippy::print_stderr, reason = "a command's words to who typed it")]
fn main() -> ExitCode {
    let Some(Wanted { seeds, first, plant, history }) = wanted() else {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    };
    let mut tally = Tally::default();
    for seed in first..first + seeds {
        let outcome = run(seed, plant, history);
        if let Some(Broken(what)) = outcome.broken {
            run(seed, plant, true).history.iter().for_each(|line| println!("{line}"));
            eprintln!("\nseed {seed} broke a promise: {what}\nagain: make simulate SEEDS=1 FIRST_SEED={seed}");
            return ExitCode::FAILURE;
        }
        outcome.history.iter().for_each(|line| println!("{line}"));
        tally.add(&outcome.tally);
    }
    println!("{}", tally.text());
    ExitCode::SUCCESS
}
