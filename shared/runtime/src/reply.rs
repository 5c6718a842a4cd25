//! What a handler answers, before the runtime dresses it with headers.

use bharatmart_core::ports::Answer;
use http::StatusCode;
use serde::Serialize;

use crate::problem::Problem;

#[derive(Clone, Debug)]
pub struct Reply {
    pub status: StatusCode,
    pub headers: Vec<(String, String)>,
    pub body: String,
    /// The version of the one thing shown; it leads the ETag, and `If-Match` compares it.
    pub version: Option<u64>,
}

impl Reply {
    pub fn json(status: StatusCode, body: &impl Serialize) -> Result<Self, Problem> {
        let body = serde_json::to_string(body).map_err(|error| Problem::internal(error.to_string()))?;
        Ok(Self::raw(status, body))
    }

    pub fn ok(body: &impl Serialize) -> Result<Self, Problem> {
        Self::json(StatusCode::OK, body)
    }

    /// JSON that is ready to go out.
    pub fn raw(status: StatusCode, body: String) -> Self {
        Reply { status, headers: Vec::new(), body, version: None }
    }

    pub fn no_content() -> Self {
        Self::raw(StatusCode::NO_CONTENT, String::new())
    }

    pub fn version(mut self, version: u64) -> Self {
        self.version = Some(version);
        self
    }

    pub fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    /// As it is kept for an idempotency key.
    pub(crate) fn to_answer(&self) -> Answer {
        let mut headers = self.headers.clone();
        if let Some(version) = self.version {
            headers.push((VERSION.to_owned(), version.to_string()));
        }
        Answer { status: self.status.as_u16(), headers, body: self.body.clone() }
    }

    pub(crate) fn from_answer(answer: Answer) -> Self {
        let (versions, headers): (Vec<_>, _) = answer.headers.into_iter().partition(|(name, _)| name == VERSION);
        Reply {
            status: StatusCode::from_u16(answer.status).unwrap_or(StatusCode::OK),
            headers,
            body: answer.body,
            version: versions.first().and_then(|(_, version)| version.parse().ok()),
        }
    }
}

/// Never sent; carries the version in a kept answer.
const VERSION: &str = "_version";
