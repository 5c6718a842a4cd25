//! The store and the queue on SQLite.

pub mod queue;
mod queue_writer;
