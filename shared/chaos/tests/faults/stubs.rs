//! Ports that only count how often they were called, where no engine in memory is at hand.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use async_trait::async_trait;
use bharatmart_core::ports::{
    Channel, Charge, Charged, Fault, Fence, Found, Letter, Messages, PaymentProvider, Rebuild, Search, SearchDoc,
    SearchIndex, SearchQuery, Secret, Secrets, SnapshotInfo, Suggestion,
};
use bharatmart_core::{Paise, PaymentId, ProductId, Tenant, Timestamp};

#[derive(Clone, Default)]
pub struct Tally(Arc<AtomicU32>);

impl Tally {
    pub fn calls(&self) -> u32 {
        self.0.load(Ordering::Relaxed)
    }

    fn called(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    fn snapshot(&self) -> SnapshotInfo {
        self.called();
        let published_at = Timestamp::from_millis(0);
        SnapshotInfo { name: "stub".to_owned(), fence: Fence(1), documents: 0, published_at }
    }
}

#[async_trait]
impl Secrets for Tally {
    async fn secret(&self, _: &str) -> Result<Option<Secret>, Fault> {
        self.called();
        Ok(None)
    }

    fn forget(&self, _: &str) {
        self.called();
    }
}

#[async_trait]
impl Messages for Tally {
    async fn send(&self, _: &Letter) -> Result<(), Fault> {
        self.called();
        Ok(())
    }

    fn sends(&self, channel: Channel) -> bool {
        channel == Channel::Sms
    }
}

#[async_trait]
impl PaymentProvider for Tally {
    async fn charge(&self, _: &Charge) -> Result<Charged, Fault> {
        self.called();
        Ok(Charged::Pending)
    }

    async fn look(&self, _: &Tenant, _: PaymentId) -> Result<Option<Charged>, Fault> {
        self.called();
        Ok(None)
    }

    async fn refund(&self, _: &Tenant, _: PaymentId, _: &str, _: Paise) -> Result<(), Fault> {
        self.called();
        Ok(())
    }
}

#[async_trait]
impl Search for Tally {
    async fn find(&self, _: &SearchQuery) -> Result<Arc<Found>, Fault> {
        self.called();
        Ok(Arc::default())
    }

    async fn suggest(&self, _: &Tenant, _: &str, _: usize) -> Result<Arc<Vec<Suggestion>>, Fault> {
        self.called();
        Ok(Arc::default())
    }

    async fn snapshot(&self) -> Result<Option<SnapshotInfo>, Fault> {
        Ok(Some(Tally::snapshot(self)))
    }
}

#[async_trait]
impl SearchIndex for Tally {
    async fn apply(
        &self,
        _: Fence,
        _: Vec<SearchDoc>,
        _: Vec<(Tenant, ProductId)>,
        _: Timestamp,
    ) -> Result<SnapshotInfo, Fault> {
        Ok(self.snapshot())
    }

    async fn rebuild(&self) -> Result<Box<dyn Rebuild>, Fault> {
        self.called();
        Ok(Box::new(self.clone()))
    }
}

#[async_trait]
impl Rebuild for Tally {
    async fn add(&mut self, _: Vec<SearchDoc>) -> Result<(), Fault> {
        self.called();
        Ok(())
    }

    async fn changed(&mut self) -> Result<Vec<(Tenant, ProductId)>, Fault> {
        self.called();
        Ok(Vec::new())
    }

    async fn publish(
        &mut self,
        _: Fence,
        _: Vec<SearchDoc>,
        _: Vec<(Tenant, ProductId)>,
        _: Timestamp,
    ) -> Result<SnapshotInfo, Fault> {
        Ok(self.snapshot())
    }
}
