//! The local cloud as a whole: opens the ports, seeds an empty shop, starts gateway, sources and schedules, and ends
//! them in order.

use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use bharatmart_runtime::config::{ADMIN_PASSWORD, Config, WorkerMode};
use bharatmart_runtime::telemetry::{self, LogTo, Metrics, Traces};
use bharatmart_runtime::{App, Need, Worker, needs};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::backend::{Backend, InProcess, Lambda};
use crate::gateway::{Gateway, Router, serve};
use crate::seed::seed;
use crate::web::Web;
use crate::{schedules, sources};

/// How long what is in flight may take when the end has come.
pub const GRACE: Duration = Duration::from_secs(4);

pub struct LocalCloud {
    address: SocketAddr,
    app: Arc<App>,
    backend: Arc<Backend>,
    traces: Traces,
    stop: watch::Sender<bool>,
    tasks: JoinSet<()>,
}

impl LocalCloud {
    /// Runs when it returns. Several may run in one process, on port 0; the log goes where the first one said.
    pub async fn start(config: Config, log: LogTo) -> Result<Self, String> {
        let config = Arc::new(config);
        let listener = bind(config.local.listen).await?;
        let address = listener.local_addr().map_err(|error| error.to_string())?;
        let traces = telemetry::start(&config, "local", log);
        config.log_start("local");

        let endpoints = bharatmart_functions::endpoints();
        let router = Router::new(endpoints.iter().map(|endpoint| endpoint.route))?;
        let needs = all_needs(&config);
        let app = App::open(config.clone(), &needs).await.map_err(|fault| fault.to_string())?;
        let app = Arc::new(app);
        let backend = Arc::new(backend(&config, &app, &traces));
        let workers = bharatmart_functions::workers();
        if config.local.seed && config.app_env.is_private() {
            seed(&app, &backend, &workers).await.map_err(|why| format!("the shop could not be seeded: {why}"))?;
        }
        app.warm(&needs).await;
        app.send_events_in_background();
        app.inject_faults();

        let web = Web::new(&config, metrics());
        let gateway = Arc::new(Gateway { app: app.clone(), router, backend: backend.clone(), web });

        let (stop, stopping) = watch::channel(false);
        let mut tasks = JoinSet::new();
        tasks.spawn(serve(listener, gateway, stopping.clone()));
        // SQS feeds the workers by itself.
        if !matches!(config.workers, WorkerMode::Sqs { .. }) || config.local.lambda_endpoint.is_none() {
            sources::start(&mut tasks, &app, &backend, &workers, &stopping);
        }
        schedules::start(&mut tasks, &app, &backend, &workers, &stopping);
        Ok(LocalCloud { address, app, backend, traces, stop, tasks })
    }

    /// Where it answers; the port is the one it was given when 0 was asked for.
    pub fn url(&self) -> String {
        let host =
            if self.address.ip().is_unspecified() { "127.0.0.1".to_owned() } else { self.address.ip().to_string() };
        format!("http://{host}:{}", self.address.port())
    }

    pub fn app(&self) -> &Arc<App> {
        &self.app
    }

    /// Calls a worker that nobody calls by itself.
    pub async fn run_once(&self, worker: &'static Worker) -> Result<(), String> {
        self.backend.tick(&self.app, worker).await
    }

    /// Stops accepting, lets requests and batches in flight end, then sends what is left to send.
    pub async fn stop(mut self) {
        self.stop.send_replace(true);
        let ended = async { while self.tasks.join_next().await.is_some() {} };
        if tokio::time::timeout(GRACE, ended).await.is_err() {
            tracing::warn!("work was still running when the time to end it was over");
            self.tasks.shutdown().await;
        }
        self.app.close().await;
        self.traces.flush(GRACE).await;
    }
}

/// Calls a worker that nobody calls by itself, with no gateway before it.
pub async fn run_once(config: Config, traces: Traces, worker: &'static Worker) -> Result<(), String> {
    let config = Arc::new(config);
    let app = App::open(config.clone(), worker.needs).await.map_err(|fault| fault.to_string())?;
    let app = Arc::new(app);
    let backend = backend(&config, &app, &traces);
    backend.tick(&app, worker).await?;
    app.close().await;
    Ok(())
}

