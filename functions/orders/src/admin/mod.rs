//! The shop's orders, for whoever runs it.

pub mod list;
pub mod transition;
