//! What a handler works with: the request as it came, who sent it, and the ports its function declared.

mod again;
mod catalog;
mod flags;
mod held;
mod identity;
mod records;
mod till;
mod work;

use std::sync::Arc;
use std::sync::atomic::AtomicU32;

use bharatmart_core::once::Once;
use bharatmart_core::ports::{Channel, Clock, CommitError, Commits, Fault, Ids, Queueing, Random, Search};
use bharatmart_core::{Changes, CursorKey, Event, Tenant};
use http::header;
use lambda_http::Request;

use crate::address;
use crate::app::App;
use crate::auth::{self, Caller};
use crate::config::Config;
use crate::need::{Grant, Need};
use crate::problem::Problem;
use crate::reply::Reply;
use crate::request::Query;
use crate::route::Route;
use crate::telemetry::TraceContext;

pub use held::Held;
pub use till::Within;
pub use work::WorkCtx;

/// One request on its way through a handler.
pub struct Ctx {
    pub app: Arc<App>,
    pub route: &'static Route,
    pub request: Request,
    pub tenant: Tenant,
    /// `None` on a public route, and for a guest.
    pub caller: Option<Caller>,
    pub request_id: String,
    pub(crate) address: String,
    pub(crate) trace: TraceContext,
    /// The idempotency key this request owns.
    pub(crate) once: Option<Once>,
    /// How often others were faster.
    pub(crate) clashes: AtomicU32,
}

impl Ctx {
    /// Who is logged in. On a route for users and permissions there is always somebody.
    pub fn user(&self) -> Result<&Caller, Problem> {
        self.caller.as_ref().ok_or_else(auth::missing)
    }

    /// Where the request came from, as the gateway says.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// As whom the address is counted where a customer could take another: with IPv6, the network.
    pub fn network(&self) -> String {
        self.address.parse().map_or_else(|_| self.address.clone(), address::counted)
    }

    /// Whether a message can be sent this way here; asked by whom has one sent, without opening what sends it.
    pub fn sends(&self, channel: Channel) -> bool {
        self.app.config.messages.sends(channel)
    }

    pub fn search(&self) -> Result<&dyn Search, Fault> {
        self.declared(Grant::Finds)?;
        self.app.search.as_deref().ok_or_else(|| undeclared("search"))
    }

    /// Every queue, for whoever runs the shop; `None` when this deployment has no workers.
    pub fn queues(&self) -> Result<Option<&dyn Queueing>, Fault> {
        self.declared(Grant::RunsQueues)?;
        Ok(self.app.queue.as_deref())
    }

    pub fn clock(&self) -> &dyn Clock {
        self.app.clock.as_ref()
    }

    pub fn ids(&self) -> &dyn Ids {
        self.app.ids.as_ref()
    }

    pub fn random(&self) -> &dyn Random {
        self.app.random.as_ref()
    }

    pub fn config(&self) -> &Config {
        &self.app.config
    }

    pub async fn cursor_key(&self) -> Result<CursorKey, Fault> {
        self.declared(Grant::Secret(crate::config::CURSOR_KEY))?;
        self.app.cursor_key().await
    }

    pub fn query(&self) -> Result<Query, Problem> {
        Query::read(self.request.uri().query().unwrap_or_default())
    }

    /// A header's value, where it is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.request.headers().get(name)?.to_str().ok()
    }

    /// A cookie's value.
    pub fn cookie(&self, name: &str) -> Option<&str> {
        let lines = self.request.headers().get_all(header::COOKIE).into_iter();
        let mut pairs = lines.filter_map(|line| line.to_str().ok()).flat_map(|line| line.split(';'));
        pairs.find_map(|pair| pair.trim().split_once('=').filter(|(found, _)| *found == name)).map(|(_, value)| value)
    }

    /// The one way to write: commits the changes together with the answer that a repetition of this request will be
    /// given, then sends their events.
    pub async fn commit(&self, mut changes: Changes, reply: &Reply) -> Result<(), CommitError> {
        changes.answer = self.answered(reply);
        self.held().commit(changes).await
    }

    /// Commits what is to be kept of a request that is refused: the audit of a failed login. No answer goes with it, so
    /// the same request may be made again.
    pub async fn note(&self, changes: Changes) -> Result<(), CommitError> {
        self.held().commit(changes).await
    }

    fn declared(&self, grant: Grant) -> Result<(), Fault> {
        declared(self.route.needs, grant, self.route.name)
    }
}

impl App {
    pub(crate) fn store(&self) -> Result<&dyn bharatmart_core::ports::Store, Fault> {
        self.store.as_deref().ok_or_else(|| undeclared("store"))
    }

    /// Commits, then sends the events.
    async fn commit(&self, changes: Changes) -> Result<(), CommitError> {
        let events = changes.events.clone();
        self.store()?.commit(changes).await?;
        self.publisher.publish(self, events).await;
        Ok(())
    }
}

/// Events go on with the trace they come from, to queues the function may send to.
fn sends(needs: &[Need], function: &str, events: &mut [Event], trace: &TraceContext) -> Result<(), Fault> {
    let traceparent = trace.traceparent();
    for event in events {
        event.traceparent = Some(traceparent.clone());
        for queue in event.kind.queues() {
            declared(needs, Grant::Sends(queue), function)?;
        }
    }
    Ok(())
}

fn declared(needs: &[Need], grant: Grant, function: &str) -> Result<(), Fault> {
    if needs.iter().any(|need| need.grant == grant) {
        return Ok(());
    }
    Err(Fault::broken("function", format!("{function} uses {grant:?} and does not declare it")))
}

fn undeclared(port: &'static str) -> Fault {
    Fault::broken(port, "no need of this function opened it")
}
