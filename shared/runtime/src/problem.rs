//! Errors as RFC 9457 problems. A client is told the truth: what to mend, or when to come again.

use bharatmart_core::FieldError;
use bharatmart_core::ports::{CommitError, Fault};
use http::StatusCode;
use serde::Serialize;
use serde_json::{Map, Value};

#[derive(Debug)]
pub struct Problem {
    pub status: StatusCode,
    /// Stable; what a program acts on.
    pub code: &'static str,
    pub detail: Box<str>,
    pub errors: Vec<FieldError>,
    pub retry_after_s: Option<u32>,
    /// Further members: of `insufficient_stock`, how many there are.
    pub more: Option<Box<Map<String, Value>>>,
    /// Further headers: `Allow` of a 405.
    pub headers: Vec<(&'static str, String)>,
    /// For the log alone.
    pub cause: Option<Box<str>>,
}

/// The JSON of a problem.
#[derive(Serialize, schemars::JsonSchema)]
#[schemars(rename = "Problem")]
pub struct ProblemBody<'a> {
    #[serde(rename = "type")]
    pub kind: String,
    pub title: &'a str,
    pub status: u16,
    pub detail: &'a str,
    pub code: &'a str,
    /// Whether the same request may succeed later.
    pub retryable: bool,
    pub request_id: &'a str,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    #[schemars(with = "Vec<FieldErrorBody>")]
    pub errors: &'a [FieldError],
    #[serde(flatten)]
    #[schemars(skip)]
    pub more: Option<&'a Map<String, Value>>,
}

#[derive(schemars::JsonSchema)]
#[schemars(rename = "FieldError")]
#[allow(dead_code, reason = "describes core's FieldError to OpenAPI")]
pub struct FieldErrorBody {
    field: String,
    code: String,
    message: String,
}

impl Problem {
    pub fn new(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Self {
        Problem {
            status,
            code,
            detail: detail.into().into_boxed_str(),
            errors: Vec::new(),
            retry_after_s: None,
            more: None,
            headers: Vec::new(),
            cause: None,
        }
    }

    pub fn bad_request(code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, detail)
    }

    pub fn invalid(errors: Vec<FieldError>) -> Self {
        let detail = match errors.as_slice() {
            [one] => format!("{} {}", one.field, one.message),
            many => format!("{} fields are not what they should be", many.len()),
        };
        Problem { errors, ..Self::new(StatusCode::UNPROCESSABLE_ENTITY, "validation_failed", detail) }
    }

    pub fn field(field: impl Into<String>, code: &'static str, message: impl Into<String>) -> Self {
        Self::invalid(vec![FieldError { field: field.into(), code, message: message.into() }])
    }

    pub fn not_found(what: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", format!("There is no such {what}."))
    }

    pub fn conflict(code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, code, detail)
    }

    pub fn internal(cause: impl Into<String>) -> Self {
        let detail = "Something is wrong on our side. The request id finds it in our logs.";
        let problem = Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", detail);
        Problem { cause: Some(cause.into().into_boxed_str()), ..problem }
    }

    pub fn unavailable(code: &'static str, detail: impl Into<String>, cause: impl Into<String>) -> Self {
        let problem = Self::new(StatusCode::SERVICE_UNAVAILABLE, code, detail);
        Problem { retry_after_s: Some(1), cause: Some(cause.into().into_boxed_str()), ..problem }
    }

    pub fn retry_after(mut self, seconds: u32) -> Self {
        self.retry_after_s = Some(seconds);
        self
    }

    pub fn header(mut self, name: &'static str, value: String) -> Self {
        self.headers.push((name, value));
        self
    }

    /// A further member of the problem, with what a program needs to act on it.
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.more.get_or_insert_default().insert(name.to_owned(), value.into());
        self
    }

    pub fn retryable(&self) -> bool {
        self.retry_after_s.is_some()
    }

    pub fn body(&self, request_id: &str) -> String {
        let body = ProblemBody {
            kind: format!("urn:bharatmart:problem:{}", self.code),
            title: self.status.canonical_reason().unwrap_or("Error"),
            status: self.status.as_u16(),
            detail: &self.detail,
            code: self.code,
            retryable: self.retryable(),
            request_id,
            errors: &self.errors,
            more: self.more.as_deref(),
        };
        serde_json::to_string(&body).unwrap_or_default()
    }
}

impl From<Fault> for Problem {
    fn from(fault: Fault) -> Self {
        let cause = fault.to_string();
        match fault {
            Fault::Away { port, .. } => {
                Self::unavailable("unavailable", format!("The {port} does not answer just now."), cause)
            }
            Fault::Busy { .. } => Self::unavailable("busy", "Too many want the same thing at once.", cause),
            Fault::Broken { .. } => Self::internal(cause),
        }
    }
}

impl From<CommitError> for Problem {
    /// For refusals a handler has no better words for.
    fn from(error: CommitError) -> Self {
        match error {
            CommitError::Refused(refusal) => match refusal {
                bharatmart_core::Refusal::FenceLost(_) => Self::conflict(
                    "request_in_progress",
                    "The same request was taken over by another attempt; ask again for its answer.",
                )
                .retry_after(1),
                other => Self::conflict("conflict", other.to_string()),
            },
            CommitError::Fault(fault) => fault.into(),
        }
    }
}
