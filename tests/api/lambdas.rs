//! Every function as its own process, behind the Lambda API of `cargo lambda watch`.

use std::path::Path;
use std::process::Stdio;

use bharatmart_tests::{eventually, folder_with, free_port, program};
use tokio::process::{Child, Command};

use crate::client::Client;
use crate::world;

pub struct Lambdas {
    port: u16,
    _api: Child,
    _functions: Vec<Child>,
}

/// However the tests end, the system closes their end of the pipe; then all of the group is ended.
const WITH_THE_TESTS: &str = r#""$0" "$@" & cat >/dev/null; kill 0"#;

impl Lambdas {
    /// Started here and not by `cargo lambda watch`, which asks cargo about each anew and looks for changes of its source.
    pub async fn start(settings: &[(String, String)]) -> Self {
        let port = free_port();
        let api = watch(settings, port, &["--only-lambda-apis"]).await;
        let function = |name: &str| {
            let mut function = with_the_tests(&program(name), settings);
            // What `cargo lambda watch` says that it wants.
            function.env("AWS_LAMBDA_RUNTIME_API", format!("http://127.0.0.1:{port}/.rt/{name}"));
            function.env("AWS_LAMBDA_FUNCTION_NAME", name).env("AWS_LAMBDA_FUNCTION_VERSION", "1");
            function.env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "4096");
            function.spawn().expect("the function starts")
        };
        Lambdas { port, _api: api, _functions: names().into_iter().map(function).collect() }
    }

    pub fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }
}

async fn watch(settings: &[(String, String)], port: u16, how: &[&str]) -> Child {
    let bin = folder_with(&["cargo-lambda"], "pip install cargo-lambda (into .tools/venv)");
    let mut watch = with_the_tests(&bin.join("cargo-lambda"), settings);
    watch.args(["lambda", "watch", "--invoke-address", "127.0.0.1", "--invoke-port", &port.to_string()]).args(how);
    watch.current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(".."));
    let watch = watch.spawn().expect("cargo lambda watch starts");
    eventually("the Lambda API listens", || async {
        tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_ok()
    })
    .await;
    watch
}

fn with_the_tests(program: &Path, settings: &[(String, String)]) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", WITH_THE_TESTS]).arg(program).envs(settings.iter().cloned());
    command.stdin(Stdio::piped()).process_group(0);
    command
}

fn names() -> Vec<&'static str> {
    let (endpoints, workers) = (bharatmart_functions::endpoints(), bharatmart_functions::workers());
    endpoints.iter().map(|endpoint| endpoint.route.name).chain(workers.iter().map(|worker| worker.name)).collect()
}

/// As `make watch` has it: a function is started when it is first called. Built before, with the tests' own features.
#[test]
fn cargo_lambda_watch_starts_the_function_that_is_called() {
    let shop = world::lambdas();
    world::run(async {
        let port = free_port();
        let _watch = watch(&shop.settings, port, &["--ignore-changes", "--all-features"]).await;
        let lambda = Client::new(&format!("http://127.0.0.1:{port}"));
        for function in ["health-live", "outbox-sweeper"] {
            answers_its_sample_event(&lambda, function).await;
        }
    });
}

/// What `cargo lambda invoke <function> --data-file events/<function>.json` does.
#[test]
fn every_function_answers_its_sample_event() {
    let shop = world::lambdas();
    let endpoint = shop.settings.iter().find(|(name, _)| name == "LAMBDA_ENDPOINT").unwrap().1.clone();
    let lambda = Client::new(&endpoint);
    for function in names() {
        world::run(answers_its_sample_event(&lambda, function));
    }
}

async fn answers_its_sample_event(lambda: &Client, function: &str) {
    let events = Path::new(env!("CARGO_MANIFEST_DIR")).join("../events");
    let event = std::fs::read(events.join(format!("{function}.json"))).unwrap();
    let path = format!("/2015-03-31/functions/{function}/invocations");
    let answer = lambda.ask("POST", &path).bytes(event).send().await.expect(200);
    let is_worker = bharatmart_functions::workers().iter().any(|worker| worker.name == function);
    let answered = answer.body.contains("\"statusCode\"") || answer.body.contains("batchItemFailures");
    assert!(answered || (is_worker && answer.body == "null"), "{function}: {answer:?}");
    assert!(!answer.body.contains("errorMessage"), "{function}: {answer:?}");
}
