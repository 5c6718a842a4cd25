//! `bharatmart-local`: the shop on one port. Reads the settings, says where it answers, and ends when told to.

mod log;

use std::io::Write;
use std::pin::pin;
use std::process::ExitCode;
use std::sync::Arc;

use bharatmart_core::{Role, Tenant};
use bharatmart_local::{LocalCloud, dotenv};
use bharatmart_runtime::config::{AppEnv, Config, DEV_TOKEN_KEY};
use bharatmart_runtime::{App, Need, auth, stop_signal};

const HELP: &str = "\
bharatmart-local                     serve the shop; settings come from the environment and from .env
bharatmart-local token [options]     print a development token
    --role <role>                    customer, seller, support, delivery or admin (default: admin)
    --tenant <tenant>                whose shop (default: main)
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
        ["token", options @ ..] => run(token(options)),
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
    let env = config.app_env;
    let (writer, flushed_at_the_end) = log::to_stdout();
    // Heard from the first moment on: one may want to end it while it starts.
    let mut told_to_stop = pin!(stop_signal());
    let cloud = tokio::select! {
        biased;
        () = &mut told_to_stop => return Ok(()),
        cloud = LocalCloud::start(config, writer) => cloud?,
    };
    say(&greeting(&cloud, env).await?);
    told_to_stop.await;
    tokio::select! {
        () = cloud.stop() => {}
        // Told twice: at once.
        () = stop_signal() => {}
    }
    drop(flushed_at_the_end);
    Ok(())
}

async fn greeting(cloud: &LocalCloud, env: AppEnv) -> Result<String, String> {
    let url = cloud.url();
    let mut text = format!("\nBharatMart is at {url}\n  read and try the API   {url}/docs/api\n");
    if env.is_private() {
        let token = mint(cloud.app(), Role::Admin, &Tenant::main()).await?;
        text.push_str(&format!(
            "  look inside            {url}/_local\n\nTo write, send the admin's token:\n  export TOKEN={token}\n  \
             curl -H \"Authorization: Bearer $TOKEN\" …\n\nCtrl-C ends it.\n"
        ));
    }
    Ok(text)
}

async fn token(options: &[&str]) -> Result<(), String> {
    let (mut role, mut tenant) = (Role::Admin, Tenant::main());
    for option in options.chunks(2) {
        match option {
            ["--role", name] => role = Role::parse(name).ok_or_else(|| format!("{name:?} is no role"))?,
            ["--tenant", name] => tenant = Tenant::parse(name).map_err(|why| format!("--tenant {}", why.message))?,
            _ => return Err(format!("{:?} is no option of token.\n\n{HELP}", option.join(" "))),
        }
    }
    let config = config()?;
    if !config.app_env.is_private() {
        return Err("development tokens are for APP_ENV=development and test alone".to_owned());
    }
    let app = App::open(Arc::new(config), &[Need::secret(DEV_TOKEN_KEY)]).await.map_err(|fault| fault.to_string())?;
    tell(&format!("{}\n", mint(&app, role, &tenant).await?))
}

async fn mint(app: &App, role: Role, tenant: &Tenant) -> Result<String, String> {
    let key = app.secret(DEV_TOKEN_KEY).await.map_err(|fault| fault.to_string())?;
    auth::development_token(key.reveal(), role, tenant, app.clock.as_ref()).map_err(|fault| fault.to_string())
}

/// From `.env` in this folder, under the environment.
fn config() -> Result<Config, String> {
    let file = match std::fs::read_to_string(".env") {
        Ok(text) => dotenv::parse(&text).map_err(|why| format!(".env: {why}"))?,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Vec::new(),
        Err(error) => return Err(format!(".env cannot be read: {error}")),
    };
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
