pub mod create;
pub mod delete;
mod facets;
pub mod get;
pub mod list;
pub mod managed;
mod page;
pub mod search;
pub mod suggest;
pub mod update;

const EXAMPLE: &str = "chakki-fresh-whole-wheat-atta";
