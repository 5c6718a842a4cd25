//! Each fault at each port, against the ports as they are in memory; and plans.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on must stop")]

mod acts;
mod complete;
mod plans;
mod queues;
mod stage;
mod stubs;
