//! The queue on Redis Streams, and the cache. Neither needs the server to be there when the shop starts.

mod cache;
mod queue;
mod server;

pub use cache::RedisCache;
pub use queue::RedisQueueing;
