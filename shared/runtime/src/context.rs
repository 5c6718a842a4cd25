//! What a handler works with: the request as it came, who sent it, and the ports its function declared.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bharatmart_adapters::budget;

use bharatmart_core::catalog::Category;
use bharatmart_core::ports::{
    Answered, CatalogReads, Clock, CommitError, Commits, Fault, Fence, IdempotencyKey, Ids, Leases, Outbox, Queueing,
    Search, SearchIndex,
};
use bharatmart_core::{Changes, CursorKey, Tenant};
use lambda_http::Request;

use crate::app::App;
use crate::auth::Caller;
use crate::categories::Wanted;
use crate::idempotency::KEPT;
use crate::need::{Grant, Need};
use crate::problem::Problem;
use crate::reply::Reply;
use crate::request::Query;
use crate::route::Route;
use crate::telemetry::TraceContext;
use crate::worker::Worker;

/// One request on its way through a handler.
pub struct Ctx {
    pub app: Arc<App>,
    pub route: &'static Route,
    pub request: Request,
    pub tenant: Tenant,
    /// `None` on a public route.
    pub caller: Option<Caller>,
    pub request_id: String,
    pub(crate) trace: TraceContext,
    /// The idempotency key this request owns, and under which fence.
    pub(crate) key: Option<(IdempotencyKey, Fence)>,
    /// Its request was committed, or may have been.
    pub(crate) keeps_key: AtomicBool,
}

impl Ctx {
    pub fn catalog(&self) -> Result<&dyn CatalogReads, Fault> {
        self.declared(Grant::ReadsCatalog)?;
        Ok(self.app.store()?)
    }

    pub async fn categories(&self) -> Result<Arc<Vec<Category>>, Fault> {
        self.app.categories.all(self.catalog()?, &self.tenant, self.clock().now()).await
    }

    pub async fn category(&self, wanted: Wanted<'_>) -> Result<Option<Category>, Fault> {
        self.app.categories.find(self.catalog()?, &self.tenant, self.clock().now(), wanted).await
    }

    pub fn search(&self) -> Result<&dyn Search, Fault> {
        self.declared(Grant::Finds)?;
        self.app.search.as_deref().ok_or_else(|| undeclared("search"))
    }

    pub fn clock(&self) -> &dyn Clock {
        self.app.clock.as_ref()
    }

    pub fn ids(&self) -> &dyn Ids {
        self.app.ids.as_ref()
    }

    pub async fn cursor_key(&self) -> Result<CursorKey, Fault> {
        self.declared(Grant::Secret(crate::config::CURSOR_KEY))?;
        self.app.cursor_key().await
    }

    pub fn query(&self) -> Result<Query, Problem> {
        Query::read(self.request.uri().query().unwrap_or_default())
    }

    /// The one way to write: commits the changes together with the answer that a repetition of this request will be
    /// given, then sends their events.
    pub async fn commit(&self, mut changes: Changes, reply: &Reply) -> Result<(), CommitError> {
        self.declared(Grant::Commits)?;
        if let Some((key, fence)) = &self.key {
            let expires_at = self.clock().now().after(KEPT);
            let (key, fence) = (key.clone(), *fence);
            changes.answer = Some(Answered { key, fence, answer: reply.to_answer(), expires_at });
        }
        let traceparent = self.trace.traceparent();
        for event in &mut changes.events {
            event.traceparent = Some(traceparent.clone());
            for queue in event.kind.queues() {
                self.declared(Grant::Sends(queue))?;
            }
        }
        let events = changes.events.clone();
        let outcome = self.app.store()?.commit(changes).await;
        // After these nobody knows whether it was applied, so the key is kept until its lease runs out.
        let unknown = matches!(outcome, Err(CommitError::Fault(Fault::Away { .. } | Fault::Broken { .. })));
        self.keeps_key.store(outcome.is_ok() || unknown, Ordering::Release);
        outcome?;
        self.app.publisher.publish(&self.app, events).await;
        Ok(())
    }

    fn declared(&self, grant: Grant) -> Result<(), Fault> {
        declared(self.route.needs, grant, self.route.name)
    }
}

/// What a worker's handler works with.
pub struct WorkCtx {
    pub app: Arc<App>,
    pub worker: &'static Worker,
}

impl WorkCtx {
    pub fn catalog(&self) -> Result<&dyn CatalogReads, Fault> {
        self.declared(Grant::ReadsCatalog)?;
        Ok(self.app.store()?)
    }

    pub fn commits(&self) -> Result<&dyn Commits, Fault> {
        self.declared(Grant::Commits)?;
        Ok(self.app.store()?)
    }

    pub fn leases(&self) -> Result<&dyn Leases, Fault> {
        self.declared(Grant::TakesLeases)?;
        Ok(self.app.store()?)
    }

    pub fn outbox(&self) -> Result<&dyn Outbox, Fault> {
        self.declared(Grant::ReadsOutbox)?;
        Ok(self.app.store()?)
    }

    /// Until the function's time runs out.
    pub fn time_left(&self) -> Duration {
        budget::remaining()
    }

    /// `None` when this deployment has no workers.
    pub fn queue(&self) -> Option<&dyn Queueing> {
        self.app.queue.as_deref()
    }

    pub fn index(&self) -> Result<&dyn SearchIndex, Fault> {
        self.declared(Grant::Indexes)?;
        self.app.index.as_deref().ok_or_else(|| undeclared("index"))
    }

    pub fn clock(&self) -> &dyn Clock {
        self.app.clock.as_ref()
    }

    fn declared(&self, grant: Grant) -> Result<(), Fault> {
        declared(self.worker.needs, grant, self.worker.name)
    }
}

impl App {
    pub(crate) fn store(&self) -> Result<&dyn bharatmart_core::ports::Store, Fault> {
        self.store.as_deref().ok_or_else(|| undeclared("store"))
    }
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
