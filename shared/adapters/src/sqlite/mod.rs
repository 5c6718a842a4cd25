//! The store and the queue on SQLite.
