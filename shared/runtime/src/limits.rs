//! How many requests one may send, and how each answer tells what is left of it (draft-ietf-httpapi-ratelimit-headers).
//! Ordinary requests are counted in the cache, which may forget: they are many, and what they cost is small. What lets
//! somebody guess a password, or costs a message, is counted in the store.

use std::net::IpAddr;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::Duration;

use bharatmart_adapters::budget;
use bharatmart_core::Tenant;
use bharatmart_core::ports::{Counted, Fault};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};

use crate::address;
use crate::app::App;
use crate::auth::Caller;
use crate::config::LimitMode;
use crate::need::{Grant, Need};
use crate::open::{self, Open};
use crate::problem::Problem;
use crate::route::Limit;

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);

/// How long a request waits for the cache to count it.
const PATIENCE: Duration = Duration::from_millis(250);
/// How long a cache that did not answer is left alone: a shop without it is no slower than one with it.
const LEFT_ALONE: Duration = Duration::from_secs(1);

/// What counting takes, beyond what the route itself needs.
pub(crate) const fn need(limit: Limit) -> Option<Need> {
    match limit {
        Limit::Ordinary => Some(Need { grant: Grant::Caches, open: Open::Limits(open::cache) }),
        Limit::Login | Limit::Codes => Some(Need::COUNTS),
        Limit::Unlimited => None,
    }
}

/// A limit, and how one caller stands against it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Standing {
    name: &'static str,
    quota: u32,
    window: Duration,
    counted: Counted,
}

impl Standing {
    fn resets_in_s(&self) -> u32 {
        self.counted.resets_in.min(self.window).as_millis().div_ceil(1000).max(1) as u32
    }

    pub fn tell(&self, headers: &mut HeaderMap) {
        let Standing { name, quota, window, counted } = self;
        let left = u64::from(*quota).saturating_sub(counted.value);
        let policy = format!("\"{name}\";q={quota};w={}", window.as_secs());
        let now = format!("\"{name}\";r={left};t={}", self.resets_in_s());
        for (name, value) in [("ratelimit-policy", policy), ("ratelimit", now)] {
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.insert(HeaderName::from_static(name), value);
            }
        }
    }

    fn check(&self) -> Result<(), Problem> {
        if self.counted.value <= u64::from(self.quota) {
            return Ok(());
        }
        metrics::counter!("rate_limited_total", "limit" => self.name).increment(1);
        let (window, wait) = (self.window.as_secs(), self.resets_in_s());
        let detail = format!("At most {} requests in {window} s. Try again in {wait} s.", self.quota);
        Err(Problem::new(StatusCode::TOO_MANY_REQUESTS, "rate_limited", detail).retry_after(wait))
    }
}

/// One request before its limits. It counts once: as its user's when somebody is logged in, else as its address's.
pub(crate) struct Door<'a> {
    app: &'a App,
    limit: Limit,
    address: Option<IpAddr>,
    /// Told in the answer, whatever the answer will be.
    standing: &'a OnceLock<Standing>,
}

impl<'a> Door<'a> {
    pub fn new(app: &'a App, limit: Limit, address: Option<IpAddr>, standing: &'a OnceLock<Standing>) -> Self {
        Door { app, limit, address, standing }
    }

    /// Before anything else is done for the request. `may_be_user`: a token came that is not checked yet, so nobody
    /// knows for whom an ordinary request counts.
    pub async fn enter(&self, may_be_user: bool) -> Result<(), Problem> {
        let limits = &self.app.config.limits;
        match self.limit {
            Limit::Login => self.in_store("login", limits.login_per_minute, MINUTE).await,
            Limit::Codes => self.in_store("codes", limits.codes_per_hour, HOUR).await,
            Limit::Ordinary if !may_be_user => self.stranger().await,
            Limit::Ordinary | Limit::Unlimited => Ok(()),
        }
    }

