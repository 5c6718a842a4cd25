//! The tests' servers go when the tests go, even when nothing was left to tidy up after them.

use std::io::{BufRead, BufReader};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use bharatmart_tests::{eventually, servers};

#[tokio::test]
async fn servers_end_and_tidy_up_when_the_tests_are_killed() {
    let urls = "echo $TEST_POSTGRES_URL; echo $TEST_REDIS_URL; echo $TEST_AWS_ENDPOINT; cat";
    let mut tests = Command::new(env!("CARGO_BIN_EXE_with-servers"))
        .args(["sh", "-c", urls])
        .env_remove(servers::POSTGRES_URL)
        .env_remove(servers::REDIS_URL)
        .env_remove(servers::AWS_ENDPOINT)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("with-servers runs");
    let lines = BufReader::new(tests.stdout.take().expect("piped")).lines();
    let ports: Vec<u16> = lines.take(3).map(|url| port(&url.expect("a line"))).collect();
    let folders = folders_of(tests.id());
    assert_eq!(folders.len(), 3, "{folders:?}");
    assert!(ports.iter().all(|port| answers(*port)), "{ports:?}");

    tests.kill().expect("SIGKILL");
    tests.wait().expect("it ended");

    eventually("no server answers", || async { !ports.iter().any(|port| answers(*port)) }).await;
    eventually("no folder is left", || async { !folders.iter().any(|folder| folder.exists()) }).await;
}

fn port(url: &str) -> u16 {
    let digits = url.rsplit(':').next().and_then(|tail| tail.split('/').next());
    digits.and_then(|digits| digits.parse().ok()).unwrap_or_else(|| panic!("no port in {url}"))
}

fn answers(port: u16) -> bool {
    TcpStream::connect(("127.0.0.1", port)).is_ok()
}

fn folders_of(process: u32) -> Vec<PathBuf> {
    let of_process = format!("-{process}-");
    let entries = std::fs::read_dir(std::env::temp_dir()).expect("the folder for temporary files");
    entries.flatten().map(|entry| entry.path()).filter(|path| path.to_string_lossy().contains(&of_process)).collect()
}
