//! Every function as its own process, behind the Lambda API of `cargo lambda watch`.

use std::path::Path;
use std::process::Stdio;

use bharatmart_tests::{eventually, folder_with, free_port, program};
use tokio::process::{Child, Command};

pub struct Lambdas {
    port: u16,
    _api: Child,
    _functions: Vec<Child>,
}

/// However the tests end, the system closes their end of the pipe; then what was started is ended.
const WITH_THE_TESTS: &str = r#""$0" "$@" & cat >/dev/null; kill "$!""#;

impl Lambdas {
    /// Started here and not by `cargo lambda watch`, which asks cargo about each anew and looks for changes of its source.
    pub async fn start(settings: &[(String, String)]) -> Self {
        let port = free_port();
        let bin = folder_with(&["cargo-lambda"], "pip install cargo-lambda (into .tools/venv)");
        let mut api = with_the_tests(&bin.join("cargo-lambda"), settings);
        api.args(["lambda", "watch", "--only-lambda-apis", "--invoke-address", "127.0.0.1"]);
        api.args(["--invoke-port", &port.to_string()]);
        api.current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(".."));
        let api = api.spawn().expect("cargo lambda watch starts");
        eventually("the Lambda API listens", || async {
            tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_ok()
        })
        .await;
        let function = |name: &str| {
            let mut function = with_the_tests(&program(name), settings);
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

fn with_the_tests(program: &Path, settings: &[(String, String)]) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", WITH_THE_TESTS]).arg(program).envs(settings.iter().cloned());
    command.stdin(Stdio::piped());
    command
}

fn names() -> Vec<&'static str> {
    let (endpoints, workers) = (bharatmart_functions::endpoints(), bharatmart_functions::workers());
    endpoints.iter().map(|endpoint| endpoint.route.name).chain(workers.iter().map(|worker| worker.name)).collect()
}

/// What `cargo lambda invoke <function> --data-file events/<function>.json` does.
#[test]
fn every_function_answers_its_sample_event() {
    let shop = crate::world::lambdas();
    let endpoint = shop.settings.iter().find(|(name, _)| name == "LAMBDA_ENDPOINT").unwrap().1.clone();
    let lambda = crate::client::Client::new(&endpoint);
    let events = Path::new(env!("CARGO_MANIFEST_DIR")).join("../events");
    for function in names() {
        let event = std::fs::read(events.join(format!("{function}.json"))).unwrap();
        let path = format!("/2015-03-31/functions/{function}/invocations");
        let answer = crate::world::run(lambda.ask("POST", &path).bytes(event).send()).expect(200);
        let is_worker = bharatmart_functions::workers().iter().any(|worker| worker.name == function);
        let answered = answer.body.contains("\"statusCode\"") || answer.body.contains("batchItemFailures");
        assert!(answered || (is_worker && answer.body == "null"), "{function}: {answer:?}");
        assert!(!answer.body.contains("errorMessage"), "{function}: {answer:?}");
    }
}
