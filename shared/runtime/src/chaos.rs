//! Faults on purpose, where the settings ask for them: which request meets which, and where each one shows. What a
//! fault does is `bharatmart-chaos`'s to say. Without the setting no port is wrapped and nothing here runs.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use bharatmart_adapters::budget;
use bharatmart_chaos::{Chaos, FaultKind, Mark, Marks, Operation, PlanInjector, Surroundings, hash};
use bharatmart_core::ports::Clock;
use tokio::task::futures::TaskLocalFuture;
use tokio::task_local;

use crate::app::App;
use crate::config::{ChaosSettings, Config};
use crate::telemetry::record_fault;

/// How it stands with faults in this process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    Off,
    /// So many are planned.
    On {
        faults: usize,
        seed: u64,
    },
    /// The plan has mistakes, these, so nothing is injected.
    Broken(String),
}

pub(crate) struct Faults {
    pub chaos: Chaos,
    injector: Arc<PlanInjector>,
}

/// `None` when faults are off, or their plan is broken. They begin when `App::inject_faults` is called: opening a port
/// and seeding a shop are no part of a trial.
pub(crate) fn open(config: &Config, clock: &Arc<dyn Clock>) -> Option<Faults> {
    let ChaosSettings { seed, plan } = config.chaos.as_ref()?;
    let here = Arc::new(Here::default());
    let injector = PlanInjector::new(plan.clone().ok()?, *seed, clock.clone(), here.clone());
    let injector = Arc::new(injector);
    Some(Faults { chaos: Chaos::new(injector.clone(), here), injector })
}

impl App {
    /// What is asked of a port from now on meets the faults that the settings plan.
    pub fn inject_faults(&self) {
        if let Some(faults) = &self.faults {
            faults.injector.switch(true);
        }
        match self.chaos() {
            Standing::Off => {}
            Standing::On { faults, seed } => tracing::warn!(faults, seed, "faults are injected"),
            Standing::Broken(reason) => tracing::error!(reason, "the plan of faults is broken, nothing is injected"),
        }
    }

    pub fn chaos(&self) -> Standing {
        match &self.config.chaos {
            Some(ChaosSettings { plan: Err(mistakes), .. }) => Standing::Broken(mistakes.to_string()),
            Some(ChaosSettings { plan: Ok(plan), seed }) if self.faults.as_ref().is_some_and(Faults::are_on) => {
                Standing::On { faults: plan.len(), seed: *seed }
            }
            _ => Standing::Off,
        }
    }
}

impl Faults {
    fn are_on(&self) -> bool {
        self.injector.is_on()
    }
}

/// The request or batch that a call belongs to.
pub(crate) struct Scene {
    pub trace_id: String,
    /// Of a request.
    pub request_id: Option<String>,
    mark: u64,
    calls: AtomicU64,
}

task_local! {
    static SCENE: Option<Scene>;
}

impl Scene {
    pub fn of_request(trace_id: String, request_id: &str) -> Self {
        let mark = hash(&[&trace_id, request_id]);
        Scene { trace_id, request_id: Some(request_id.to_owned()), mark, calls: AtomicU64::new(0) }
    }

    /// A batch that is given out again may fare better: how often it was received counts.
    pub fn of_work(trace_id: String, worker: &str, receives: u32) -> Self {
        let mark = hash(&[&trace_id, worker, &receives.to_string()]);
        Scene { trace_id, request_id: None, mark, calls: AtomicU64::new(0) }
    }
}

/// Has the calls of `work` known as those of one request. The scene is made only where there are faults.
pub(crate) fn within<F>(app: &App, scene: impl FnOnce() -> Scene, work: F) -> TaskLocalFuture<Option<Scene>, F>
where
    F: Future,
{
    SCENE.scope(app.faults.as_ref().map(|_| scene()), work)
}

/// This process as faults see it.
#[derive(Default)]
struct Here {
    /// Calls of nobody's request: what runs behind the requests.
    calls: AtomicU64,
}

impl Here {
    fn scene<T>(work: impl FnOnce(&Scene) -> T) -> Option<T> {
        SCENE.try_with(|scene| scene.as_ref().map(work)).ok().flatten()
    }
}

impl Marks for Here {
    fn next(&self) -> Mark {
        let of_scene = |scene: &Scene| Mark { request: scene.mark, call: scene.calls.fetch_add(1, Ordering::Relaxed) };
        Self::scene(of_scene).unwrap_or_else(|| Mark { request: 0, call: self.calls.fetch_add(1, Ordering::Relaxed) })
    }
}

#[async_trait]
impl Surroundings for Here {
    fn left(&self) -> Duration {
        budget::remaining()
    }

    async fn sleep(&self, wait: Duration) {
        tokio::time::sleep(wait).await;
    }

