//! A request's way: trace, tenant, limits, caller, idempotency, handler, and back with headers, log line and figures.
//! The same for a Lambda and for the local cloud.

use std::panic::AssertUnwindSafe;
use std::sync::atomic::AtomicU32;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use bharatmart_adapters::budget;
use bharatmart_core::Tenant;
use bharatmart_core::ports::Clock;
use futures_util::FutureExt;
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use lambda_http::{Body, Request, RequestExt, Response};
use opentelemetry::KeyValue;
use opentelemetry::trace::SpanKind;

use crate::address;
use crate::app::App;
use crate::auth;
use crate::chaos::{self, Scene};
use crate::context::Ctx;
use crate::etag;
use crate::headers;
use crate::idempotency;
use crate::limits::{Door, Standing};
use crate::problem::Problem;
use crate::reply::Reply;
use crate::request::body_bytes;
use crate::route::{Access, Route};
use crate::telemetry::{Finished, TraceContext, Traces, record_request};

/// Kept back from the deadline, for telling the caller.
const MARGIN: Duration = Duration::from_millis(200);

/// What a process answers requests with.
pub struct Dispatcher {
    pub app: Arc<App>,
    pub traces: Traces,
}

impl Dispatcher {
    pub async fn answer(&self, route: &'static Route, request: Request) -> Response<Body> {
        let begun = Instant::now();
        let app = &self.app;
        let started = app.clock.now();
        let request_id = request_id(request.headers(), app);
        let parent = request.headers().get("traceparent").and_then(|value| value.to_str().ok());
        let trace = TraceContext::from_parent(parent, app.random.as_ref());
        let origin = request.headers().get(header::ORIGIN).cloned();
        let if_none_match = request.headers().get(header::IF_NONE_MATCH).cloned();
        let method = request.method().clone();
        let get = method == Method::GET;

        let left = time_left(&request, route, app.clock.as_ref());
        let standing = OnceLock::new();
        let work = self.work(route, request, &request_id, trace, &standing);
        let work = chaos::within(app, || Scene::of_request(trace.trace_id(), &request_id), work);
        let outcome = match tokio::time::timeout(left, budget::within(left, work)).await {
            Ok(outcome) => outcome,
            Err(_) => Err(Problem::unavailable(
                "deadline_exceeded",
                "The answer took too long; it is not known whether it was done.",
                "the function's time ran out",
            )),
        };

        let cause = outcome.as_ref().err().and_then(|problem| problem.cause.clone());
        let code = outcome.as_ref().err().map(|problem| problem.code);
        let mut response = match outcome {
            Ok(reply) => plain(reply, get, route.access, if_none_match.as_ref()),
            Err(problem) => refusal(&problem, &request_id),
        };
        let headers = response.headers_mut();
        headers::security(headers);
        if !route.access.is_public() {
            headers.append(header::VARY, HeaderValue::from_static("Authorization"));
        }
        headers::cors(headers, origin.as_ref(), &app.config.cors_origins, method == Method::OPTIONS);
        if let Ok(id) = HeaderValue::from_str(&request_id) {
            headers.insert("x-request-id", id);
        }
        if let Some(standing) = standing.get() {
            standing.tell(headers);
        }

        let status = response.status().as_u16();
        let took = begun.elapsed();
        record_request(method_name(&method), route.path, status, took);
        let told = Told { status, took, code, cause: cause.as_deref() };
        log(route, &method, &request_id, &trace, &told);
        if self.traces.is_on() {
            self.traces.record(Finished {
                name: format!("{method} {}", route.path),
                kind: SpanKind::Server,
                trace,
                started,
                took,
                error: (status >= 500).then(|| cause.unwrap_or_default().into_string()),
                attributes: vec![
                    KeyValue::new("http.request.method", method_name(&method)),
                    KeyValue::new("http.route", route.path),
                    KeyValue::new("http.response.status_code", i64::from(status)),
                    KeyValue::new("faas.name", route.name),
                    KeyValue::new("request.id", request_id),
                ],
            });
        }
        response
    }

    async fn work(
        &self,
        route: &'static Route,
        request: Request,
        request_id: &str,
        trace: TraceContext,
        standing: &OnceLock<Standing>,
    ) -> Result<Reply, Problem> {
        let app = &self.app;
        let address = address::of(&request, app.config.limits.trusted_proxies);
        let door = Door::new(app, route.limit, address, standing);
        let has_token = route.access.gate().is_some() && request.headers().contains_key(header::AUTHORIZATION);
        door.enter(has_token).await?;
        let limit = app.config.max_body_bytes;
        if body_bytes(request.body()).len() > limit {
            let detail = format!("The body is larger than {limit} bytes.");
            return Err(Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "body_too_large", detail));
        }
        let host = host_tenant(&request, app.config.tenant_domain.as_deref())?;
        let caller = auth::caller(app, request.headers(), &host, route.access).await;
        match &caller {
            Ok(Some(caller)) => door.user(caller).await?,
            Ok(None) => {}
            Err(_) if has_token => door.stranger().await?,
            Err(_) => {}
        }
        let caller = caller?;
        let tenant = caller.as_ref().map_or(host, |caller| caller.tenant.clone());
        let mut ctx = Ctx {
            app: app.clone(),
            route,
            request,
            tenant,
            caller,
            request_id: request_id.to_owned(),
            address: address.map_or_else(|| "unknown".to_owned(), |address| address.to_string()),
            trace,
            once: None,
            clashes: AtomicU32::new(0),
        };
        // What changes something is told by its body alone; a parameter there is a mistake.
        if route.method != Method::GET {
            ctx.query()?.finish()?;
        }
        if let Some(reply) = idempotency::claim(&mut ctx).await? {
            return Ok(reply);
        }
        let caught = AssertUnwindSafe((route.handler)(&ctx)).catch_unwind().await;
        let outcome = caught.unwrap_or_else(|panic| {
            let text = panic.downcast_ref::<String>().map(String::as_str);
            let text = text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no message");
            Err(Problem::internal(format!("the handler panicked: {text}")))
        });
        idempotency::settle(&ctx).await;
        outcome
    }
}

