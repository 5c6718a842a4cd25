//! Reading the search index.

use std::sync::Arc;

use async_trait::async_trait;
use bharatmart_core::Tenant;
use bharatmart_core::ports::{Fault, Found, Search, SearchQuery, SnapshotInfo, Suggestion};

use crate::decorator::{Chaos, Faulty, faulty, through};
use crate::operation::Operation;

impl Chaos {
    pub fn search(&self, search: Arc<dyn Search>) -> Arc<dyn Search> {
        Arc::new(self.faulty(search))
    }
}

faulty! {
    SEARCH = "search": Search for dyn Search;
    reads find(query: &SearchQuery) -> Result<Arc<Found>, Fault>;
    reads suggest(tenant: &Tenant, text: &str, most: usize) -> Result<Arc<Vec<Suggestion>>, Fault>;
    reads snapshot() -> Result<Option<SnapshotInfo>, Fault>;
}
