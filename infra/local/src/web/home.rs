//! What `/` shows until the shop's own pages are built: where to go.

use super::page;
use crate::gateway::Answer;

const PAGE: &str = include_str!("home.html");
/// A line of the page for a place that is not always there.
const INSIDE: &str =
    "<li><a href=\"/_local\">Look inside</a><span>Queues and dead letters, events, search index, mail</span></li>";

pub fn answer(path: &str, inside: bool) -> Option<Answer> {
    match path {
        "/" => Some(page::html(PAGE.replace("<!-- inside -->", if inside { INSIDE } else { "" }))),
        _ => page::shared(path.strip_prefix('/')?),
    }
}
