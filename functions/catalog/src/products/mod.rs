pub mod create;
mod facets;
pub mod get;
pub mod list;
mod page;
pub mod search;
pub mod suggest;
