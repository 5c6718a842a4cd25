pub mod create;
pub mod get;
pub mod list;
mod page;
pub mod search;
