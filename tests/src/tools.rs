//! Finds the servers' programs in the places where they are usually installed.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// The folder that holds all of `programs`; panics with the one command to type when there is none.
pub fn folder_with(programs: &[&str], install: &str) -> PathBuf {
    let found = folders().into_iter().find(|folder| programs.iter().all(|program| folder.join(program).is_file()));
    found.unwrap_or_else(|| panic!("{} not found; install it with: {install}", programs.join(" and ")))
}

/// A program of the workspace, built beside the test that asks.
pub fn program(name: &str) -> PathBuf {
    let here = std::env::current_exe().expect("the test is a file");
    let path = here.parent().and_then(Path::parent).expect("it lies in target/debug/deps").join(name);
    assert!(path.is_file(), "{} is not built; `make test` builds it", path.display());
    path
}

/// PostgreSQL's own folders come before PATH, where some systems put wrappers that need a cluster of theirs.
#[allow(clippy::disallowed_methods, reason = "no setting of the shop: where programs are")]
fn folders() -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> = setting("BHARATMART_TOOLS").map(PathBuf::from).into_iter().collect();
    folders.push(workspace().join(".tools/venv/bin"));
    let mut postgres: Vec<_> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .map(|version| version.path().join("bin"))
        .collect();
    postgres.sort_by_key(|folder| std::cmp::Reverse(major_version(folder)));
    folders.extend(postgres);
    folders.extend(std::env::var_os("PATH").iter().flat_map(std::env::split_paths));
    folders
}

fn major_version(bin: &Path) -> u32 {
    let version = bin.parent().and_then(Path::file_name).and_then(|name| name.to_str());
    version.and_then(|name| name.parse().ok()).unwrap_or(0)
}

fn workspace() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

#[allow(clippy::disallowed_methods, reason = "no setting of the shop: where servers are")]
pub(crate) fn setting(name: &str) -> Option<String> {
    std::env::var_os(name).map(OsString::into_string)?.ok().filter(|value| !value.is_empty())
}

/// `make test-all` asks for the long runs.
pub fn long_run() -> bool {
    setting("BHARATMART_TEST_ALL").is_some()
}
