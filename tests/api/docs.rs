//! The commands that the documents tell people to type.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::world::{ADMIN_PASSWORD, run, sqlite};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The shell blocks of a page.
fn blocks(page: &str) -> Vec<String> {
    let text = std::fs::read_to_string(root().join(page)).unwrap();
    text.split("```sh\n").skip(1).map(|rest| rest.split("```").next().unwrap().to_owned()).collect()
}

fn pages() -> Vec<String> {
    let mut pages = vec!["README.md".to_owned(), "CONTRIBUTING.md".to_owned()];
    for entry in std::fs::read_dir(root().join("docs")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if name.ends_with(".md") {
            pages.push(format!("docs/{name}"));
        }
    }
    pages
}

/// As they stand, against a shop: only the address is another.
#[test]
fn the_requests_of_the_readme_work() {
    let requests = requests("README.md");
    assert!(requests.len() >= 2, "{requests:?}");
    for block in requests {
        let text = run(typed(&block, &sqlite().cloud.url(), "--fail-with-body"));
        assert!(text.contains("\"prd_"), "{block}\n{text}");
    }
}

/// The blocks of a page that ask the shop for something.
pub fn requests(page: &str) -> Vec<String> {
    blocks(page).into_iter().filter(|block| block.contains("curl")).collect()
}

/// What a block answers somebody who types it: only the shop's address is another.
pub async fn typed(block: &str, url: &str, more: &str) -> String {
    let script = format!(
        "set -e; curl() {{ command curl -sS {more} \"$@\"; }}\n{}",
        block.replace("localhost:8080", &url.replace("http://", ""))
    );
    let mut bash = tokio::process::Command::new("bash");
    let output = bash.args(["-c", &script]).env("ADMIN_PASSWORD", ADMIN_PASSWORD).output().await.unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{block}\n{text}\n{}", String::from_utf8_lossy(&output.stderr));
    text
}

#[test]
fn every_make_target_that_a_page_names_is_there() {
    let makefile = std::fs::read_to_string(root().join("Makefile")).unwrap();
    let targets: BTreeSet<&str> =
        makefile.lines().filter_map(|line| line.split_once(": ## ")).map(|(target, _)| target).collect();
    let mut named = 0;
    for page in pages() {
        let text = std::fs::read_to_string(root().join(&page)).unwrap();
        let commands = text.split('`').skip(1).step_by(2).chain(text.lines());
        for command in commands.filter_map(|command| command.trim().strip_prefix("make ")) {
            let target = command.split(|c: char| !c.is_ascii_lowercase() && c != '-').next().unwrap();
            if !target.is_empty() && command.starts_with(target) {
                assert!(targets.contains(target), "{page} names `make {target}`, which is not in the Makefile");
                named += 1;
            }
        }
    }
    assert!(named > 10, "{named}");
}

#[test]
fn every_link_to_a_file_leads_to_one() {
    for page in pages() {
        let text = std::fs::read_to_string(root().join(&page)).unwrap();
        let folder = root().join(&page).parent().unwrap().to_owned();
        for target in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let file = target.split('#').next().unwrap();
            if !file.is_empty() && !file.contains("://") {
                assert!(folder.join(file).exists(), "{page} links to {file}, which is not there");
            }
        }
    }
}
