//! Every adapter of a port is held to the port's promises by one suite.

mod cache;
mod clock;
mod queue;
mod redis_server;
mod store;
