//! In memory: the store for simulation, the cache, the queue and the blobs.

mod cache;
mod forgetting;
mod queue;
mod records;
mod state;
mod store;

pub use cache::MemoryCache;
pub use queue::MemoryQueueing;
pub use store::MemoryStore;