    /// Once the token was found good.
    pub async fn user(&self, caller: &Caller) -> Result<(), Problem> {
        let who = format!("{}/limit/user/{}", caller.tenant, caller.user);
        self.in_cache("user", who, self.app.config.limits.user_per_second, SECOND).await
    }

    /// Nobody is logged in, or the token was no good.
    pub async fn stranger(&self) -> Result<(), Problem> {
        // An address is no shop's own.
        let who = format!("{}/limit/address/{}", Tenant::main(), self.counted_as());
        self.in_cache("address", who, self.app.config.limits.address_per_minute, MINUTE).await
    }

    fn counted_as(&self) -> String {
        self.address.map_or_else(|| "unknown".to_owned(), address::counted)
    }

    fn is_exempt(&self) -> bool {
        let limits = &self.app.config.limits;
        let from_here = || self.address.is_some_and(|address| address.is_loopback());
        limits.mode == LimitMode::Off || (limits.exempt_loopback && from_here())
    }

    async fn in_cache(&self, name: &'static str, who: String, quota: u32, window: Duration) -> Result<(), Problem> {
        if self.limit != Limit::Ordinary || self.is_exempt() {
            return Ok(());
        }
        match self.app.counting.count(self.app, &who, window).await {
            Some(counted) => self.told(Standing { name, quota, window, counted }),
            None => Ok(()),
        }
    }

    async fn in_store(&self, name: &'static str, quota: u32, window: Duration) -> Result<(), Problem> {
        if self.is_exempt() {
            return Ok(());
        }
        let counter = format!("limit/{name}/{}", self.counted_as());
        let now = self.app.clock.now();
        let counted = match self.app.used_up.find(&counter, now) {
            Some(counted) => counted,
            None => {
                let counted = self.app.store()?.count(&Tenant::main(), &counter, 1, window, now).await?;
                if counted.value > u64::from(quota) {
                    self.app.used_up.remember(counter, counted, now);
                }
                counted
            }
        };
        self.told(Standing { name, quota, window, counted })
    }

    fn told(&self, standing: Standing) -> Result<(), Problem> {
        self.standing.get_or_init(|| standing);
        standing.check()
    }
}

/// Counting in a cache that may be away: then requests pass uncounted, and it is told once.
#[derive(Default)]
pub(crate) struct Counting {
    away: AtomicBool,
    /// Not asked again before this, in milliseconds.
    again_at: AtomicI64,
}

impl Counting {
    async fn count(&self, app: &App, key: &str, window: Duration) -> Option<Counted> {
        // Opened only where ordinary requests are counted.
        let cache = app.cache.as_ref().filter(|_| app.config.limits.mode.counts_ordinary())?;
        let now = app.clock.now();
        if self.away.load(Ordering::Relaxed) && now.millis() < self.again_at.load(Ordering::Relaxed) {
            return uncounted();
        }
        let counting = tokio::time::timeout(PATIENCE, budget::within(PATIENCE, cache.count(key, 1, window)));
        match counting.await.unwrap_or_else(|_| Err(Fault::away("cache", "no answer in time"))) {
            Ok(counted) => {
                if self.away.swap(false, Ordering::Relaxed) {
                    tracing::info!("requests are counted again");
                }
                Some(counted)
            }
            Err(fault) => {
                self.again_at.store(now.after(LEFT_ALONE).millis(), Ordering::Relaxed);
                if !self.away.swap(true, Ordering::Relaxed) {
                    tracing::warn!(error = %fault, "requests are not counted: the cache is away");
                }
                uncounted()
            }
        }
    }
}

