//! Reading records, names and counters: the tenant's own, each as its function declared.

use std::time::Duration;

use bharatmart_core::changes::ClaimKind;
use bharatmart_core::ports::{Counted, Fault};
use bharatmart_core::record::{Listing, RecordKey, Row};
use bharatmart_core::{Record, Tenant};

use super::{Ctx, WorkCtx};
use crate::app::App;
use crate::need::Grant;

impl Ctx {
    pub async fn find<R: Record>(&self, key: &RecordKey) -> Result<Option<R>, Fault> {
        self.declared(Grant::Reads(R::KIND))?;
        self.app.find(&self.tenant, key).await
    }

    pub async fn list<R: Record>(
        &self,
        listing: Listing<'_>,
        before: Option<&str>,
        limit: usize,
    ) -> Result<Vec<R>, Fault> {
        self.declared(Grant::Reads(R::KIND))?;
        self.app.list(&self.tenant, listing, before, limit).await
    }

    /// Who holds a name.
    pub async fn owner(&self, claim: ClaimKind, name: &str) -> Result<Option<String>, Fault> {
        self.declared(Grant::ReadsClaims)?;
        self.app.store()?.owner(&self.tenant, claim, name).await
    }

    /// Adds to a counter of the store and tells its value; by 0 only looks.
    pub async fn count(&self, counter: &str, by: u32, window: Duration) -> Result<Counted, Fault> {
        self.declared(Grant::Counts)?;
        self.app.count(&self.tenant, counter, by, window).await
    }

    pub async fn reset(&self, counter: &str) -> Result<(), Fault> {
        self.declared(Grant::Counts)?;
        self.app.store()?.reset(&self.tenant, counter).await
    }
}

/// A worker has events of every tenant before it.
impl WorkCtx {
    pub async fn find<R: Record>(&self, tenant: &Tenant, key: &RecordKey) -> Result<Option<R>, Fault> {
        self.declared(Grant::Reads(R::KIND))?;
        self.app.find(tenant, key).await
    }

    pub async fn list<R: Record>(
        &self,
        tenant: &Tenant,
        listing: Listing<'_>,
        before: Option<&str>,
        limit: usize,
    ) -> Result<Vec<R>, Fault> {
        self.declared(Grant::Reads(R::KIND))?;
        self.app.list(tenant, listing, before, limit).await
    }

    /// Who holds a name.
    pub async fn owner(&self, tenant: &Tenant, claim: ClaimKind, name: &str) -> Result<Option<String>, Fault> {
        self.declared(Grant::ReadsClaims)?;
        self.app.store()?.owner(tenant, claim, name).await
    }

    /// Adds to a counter of the store and tells its value; by 0 only looks.
    pub async fn count(&self, tenant: &Tenant, counter: &str, by: u32, window: Duration) -> Result<Counted, Fault> {
        self.declared(Grant::Counts)?;
        self.app.count(tenant, counter, by, window).await
    }
}

impl App {
    pub(crate) async fn count(
        &self,
        tenant: &Tenant,
        counter: &str,
        by: u32,
        window: Duration,
    ) -> Result<Counted, Fault> {
        let counted = self.store()?.count(tenant, counter, by, window, self.clock.now()).await?;
        // Whoever began the window may have looked at a clock a moment later.
        Ok(Counted { resets_in: counted.resets_in.min(window), ..counted })
    }

    pub(crate) async fn find<R: Record>(&self, tenant: &Tenant, key: &RecordKey) -> Result<Option<R>, Fault> {
        self.store()?.record(tenant, R::KIND, key).await?.map(Row::record).transpose()
    }

    async fn list<R: Record>(
        &self,
        tenant: &Tenant,
        listing: Listing<'_>,
        before: Option<&str>,
        limit: usize,
    ) -> Result<Vec<R>, Fault> {
        let found = self.store()?.records(tenant, R::KIND, listing, before, limit).await?;
        found.into_iter().map(Row::record).collect()
    }
}
