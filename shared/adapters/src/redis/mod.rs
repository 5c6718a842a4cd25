//! The queue on Redis Streams, and the cache.
