//! `bharatmart-generate` writes the outputs; `bharatmart-generate --check` fails when one is stale.

use std::path::Path;
use std::process::ExitCode;

use bharatmart_generate::catalogue::Catalogue;
use bharatmart_generate::{files, stale, write};

#[allow(clippy::print_stdout, clippy::print_stderr, reason = "a command's words to who typed it")]
fn main() -> ExitCode {
    let words: Vec<_> = std::env::args().skip(1).collect();
    let check = match words.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        [] => false,
        ["--check"] => true,
        _ => {
            eprintln!("usage: bharatmart-generate [--check]");
            return ExitCode::from(2);
        }
    };
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let files = match files(&Catalogue::of_the_shop(), &root) {
        Ok(files) => files,
        Err(mistakes) => {
            eprintln!("{mistakes}");
            return ExitCode::FAILURE;
        }
    };
    let outcome = if check { stale(&files, &root) } else { write(&files, &root) };
    match outcome {
        Ok(lines) => {
            lines.iter().for_each(|line| println!("{line}"));
            if check && !lines.is_empty() {
                eprintln!("The functions' declarations have changed: run `make gen` and commit what it writes.");
                return ExitCode::FAILURE;
            }
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
