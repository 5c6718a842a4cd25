//! Where the shop delivers.

pub mod get;
