//! Collects what is wrong with an input, all of it at once, each with the field it is about.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize};

/// Why one value is not what it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invalid {
    pub code: &'static str,
    pub message: String,
}

impl Invalid {
    pub fn new(code: &'static str, message: impl Into<String>) -> Self {
        Invalid { code, message: message.into() }
    }
}

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Invalid {}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FieldError {
    /// The path in the input: `variants[0].price.amount`.
    pub field: String,
    pub code: &'static str,
    pub message: String,
}

#[derive(Debug, Default)]
pub struct Check {
    errors: Vec<FieldError>,
}

impl Check {
    pub fn new() -> Self {
        Self::default()
    }

    /// Keeps the value, or notes what is wrong with `field` and goes on.
    pub fn field<T>(&mut self, field: impl Into<String>, value: Result<T, Invalid>) -> Option<T> {
        value.map_err(|invalid| self.add(field, invalid)).ok()
    }

    pub fn add(&mut self, field: impl Into<String>, invalid: Invalid) {
        self.errors.push(FieldError { field: field.into(), code: invalid.code, message: invalid.message });
    }

    pub fn is_clean(&self) -> bool {
        self.errors.is_empty()
    }

    pub fn into_errors(self) -> Vec<FieldError> {
        self.errors
    }
}

/// Of a field where null means something: told apart from one that is absent, `Some(None)` is null.
pub fn given<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}