    fn told(&self, operation: &'static Operation, fault: FaultKind) {
        let (port, operation, fault) = (operation.port, operation.name, fault.name());
        record_fault(fault, port, operation);
        let ids = Self::scene(|scene| (scene.trace_id.clone(), scene.request_id.clone()));
        let (trace_id, request_id) = ids.map_or((None, None), |(trace_id, request_id)| (Some(trace_id), request_id));
        // A clock is asked many times a request; the counter tells of each.
        if port == "clock" {
            tracing::debug!(fault, port, operation, trace_id, request_id, "fault_injected");
        } else {
            tracing::warn!(fault, port, operation, trace_id, request_id, "fault_injected");
        }
    }
}

#[cfg(all(test, feature = "sqlite"))]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on must stop")]
mod tests {
    use bharatmart_adapters::system::System;
    use bharatmart_core::ports::Fault;

    use super::*;
    use crate::need::Need;

    const BUSY: &str = r#"{"faults":[{"fault":"busy","port":"cache","share":1,"until":"2100-01-01T00:00:00Z"}]}"#;

    async fn app(settings: &[(&str, &str)]) -> App {
        let memory = [("APP_ENV", "test"), ("CACHE_TYPE", "memory")];
        let settings = memory.iter().chain(settings).map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let config = Config::read(settings.collect()).unwrap();
        App::open(Arc::new(config), &[Need::CACHES]).await.unwrap()
    }

    async fn asked(app: &App) -> Result<(), Fault> {
        app.cache.as_ref().unwrap().probe().await
    }

    #[tokio::test]
    async fn without_the_setting_nothing_is_wrapped() {
        let app = app(&[("CHAOS_PLAN", BUSY), ("CHAOS_FAILURE_RATE", "1")]).await;
        app.inject_faults();
        assert!(app.faults.is_none());
        assert_eq!(app.chaos(), Standing::Off);
        asked(&app).await.unwrap();
    }

    #[tokio::test]
    async fn faults_begin_when_they_are_told_to() {
        let app = app(&[("CHAOS_ENABLED", "true"), ("CHAOS_PLAN", BUSY), ("CHAOS_SEED", "9")]).await;
        asked(&app).await.unwrap();
        assert_eq!(app.chaos(), Standing::Off);
        app.inject_faults();
        assert_eq!(app.chaos(), Standing::On { faults: 1, seed: 9 });
        assert!(matches!(asked(&app).await, Err(Fault::Busy { .. })));
    }

    #[tokio::test]
    async fn a_broken_plan_injects_nothing_and_says_why() {
        let broken = r#"{"faults":[{"fault":"explode"}]}"#;
        let app = app(&[("CHAOS_ENABLED", "true"), ("CHAOS_PLAN", broken), ("CHAOS_FAILURE_RATE", "1")]).await;
        app.inject_faults();
        let Standing::Broken(why) = app.chaos() else { panic!("{:?}", app.chaos()) };
        assert!(why.contains("faults[0].fault must be one of latency"), "{why}");
        asked(&app).await.unwrap();
    }

    #[tokio::test]
    async fn a_time_out_lasts_as_long_as_the_caller_waits() {
        let silent = BUSY.replace("busy", "timeout_before");
        let app = app(&[("CHAOS_ENABLED", "true"), ("CHAOS_PLAN", &silent)]).await;
        app.inject_faults();
        let begun = std::time::Instant::now();
        let patience = Duration::from_millis(60);
        let answer = budget::within(patience, asked(&app)).await;
        assert!(matches!(answer, Err(Fault::Away { .. })), "{answer:?}");
        assert!((patience..Duration::from_secs(2)).contains(&begun.elapsed()), "{:?}", begun.elapsed());
    }

    #[tokio::test]
    async fn the_same_request_meets_the_same_faults_again() {
        let app = app(&[("CHAOS_ENABLED", "true"), ("CHAOS_FAILURE_RATE", "0.5")]).await;
        app.inject_faults();
        let fared = |request: &'static str| {
            let app = &app;
            let calls = async move {
                let mut fared = Vec::new();
                for _ in 0..40 {
                    fared.push(asked(app).await.is_ok());
                }
                fared
            };
            within(app, move || Scene::of_request("trace".to_owned(), request), calls)
        };
        let first = fared("one").await;
        assert_eq!(first, fared("one").await);
        assert_ne!(first, fared("another").await);
        assert!(first.contains(&true) && first.contains(&false), "{first:?}");
    }

    #[tokio::test]
    async fn a_skewed_clock_is_the_apps() {
        let plan = r#"{"faults":[{"fault":"skew","share":1,"until":"2100-01-01T00:00:00Z","skew_ms":-7200000}]}"#;
        let app = app(&[("CHAOS_ENABLED", "true"), ("CHAOS_PLAN", plan)]).await;
        app.inject_faults();
        assert!(app.clock.now() < System.now().before(Duration::from_secs(7_000)));
    }
}
