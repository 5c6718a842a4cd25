//! API Gateway on one machine: takes a request in, finds its function, and gives the answer back. It knows the limits
//! of the real one; what a request means is the function's to say.

mod intake;
mod router;
mod server;

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Instant;

use bharatmart_runtime::dispatch::{self, method_name};
use bharatmart_runtime::telemetry::record_request;
use bharatmart_runtime::{App, Problem, headers};
use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Request, Response, header};
use http_body_util::Full;
use hyper::body::Incoming;

pub use router::Router;
pub use server::serve;

use crate::backend::{Backend, Call, full};
use crate::web::Web;

pub type Answer = Response<Full<Bytes>>;

pub struct Gateway {
    pub app: Arc<App>,
    pub router: Router,
    pub backend: Arc<Backend>,
    pub web: Web,
}

impl Gateway {
    pub async fn answer(&self, request: Request<Incoming>, peer: IpAddr) -> Answer {
        let begun = Instant::now();
        let (parts, body) = request.into_parts();
        if let Err(problem) = intake::check_head(&parts) {
            return self.refuse(&parts, problem, begun);
        }
        let (route, params) = match self.router.find(&parts.method, parts.uri.path()) {
            Some(found) => found,
            None => match self.web.answer(&self.app, &parts).await {
                Some(page) => return page,
                None => (self.router.default(), Default::default()),
            },
        };
        match intake::read_body(body).await {
            Ok(body) => self.backend.answer(&self.app, Call { route, parts, params, body, peer }).await,
            Err(problem) => self.refuse(&parts, problem, begun),
        }
    }

    /// What never reaches a function is answered, logged and counted here.
    fn refuse(&self, parts: &Parts, problem: Problem, begun: Instant) -> Answer {
        let request_id = dispatch::request_id(&parts.headers, &self.app);
        let mut response = refusal(&self.app, &parts.headers, &problem, &request_id);
        // The rest of the request is not read.
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
        let (status, took) = (problem.status.as_u16(), begun.elapsed());
        record_request(method_name(&parts.method), "$gateway", status, took);
        tracing::info!(method = %parts.method, status, request_id, code = problem.code, "refused at the gateway");
        response
    }
}

/// A problem that no function told, dressed as the functions dress theirs.
pub fn refusal(app: &App, asked: &HeaderMap, problem: &Problem, request_id: &str) -> Answer {
    let mut response = full(dispatch::refusal(problem, request_id));
    let to = response.headers_mut();
    headers::security(to);
    headers::cors(to, asked.get(header::ORIGIN), &app.config.cors_origins, false);
    if let Ok(id) = HeaderValue::from_str(request_id) {
        to.insert("x-request-id", id);
    }
    response
}
