//! What of docs/reliability.md is written by the code it tells of: the fault matrix, and the states of an order.

use std::path::PathBuf;

use bharatmart_core::orders::status::diagram;

use crate::matrix::{Cell, table};

pub fn path() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/reliability.md"))
}

/// The page as it should be. `None`: a mark is missing.
pub fn current(page: &str, cells: &[Cell]) -> Option<String> {
    let page = between(page, "states", &format!("```mermaid\n{}```\n", diagram()))?;
    between(&page, "matrix", &table(cells))
}

fn between(page: &str, mark: &str, text: &str) -> Option<String> {
    let (begin, end) = (format!("<!-- {mark}: written by `make matrix` -->\n"), format!("<!-- end of {mark} -->\n"));
    let (before, rest) = page.split_once(&begin)?;
    let (_, after) = rest.split_once(&end)?;
    Some(format!("{before}{begin}{text}{end}{after}"))
}
