//! A store for each test, on each engine: empty, and nobody else's.

use std::sync::Arc;

use bharatmart_adapters::memory::MemoryStore;
use bharatmart_core::ports::Store;

/// A test's own store, and the way to open it a second time as another process of the shop would.
pub struct StoreWorld {
    pub store: Arc<dyn Store>,
    pub place: Place,
}

/// Where the rows lie, for a test that must get at them from beside the shop.
pub enum Place {
    Memory,
}

pub async fn memory() -> StoreWorld {
    StoreWorld { store: Arc::new(MemoryStore::new()), place: Place::Memory }
}