/// The caller's own id when it is a sane one.
pub fn request_id(headers: &HeaderMap, app: &App) -> String {
    let sane = |id: &&str| {
        (1..=64).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
    };
    let given = headers.get("x-request-id").and_then(|id| id.to_str().ok()).filter(sane);
    given.map_or_else(|| app.ids.uuid().simple().to_string(), str::to_owned)
}

fn time_left(request: &Request, route: &Route, clock: &dyn Clock) -> Duration {
    let deadline = request.lambda_context_ref().map_or(0, |context| context.deadline);
    until(deadline, route.timeout_s, clock).saturating_sub(MARGIN).max(Duration::from_millis(1))
}

/// How long until a Lambda's deadline. `cargo lambda watch` names one of 1970, and no other caller names any: then the
/// function's own time-out holds.
pub(crate) fn until(deadline_ms: u64, timeout_s: u32, clock: &dyn Clock) -> Duration {
    let left = deadline_ms.checked_sub(clock.now().millis().max(0) as u64).filter(|left| *left > 0);
    left.map_or(Duration::from_secs(u64::from(timeout_s)), Duration::from_millis)
}

/// `<tenant>.<domain>` names the shop; any other host, or no setting, is the main one.
fn host_tenant(request: &Request, domain: Option<&str>) -> Result<Tenant, Problem> {
    let Some(domain) = domain else { return Ok(Tenant::main()) };
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let host = host.split(':').next().unwrap_or_default().trim_end_matches('.').to_ascii_lowercase();
    match host.strip_suffix(domain).and_then(|label| label.strip_suffix('.')) {
        Some(label) => Tenant::parse(label).map_err(|_| Problem::not_found("shop")),
        None => Ok(Tenant::main()),
    }
}

fn plain(reply: Reply, get: bool, access: Access, if_none_match: Option<&HeaderValue>) -> Response<Body> {
    let Reply { status, headers, body, version } = reply;
    let mut response = Response::new(Body::Empty);
    *response.status_mut() = status;
    for (name, value) in &headers {
        if let (Ok(name), Ok(value)) = (header::HeaderName::try_from(name.as_str()), HeaderValue::from_str(value)) {
            response.headers_mut().append(name, value);
        }
    }
    // What a caller is shown is for nobody's cache but theirs.
    let cache = HeaderValue::from_static(match (get, access.is_public()) {
        (true, true) => "no-cache",
        (true, false) => "private, no-cache",
        (false, _) => "no-store",
    });
    let has_etag = version.is_some() || (get && status == StatusCode::OK);
    if has_etag {
        let etag = etag::of(version, &body);
        let fresh = get && status == StatusCode::OK;
        let known =
            if_none_match.and_then(|value| value.to_str().ok()).is_some_and(|given| etag::matches(given, &etag));
        if let Ok(value) = HeaderValue::from_str(&etag) {
            response.headers_mut().insert(header::ETAG, value);
        }
        if fresh && known {
            *response.status_mut() = StatusCode::NOT_MODIFIED;
            response.headers_mut().insert(header::CACHE_CONTROL, cache);
            return response;
        }
    }
    response.headers_mut().entry(header::CACHE_CONTROL).or_insert(cache);
    if !body.is_empty() {
        let json = HeaderValue::from_static("application/json");
        response.headers_mut().entry(header::CONTENT_TYPE).or_insert(json);
        *response.body_mut() = Body::Text(body);
    }
    response
}

/// A problem as an answer, without the headers that every answer carries.
pub fn refusal(problem: &Problem, request_id: &str) -> Response<Body> {
    let mut response = Response::new(Body::Text(problem.body(request_id)));
    *response.status_mut() = problem.status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Some(seconds) = problem.retry_after_s {
        headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    for (name, value) in &problem.headers {
        if let (Ok(name), Ok(value)) = (header::HeaderName::try_from(*name), HeaderValue::from_str(value)) {
            headers.insert(name, value);
        }
    }
    response
}

/// How a request ended.
struct Told<'a> {
    status: u16,
    took: Duration,
    code: Option<&'static str>,
    cause: Option<&'a str>,
}

fn log(route: &Route, method: &Method, request_id: &str, trace: &TraceContext, told: &Told<'_>) {
    let Told { status, code, cause, .. } = *told;
    let took_ms = told.took.as_micros() as f64 / 1_000.0;
    let trace_id = trace.trace_id();
    let (function, path) = (route.name, route.path);
    match status {
        500.. => {
            tracing::error!(function, method = %method, route = path, status, took_ms, request_id, trace_id, code, cause, "request");
        }
        _ => {
            tracing::info!(function, method = %method, route = path, status, took_ms, request_id, trace_id, code, "request");
        }
    }
}

/// A fixed set of names, so that metrics need no copy.
pub fn method_name(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        Method::HEAD => "HEAD",
        _ => "OTHER",
    }
}
