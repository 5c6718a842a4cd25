//! What payment providers tell by themselves.

pub mod receive;