fn backend(config: &Config, app: &Arc<App>, traces: &Traces) -> Backend {
    match &config.local.lambda_endpoint {
        Some(endpoint) => Backend::Lambda(Box::new(Lambda::new(endpoint, config.local.lambda_watched.clone()))),
        None => Backend::InProcess(InProcess::new(app.clone(), traces.clone())),
    }
}

async fn bind(address: SocketAddr) -> Result<TcpListener, String> {
    TcpListener::bind(address).await.map_err(|error| match error.kind() {
        std::io::ErrorKind::AddrInUse => format!(
            "port {} is in use: end what runs there, or set LISTEN to another address, like LISTEN=127.0.0.1:{}",
            address.port(),
            address.port().wrapping_add(1)
        ),
        _ => format!("{address} cannot be listened on: {error}; set LISTEN to another address"),
    })
}

/// What every function needs when they run here. When they run elsewhere: what the gateway's own pages show, and the
/// queues that are fed to them. The index has one writer, so it is not opened a second time.
fn all_needs(config: &Config) -> Vec<Need> {
    let mut needs_here = vec![Need::PROBES_STORE, Need::PROBES_QUEUES, Need::PROBES_BLOBS, Need::FINDS];
    if config.app_env.is_private() {
        needs_here.push(Need::secret(ADMIN_PASSWORD));
    }
    if config.local.lambda_endpoint.is_none() {
        let endpoints = bharatmart_functions::endpoints();
        needs_here.extend(endpoints.iter().flat_map(|endpoint| needs(endpoint.route)));
        needs_here.extend(bharatmart_functions::workers().iter().flat_map(|worker| worker.needs.iter().copied()));
    }
    needs_here
}

/// One for the process, however many local clouds it runs.
fn metrics() -> Option<Metrics> {
    static METRICS: OnceLock<Option<Metrics>> = OnceLock::new();
    METRICS.get_or_init(Metrics::start).clone()
}

#[cfg(all(test, feature = "local"))]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on must stop")]
mod tests {
    use http::Request;
    use http_body_util::{BodyExt, Empty};
    use hyper_util::client::legacy::Client;
    use hyper_util::rt::TokioExecutor;

    use super::*;

    async fn start(folder: &std::path::Path) -> LocalCloud {
        let folder = folder.to_str().unwrap();
        let settings = [("APP_ENV", "test"), ("LISTEN", "127.0.0.1:0"), ("LOG_LEVEL", "error"), ("SEED", "false")];
        let mut settings: Vec<_> = settings.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        settings.push(("DATA_DIR".to_owned(), folder.to_owned()));
        LocalCloud::start(Config::read(settings).unwrap(), LogTo::Stdout).await.unwrap()
    }

    async fn get(url: String) -> (u16, String) {
        let client: Client<_, Empty<bytes::Bytes>> = Client::builder(TokioExecutor::new()).build_http();
        let answer = client.request(Request::get(url).body(Empty::new()).unwrap()).await.unwrap();
        let status = answer.status().as_u16();
        let body = answer.into_body().collect().await.unwrap().to_bytes();
        (status, String::from_utf8(body.into()).unwrap())
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn two_shops_run_side_by_side_and_end_when_told() {
        let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
        let (one, other) = tokio::join!(start(folders[0].path()), start(folders[1].path()));
        for cloud in [&one, &other] {
            let (status, body) = get(format!("{}/health/live", cloud.url())).await;
            assert_eq!((status, body.as_str()), (200, r#"{"status":"up"}"#));
        }
        let (_, figures) = get(format!("{}/metrics", other.url())).await;
        assert!(figures.contains(r#"http_requests_total{method="GET",route="/health/live""#), "{figures}");

        let gone = one.url();
        tokio::join!(one.stop(), other.stop());
        assert!(tokio::net::TcpStream::connect(gone.trim_start_matches("http://")).await.is_err());
    }

    #[tokio::test]
    async fn a_port_in_use_is_told_with_the_setting_that_changes_it() {
        let taken = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let why = bind(taken.local_addr().unwrap()).await.unwrap_err();
        assert!(why.contains("is in use") && why.contains("LISTEN"), "{why}");
    }
}
