//! What a worker's handler works with.

use std::sync::Arc;
use std::time::Duration;

use bharatmart_adapters::budget;
use bharatmart_adapters::clash::Budgeted;
use bharatmart_core::ports::{
    CatalogReads, Clock, CommitError, Commits, Fault, Forgets, Ids, Leases, Messages, Outbox, Queueing, Random,
    SearchIndex, Secret, Vault,
};
use bharatmart_core::{Bench, Changes};

use super::{Held, declared, undeclared};
use crate::app::App;
use crate::config::Config;
use crate::need::Grant;
use crate::telemetry::TraceContext;
use crate::worker::Worker;

pub struct WorkCtx {
    pub app: Arc<App>,
    pub worker: &'static Worker,
    pub(crate) trace: TraceContext,
}

impl WorkCtx {
    /// What core's part of the work is done with.
    pub fn bench<'a>(&'a self, held: &'a Held<'a>) -> Bench<'a> {
        Bench { worker: self.worker.name, store: held, clock: self.clock(), ids: self.ids(), patience: &Budgeted }
    }

    pub fn catalog(&self) -> Result<&dyn CatalogReads, Fault> {
        self.declared(Grant::ReadsCatalog)?;
        Ok(self.app.store()?)
    }

    pub fn commits(&self) -> Result<&dyn Commits, Fault> {
        self.declared(Grant::Commits)?;
        Ok(self.app.store()?)
    }

    /// Commits, then sends the events.
    pub async fn commit(&self, changes: Changes) -> Result<(), CommitError> {
        self.held().commit(changes).await
    }

    pub fn leases(&self) -> Result<&dyn Leases, Fault> {
        self.declared(Grant::TakesLeases)?;
        Ok(self.app.store()?)
    }

    pub fn outbox(&self) -> Result<&dyn Outbox, Fault> {
        self.declared(Grant::ReadsOutbox)?;
        Ok(self.app.store()?)
    }

    pub fn forgets(&self) -> Result<&dyn Forgets, Fault> {
        self.declared(Grant::Forgets)?;
        Ok(self.app.store()?)
    }

    pub fn messages(&self) -> Result<&dyn Messages, Fault> {
        self.declared(Grant::Messages)?;
        self.app.messages.as_deref().ok_or_else(|| undeclared("messages"))
    }

    pub async fn vault(&self) -> Result<Box<dyn Vault>, Fault> {
        self.declared(Grant::Vault)?;
        self.app.vault().await
    }

    pub async fn secret(&self, name: &'static str) -> Result<Secret, Fault> {
        self.declared(Grant::Secret(name))?;
        self.app.secret(name).await
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

    pub fn ids(&self) -> &dyn Ids {
        self.app.ids.as_ref()
    }

    pub fn random(&self) -> &dyn Random {
        self.app.random.as_ref()
    }

    pub fn config(&self) -> &Config {
        &self.app.config
    }

    pub(super) fn declared(&self, grant: Grant) -> Result<(), Fault> {
        declared(self.worker.needs, grant, self.worker.name)
    }
}
