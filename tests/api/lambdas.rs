//! Every function as its own process, behind the Lambda API of `cargo lambda watch`.

use std::path::Path;
use std::process::Stdio;

use bharatmart_tests::{eventually, folder_with, free_port};
use tokio::process::{Child, Command};

pub struct Lambdas {
    port: u16,
    _watch: Child,
}

/// However the tests end, the system closes their end of the pipe; then all of the group is ended.
const WATCHED: &str = r#""$0" "$@" & cat >/dev/null; kill 0"#;

impl Lambdas {
    /// The functions are built before, with the tests' own features, so that nothing is compiled twice.
    pub async fn start(settings: &[(String, String)]) -> Self {
        let port = free_port();
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let bin = folder_with(&["cargo-lambda"], "pip install cargo-lambda (into .tools/venv)");
        let mut watch = Command::new("sh");
        watch.args(["-c", WATCHED]).arg(bin.join("cargo-lambda"));
        watch.args(["lambda", "watch", "--ignore-changes", "--all-features", "--invoke-address", "127.0.0.1"]);
        watch.args(["--invoke-port", &port.to_string()]);
        watch.current_dir(root).envs(settings.iter().cloned()).kill_on_drop(true).process_group(0);
        watch.stdin(Stdio::piped());
        let watch = watch.spawn().expect("cargo lambda watch starts");
        eventually("the Lambda API listens", || async {
            tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_ok()
        })
        .await;
        Lambdas { port, _watch: watch }
    }

    pub fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }
}

/// What `cargo lambda invoke <function> --data-file events/<function>.json` does.
#[test]
fn every_function_answers_its_sample_event() {
    let shop = crate::world::lambdas();
    let endpoint = shop.settings.iter().find(|(name, _)| name == "LAMBDA_ENDPOINT").unwrap().1.clone();
    let lambda = crate::client::Client::new(&endpoint);
    let events = Path::new(env!("CARGO_MANIFEST_DIR")).join("../events");
    let mut functions: Vec<_> = bharatmart_functions::endpoints().iter().map(|endpoint| endpoint.route.name).collect();
    functions.extend(bharatmart_functions::workers().iter().map(|worker| worker.name));
    for function in functions {
        let event = std::fs::read(events.join(format!("{function}.json"))).unwrap();
        let path = format!("/2015-03-31/functions/{function}/invocations");
        let answer = crate::world::run(lambda.ask("POST", &path).bytes(event).send()).expect(200);
        let is_worker = bharatmart_functions::workers().iter().any(|worker| worker.name == function);
        let answered = answer.body.contains("\"statusCode\"") || answer.body.contains("batchItemFailures");
        assert!(answered || (is_worker && answer.body == "null"), "{function}: {answer:?}");
        assert!(!answer.body.contains("errorMessage"), "{function}: {answer:?}");
    }
}
