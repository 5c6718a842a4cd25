//! `bharatmart-local`: the shop on one port. Reads the settings, says where it answers, and ends when told to.

mod log;

use std::io::Write;
use std::pin::pin;
use std::process::ExitCode;

use bharatmart_adapters::secrets::EnvSecrets;
use bharatmart_adapters::system::System;
use bharatmart_local::{LocalCloud, admin, dotenv};
use bharatmart_runtime::config::{ADMIN_PASSWORD, Config, SecretsKind};
use bharatmart_runtime::telemetry::{self, LogTo};
use bharatmart_runtime::{Standing, stop_signal};
use serde_json::json;

/// A shop in one process takes and gives back memory on many threads at once, which the C library's allocator pays for
/// with time and with memory it keeps.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const HELP: &str = "\
bharatmart-local                     serve the shop; settings come from the environment and from .env
bharatmart-local run <function>      call one worker by hand: `run admin-create` makes the first admin
bharatmart-local --help              this text

LISTEN is the address to serve on (default 127.0.0.1:8080). With LAMBDA_ENDPOINT the functions are called through the
Lambda API, as that of `cargo lambda watch`; without it they run in this process.
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let result = match words.as_slice() {
        [] | ["serve"] => run(serve()),
        ["--help" | "-h" | "help"] => tell(HELP),
        ["run", function] => run(once(function)),
        _ => Err(format!("{:?} is nothing it knows.\n\n{HELP}", words.join(" "))),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            say(&format!("bharatmart-local: {why}"));
            ExitCode::FAILURE
        }
    }
}

fn run(work: impl Future<Output = Result<(), String>>) -> Result<(), String> {
    let threads = std::thread::available_parallelism().map_or(2, |cores| cores.get().max(2));
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(threads).enable_all().build();
    let runtime = runtime.map_err(|error| error.to_string())?;
    let result = runtime.block_on(work);
    // What still blocks a thread has had its time.
    runtime.shutdown_background();
    result
}

async fn serve() -> Result<(), String> {
    let config = config()?;
    let (writer, flushed_at_the_end) = log::to_stdout();
    // Heard from the first moment on: one may want to end it while it starts.
    let mut told_to_stop = pin!(stop_signal());
    let cloud = tokio::select! {
        biased;
        () = &mut told_to_stop => return Ok(()),
        cloud = LocalCloud::start(config, writer) => cloud?,
    };
    say(&greeting(&cloud).await);
    told_to_stop.await;
    tokio::select! {
        () = cloud.stop() => {}
        // Told twice: at once.
        () = stop_signal() => {}
    }
    drop(flushed_at_the_end);
    Ok(())
}

async fn greeting(cloud: &LocalCloud) -> String {
    let (url, config) = (cloud.url(), &cloud.app().config);
    let mut text = format!("\nBharatMart is at {url}\n  read and try the API   {url}/docs/api\n");
    if config.app_env.is_private() {
        text.push_str(&format!("  look inside            {url}/_local\n"));
    }
    if let Ok(password) = cloud.app().secret(ADMIN_PASSWORD).await
        && config.app_env.is_private()
    {
        let login = json!({ "email": config.admin_email, "password": password.reveal() });
        text.push_str(&format!(
            "\nThe admin is {} with the password {}. For a token that lasts a quarter of an hour:\n  \
             TOKEN=$(curl -s {url}/api/v1/auth/login -H 'Content-Type: application/json' -d '{login}' | \
             sed 's/.*\"access_token\":\"\\([^\"]*\\)\".*/\\1/')\n  curl -H \"Authorization: Bearer $TOKEN\" …\n",
            config.admin_email,
            password.reveal()
        ));
    }
    match cloud.app().chaos() {
        Standing::Off => {}
        Standing::On { faults, seed } => {
            text.push_str(&format!("\n{faults} faults are injected, with the seed {seed}.\n"));
        }
        Standing::Broken(why) => text.push_str(&format!("\nNo fault is injected, for CHAOS_PLAN is broken: {why}.\n")),
    }
    text.push_str("\nCtrl-C ends it.\n");
    text
}

/// Calls one function by hand, as a deployment does.
async fn once(function: &str) -> Result<(), String> {
    let worker = bharatmart_functions::workers().into_iter().find(|worker| worker.name == function);
    let worker = worker.ok_or_else(|| format!("there is no worker {function}"))?;
    let config = config()?;
    let traces = telemetry::start(&config, "local", LogTo::Stdout);
    bharatmart_local::run_once(config, traces, worker).await
}

/// From `.env` in this folder, under the environment. A developer's shop has an admin whose password is known here.
fn config() -> Result<Config, String> {
    let mut file = match std::fs::read_to_string(".env") {
        Ok(text) => dotenv::parse(&text).map_err(|why| format!(".env: {why}"))?,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Vec::new(),
        Err(error) => return Err(format!(".env cannot be read: {error}")),
    };
    let config = Config::from_env_over(file.clone()).map_err(|mistakes| mistakes.to_string())?;
    let variable = EnvSecrets::variable(ADMIN_PASSWORD);
    let given = config.secret_values.iter().any(|(name, _)| *name == variable);
    if given || !config.app_env.is_private() || config.secrets != SecretsKind::Environment {
        return Ok(config);
    }
    let password = admin::password(&config.data_dir, &System)?;
    file.push((variable, password));
    Config::from_env_over(file).map_err(|mistakes| mistakes.to_string())
}

/// What was asked for.
fn tell(text: &str) -> Result<(), String> {
    std::io::stdout().write_all(text.as_bytes()).map_err(|error| error.to_string())
}

/// For the person at the terminal; the log is on standard output.
fn say(text: &str) {
    let _nobody_there = writeln!(std::io::stderr(), "{text}");
}
