//! The `$default` route: 404 and 405 in the shop's words, and the browser's preflight questions.

use bharatmart_runtime::http::{Method, StatusCode};
use bharatmart_runtime::{Access, Ctx, Idempotency, Limit, Problem, Reply, Route, Spec};

use crate::table::TABLE;

pub static ROUTE: Route = Route {
    name: "not-found",
    service: "ops",
    method: Method::GET,
    path: "$default",
    summary: "Answer what no route does",
    access: Access::Public,
    limit: Limit::Ordinary,
    idempotency: Idempotency::None,
    needs: &[],
    memory_mb: 128,
    timeout_s: 3,
    handler: |ctx| Box::pin(answer(ctx)),
};

pub fn spec() -> Spec {
    Spec::new("Any path or method that is no route.").problem(404, "route_not_found").problem(405, "method_not_allowed")
}

async fn answer(ctx: &Ctx) -> Result<Reply, Problem> {
    let path = ctx.request.uri().path();
    let allowed: Vec<&str> =
        TABLE.iter().filter(|(_, route)| matches(route, path)).map(|(method, _)| *method).collect();
    if allowed.is_empty() {
        let detail = format!("Nothing answers at {path}. docs/openapi.json lists the routes.");
        return Err(Problem::new(StatusCode::NOT_FOUND, "route_not_found", detail));
    }
    let allow = allowed.join(", ");
    if ctx.request.method() == Method::OPTIONS {
        return Ok(Reply::no_content().header("Allow", allow));
    }
    let detail = format!("{path} takes {allow}.");
    Err(Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", detail).header("Allow", allow))
}

/// Whether a path is one of a route's: `{…}` stands for one segment.
fn matches(route: &str, path: &str) -> bool {
    let (mut route, mut path) = (route.split('/'), path.split('/'));
    loop {
        match (route.next(), path.next()) {
            (None, None) => return true,
            (Some(expected), Some(given)) if expected.starts_with('{') && !given.is_empty() => {}
            (Some(expected), Some(given)) if expected == given => {}
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_stands_for_one_segment() {
        assert!(matches("/api/v1/products/{id}", "/api/v1/products/atta"));
        assert!(!matches("/api/v1/products/{id}", "/api/v1/products/"));
        assert!(!matches("/api/v1/products/{id}", "/api/v1/products/atta/reviews"));
        assert!(matches("/api/v1/products", "/api/v1/products"));
    }
}
