//! How large each function is, as it goes to AWS.

use std::io::Write;
use std::process::{Command, Stdio};

use crate::figures::{Table, mb, root};

pub fn measure() -> Table {
    let mut table = Table::new("Sizes (deploy profile, stripped)", &["function", "bootstrap", "zipped"]);
    let folder = root().join("target/lambda");
    let mut functions: Vec<_> =
        std::fs::read_dir(&folder).into_iter().flatten().flatten().map(|entry| entry.file_name()).collect();
    functions.sort();
    for function in functions {
        let path = folder.join(&function).join("bootstrap");
        let Ok(bytes) = std::fs::read(&path) else { continue };
        let zipped = zipped(&bytes).map_or("?".to_owned(), mb);
        table.row(vec![function.to_string_lossy().into_owned(), mb(bytes.len() as u64), zipped]);
    }
    table
}

/// A zip holds what deflate makes of it, and a hundred bytes more.
fn zipped(bytes: &[u8]) -> Option<u64> {
    let mut gzip = Command::new("gzip").arg("-c").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().ok()?;
    let mut input = gzip.stdin.take()?;
    let bytes = bytes.to_vec();
    let writing = std::thread::spawn(move || input.write_all(&bytes));
    let output = gzip.wait_with_output().ok()?;
    writing.join().ok()?.ok()?;
    Some(output.stdout.len() as u64)
}