fn uncounted() -> Option<Counted> {
    metrics::counter!("rate_limits_uncounted_total").increment(1);
    None
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::AtomicUsize;

    use async_trait::async_trait;
    use bharatmart_adapters::memory::{MemoryCache, MemoryStore};
    use bharatmart_core::ports::{Cache, Clock};
    use bharatmart_core::{Role, Timestamp, UserId};

    use super::*;
    use crate::config::Config;

    /// Stands still until it is turned.
    #[derive(Clone, Default)]
    struct Turned(Arc<AtomicI64>);

    impl Turned {
        fn by(&self, time: Duration) {
            self.0.fetch_add(time.as_millis() as i64, Ordering::Relaxed);
        }
    }

    impl Clock for Turned {
        fn now(&self) -> Timestamp {
            Timestamp::from_millis(1_790_000_000_000 + self.0.load(Ordering::Relaxed))
        }
    }

    async fn shop(settings: &[(&str, &str)]) -> (App, Turned) {
        let settings = [("APP_ENV", "test")].iter().chain(settings);
        let config = Config::read(settings.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect());
        let mut app = App::open(Arc::new(config.unwrap()), &[]).await.unwrap();
        let clock = Turned::default();
        app.clock = Arc::new(clock.clone());
        app.cache = Some(Arc::new(MemoryCache::new(app.clock.clone())));
        app.store = Some(Arc::new(MemoryStore::new()));
        (app, clock)
    }

    fn somebody(nth: u128) -> Caller {
        let user: UserId = format!("usr_{nth:032x}").parse().unwrap();
        Caller { user, session: None, role: Role::Customer, tenant: Tenant::main() }
    }

    /// One request: as whom it is counted, and what came of it.
    async fn request(app: &App, limit: Limit, from: &str, user: Option<u128>) -> (Result<(), Problem>, HeaderMap) {
        let standing = OnceLock::new();
        let door = Door::new(app, limit, from.parse().ok(), &standing);
        let mut outcome = door.enter(user.is_some()).await;
        if let (Ok(()), Some(nth)) = (&outcome, user) {
            outcome = door.user(&somebody(nth)).await;
        }
        let mut headers = HeaderMap::new();
        if let Some(standing) = standing.get() {
            standing.tell(&mut headers);
        }
        (outcome, headers)
    }

    async fn passes(app: &App, limit: Limit, from: &str, user: Option<u128>) -> bool {
        request(app, limit, from, user).await.0.is_ok()
    }

    #[tokio::test]
    async fn a_user_is_told_what_is_left_and_past_it_when_to_come_again() {
        let (app, clock) = shop(&[("LIMIT_USER_PER_SECOND", "2")]).await;
        for left in [1, 0] {
            let (outcome, headers) = request(&app, Limit::Ordinary, "192.0.2.1", Some(1)).await;
            assert!(outcome.is_ok());
            assert_eq!(headers["ratelimit-policy"], "\"user\";q=2;w=1");
            assert_eq!(headers["ratelimit"], format!("\"user\";r={left};t=1"));
        }
        let (outcome, headers) = request(&app, Limit::Ordinary, "192.0.2.1", Some(1)).await;
        let problem = outcome.unwrap_err();
        assert_eq!((problem.status, problem.code), (StatusCode::TOO_MANY_REQUESTS, "rate_limited"));
        assert_eq!(problem.retry_after_s, Some(1));
        assert_eq!(headers["ratelimit"], "\"user\";r=0;t=1");
        assert!(passes(&app, Limit::Ordinary, "192.0.2.1", Some(2)).await, "another user has a limit of their own");
        clock.by(Duration::from_secs(1));
        assert!(passes(&app, Limit::Ordinary, "192.0.2.1", Some(1)).await);
    }

    #[tokio::test]
    async fn without_a_login_an_address_counts_and_of_ipv6_its_network() {
        let (app, clock) = shop(&[("LIMIT_ADDRESS_PER_MINUTE", "1")]).await;
        assert!(passes(&app, Limit::Ordinary, "2001:db8::1", None).await);
        assert!(!passes(&app, Limit::Ordinary, "2001:db8::2", None).await);
        assert!(passes(&app, Limit::Ordinary, "2001:db8:0:1::1", None).await);
        assert!(passes(&app, Limit::Ordinary, "2001:db8::1", Some(1)).await, "a login counts as its user");
        clock.by(Duration::from_secs(59));
        assert!(!passes(&app, Limit::Ordinary, "2001:db8::1", None).await);
        clock.by(Duration::from_secs(1));
        assert!(passes(&app, Limit::Ordinary, "2001:db8::1", None).await);
    }

    #[tokio::test]
    async fn logins_and_codes_are_counted_apart_and_in_the_store_wherever_the_ordinary_ones_are() {
        let settings = [("LIMITS", "edge"), ("LIMIT_LOGIN_PER_MINUTE", "1"), ("LIMIT_CODES_PER_HOUR", "1")];
        let (mut app, clock) = shop(&settings).await;
        app.cache = None;
        for limit in [Limit::Login, Limit::Codes] {
            assert!(passes(&app, limit, "192.0.2.1", None).await);
            assert!(!passes(&app, limit, "192.0.2.1", None).await);
            assert!(passes(&app, limit, "192.0.2.2", None).await);
        }
        clock.by(Duration::from_secs(60));
        assert!(passes(&app, Limit::Login, "192.0.2.1", None).await);
        let (outcome, headers) = request(&app, Limit::Codes, "192.0.2.1", None).await;
        assert_eq!(outcome.unwrap_err().retry_after_s, Some(3_540));
        assert_eq!(headers["ratelimit-policy"], "\"codes\";q=1;w=3600");
        let (outcome, headers) = request(&app, Limit::Ordinary, "192.0.2.1", None).await;
        assert!(outcome.is_ok() && headers.is_empty(), "the edge tells of the ordinary ones");
    }

    #[tokio::test]
    async fn this_machine_is_exempt_where_that_was_set_and_a_health_check_everywhere() {
        let one = [("LIMIT_ADDRESS_PER_MINUTE", "1"), ("LIMIT_LOGIN_PER_MINUTE", "1")];
        let (counted, _) = shop(&one).await;
        let (exempt, _) = shop(&[&one[..], &[("LIMITS_EXEMPT_LOOPBACK", "true")]].concat()).await;
        for limit in [Limit::Ordinary, Limit::Login] {
            for (app, from, passed) in
                [(&counted, "127.0.0.1", false), (&exempt, "127.0.0.1", true), (&exempt, "192.0.2.1", false)]
            {
                passes(app, limit, from, None).await;
                assert_eq!(passes(app, limit, from, None).await, passed, "{limit:?} {from}");
            }
        }
        for _ in 0..3 {
            assert!(passes(&counted, Limit::Unlimited, "192.0.2.9", None).await);
        }
    }

    /// Does not answer, and counts how often it was asked.
    #[derive(Default)]
    struct Away(AtomicUsize);

    #[async_trait]
    impl Cache for Away {
        async fn count(&self, _: &str, _: u64, window: Duration) -> Result<Counted, Fault> {
            self.probe().await.map(|()| Counted { value: 0, resets_in: window })
        }

        async fn probe(&self) -> Result<(), Fault> {
            self.0.fetch_add(1, Ordering::Relaxed);
            Err(Fault::away("cache", "gone"))
        }
    }

    #[tokio::test]
    async fn while_the_cache_is_away_requests_pass_and_few_of_them_wait_for_it() {
        let (mut app, clock) = shop(&[("LIMIT_ADDRESS_PER_MINUTE", "1")]).await;
        let away = Arc::new(Away::default());
        app.cache = Some(away.clone());
        for _ in 0..10 {
            assert!(passes(&app, Limit::Ordinary, "192.0.2.1", None).await);
        }
        assert_eq!(away.0.load(Ordering::Relaxed), 1);
        clock.by(LEFT_ALONE);
        assert!(passes(&app, Limit::Ordinary, "192.0.2.1", None).await);
        assert_eq!(away.0.load(Ordering::Relaxed), 2);
        app.cache = Some(Arc::new(MemoryCache::new(app.clock.clone())));
        clock.by(LEFT_ALONE);
        assert!(passes(&app, Limit::Ordinary, "192.0.2.1", None).await);
        assert!(!passes(&app, Limit::Ordinary, "192.0.2.1", None).await, "it is back");
    }
}
