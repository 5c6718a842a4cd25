//! The store and the queue on SQLite: a file each, for one machine.

mod connection;
mod migrate;
pub mod queue;
mod queue_writer;
mod readers;
#[cfg(test)]
mod roundtrips;
mod store;
#[cfg(test)]
mod tests;
mod writer;

pub use store::{Sqlite, SqliteStore};
