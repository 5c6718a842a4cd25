//! Writing the search index, and the rebuild it hands out.

use std::sync::Arc;

use async_trait::async_trait;
use bharatmart_core::ports::{Fault, Fence, Rebuild, SearchDoc, SearchIndex, SnapshotInfo};
use bharatmart_core::{ProductId, Tenant, Timestamp};

use crate::decorator::{Chaos, Faulty, faulty, through};
use crate::operation::{OF_ADDING, Operation};

impl Chaos {
    pub fn index(&self, index: Arc<dyn SearchIndex>) -> Arc<dyn SearchIndex> {
        Arc::new(self.faulty(index))
    }
}

const BEGIN: Operation = Operation::writes("index", "SearchIndex", "rebuild");

faulty! {
    SEARCH_INDEX = "index": SearchIndex for dyn SearchIndex;
    writes apply(
        fence: Fence,
        docs: Vec<SearchDoc>,
        gone: Vec<(Tenant, ProductId)>,
        now: Timestamp,
    ) -> Result<SnapshotInfo, Fault>;
    [BEGIN] by hand:

    async fn rebuild(&self) -> Result<Box<dyn Rebuild>, Fault> {
        let mut underway = self.chaos.begin(&BEGIN).await?;
        let inner = through!(underway, self.inner.rebuild())?;
        Ok(Box::new(FaultyRebuild { inner, chaos: self.chaos.clone() }))
    }
}

/// By hand: it is changed by its calls, and nobody shares it.
struct FaultyRebuild {
    inner: Box<dyn Rebuild>,
    chaos: Chaos,
}

const ADD: Operation = Operation::writes("index", "Rebuild", "add").having(OF_ADDING);
const CHANGED: Operation = Operation::reads("index", "Rebuild", "changed");
const PUBLISH: Operation = Operation::writes("index", "Rebuild", "publish");
pub(crate) const REBUILD: &[Operation] = &[ADD, CHANGED, PUBLISH];

#[async_trait]
impl Rebuild for FaultyRebuild {
    async fn add(&mut self, docs: Vec<SearchDoc>) -> Result<(), Fault> {
        let mut underway = self.chaos.begin(&ADD).await?;
        through!(underway, self.inner.add(docs.clone()))
    }

    async fn changed(&mut self) -> Result<Vec<(Tenant, ProductId)>, Fault> {
        let mut underway = self.chaos.begin(&CHANGED).await?;
        through!(underway, self.inner.changed())
    }

    async fn publish(
        &mut self,
        fence: Fence,
        docs: Vec<SearchDoc>,
        gone: Vec<(Tenant, ProductId)>,
        now: Timestamp,
    ) -> Result<SnapshotInfo, Fault> {
        let mut underway = self.chaos.begin(&PUBLISH).await?;
        through!(underway, self.inner.publish(fence, docs.clone(), gone.clone(), now))
    }
}
