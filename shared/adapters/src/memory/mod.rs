//! In memory: the store for simulation, the cache, the queue and the blobs.
