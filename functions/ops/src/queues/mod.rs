//! The shop's queues, for whoever runs it.

pub mod list;
pub mod redrive;
