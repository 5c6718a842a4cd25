//! A page to read and try the API: Swagger UI from its npm package, and the OpenAPI and AsyncAPI documents from docs/.

use std::path::Path;

use http::{HeaderValue, StatusCode, header};

use super::page;
use crate::gateway::Answer;

const PAGE: &str = include_str!("api_docs.html");
const START: &str = include_str!("api_docs.js");
/// Swagger UI sets styles on its elements.
const POLICY: &str = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; object-src 'none'; \
                      base-uri 'none'; frame-ancestors 'none'";
/// What the page loads of the package.
const ASSETS: &[&str] = &["swagger-ui.css", "swagger-ui-bundle.js"];

pub async fn answer(frontend: &Path, path: &str) -> Option<Answer> {
    let package = frontend.join("node_modules/swagger-ui-dist");
    match path {
        "/docs/openapi.json" | "/docs/asyncapi.json" => {
            let document = frontend.parent().unwrap_or(Path::new("")).join(&path[1..]);
            let missing = || missing(&document, "make gen");
            Some(tokio::fs::read(&document).await.map_or_else(|_| missing(), |bytes| page_of(path, bytes)))
        }
        "/docs/api" | "/docs/api/" if tokio::fs::try_exists(&package).await.unwrap_or(false) => {
            Some(page_of("index.html", PAGE))
        }
        "/docs/api" | "/docs/api/" => Some(missing(&package, "infra/bin/setup.sh node-packages")),
        "/docs/api/start.js" => Some(page_of(path, START)),
        _ => {
            if let Some(shared) = page::shared(path.strip_prefix("/docs/api/")?) {
                return Some(shared);
            }
            let name = ASSETS.iter().find(|name| path.strip_prefix("/docs/api/") == Some(name))?;
            let bytes = tokio::fs::read(package.join(name)).await.ok()?;
            Some(page_of(name, bytes))
        }
    }
}

fn page_of(name: &str, body: impl Into<bytes::Bytes>) -> Answer {
    let mut response = page::answer(StatusCode::OK, page::kind_of(name), body);
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    response
}

fn missing(what: &Path, command: &str) -> Answer {
    let text = format!("{} is not there yet. This makes it: {command}\n", what.display());
    page::answer(StatusCode::NOT_FOUND, "text/plain; charset=utf-8", text)
}
