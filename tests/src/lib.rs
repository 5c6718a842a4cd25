//! What the suites stand on: throw-away servers, a world of its own for each test, and data to fill it with.
//! Not a suite itself, and no stand-in for any engine: the servers are the real ones.

pub mod cloud;
pub mod data;
mod engines;
mod live;
mod server;
pub mod servers;
pub mod steps;
pub mod stores;
mod tools;

pub use live::{eventually, eventually_within};
pub use server::{Server, free_port};
pub use tools::{folder_with, long_run, program};
