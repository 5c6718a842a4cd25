//! Every adapter of a port is held to the port's promises by one suite.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on must stop")]

mod blobs;
mod cache;
mod clock;
mod differential;
mod dynamodb_trouble;
mod messages;
mod queue;
mod redis_server;
mod samples;
mod search;
mod secrets;
mod store;
