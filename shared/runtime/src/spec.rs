//! What OpenAPI tells about a route beyond its declaration: parameters, body and answers. Kept apart from `Route`, so
//! that a function's binary carries no schemas.

use crate::route::Route;
use schemars::{JsonSchema, Schema, SchemaGenerator};

/// A route and its description.
#[derive(Clone, Copy)]
pub struct Endpoint {
    pub route: &'static Route,
    pub spec: fn() -> Spec,
}

type SchemaFn = fn(&mut SchemaGenerator) -> Schema;

#[derive(Clone, Debug, Default)]
pub struct Spec {
    pub description: &'static str,
    pub params: Vec<Param>,
    pub body: Option<SchemaFn>,
    pub answers: Vec<SpecAnswer>,
    pub if_match: IfMatch,
    /// Problem codes this route answers with, beyond those that any may: (status, code).
    pub problems: Vec<(u16, &'static str)>,
}

/// Whether the route looks at which version the caller means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum IfMatch {
    #[default]
    Ignored,
    /// Honoured when the caller names one.
    Optional,
    /// 428 without.
    Required,
}

#[derive(Clone, Debug)]
pub struct SpecAnswer {
    pub status: u16,
    pub description: &'static str,
    pub schema: Option<SchemaFn>,
}

#[derive(Clone, Debug)]
pub struct Param {
    pub name: &'static str,
    pub place: Place,
    pub description: &'static str,
    pub required: bool,
    /// A JSON Schema as text: `{"type":"integer","minimum":1}`.
    pub schema: &'static str,
    /// A value to try it with; sample events use it.
    pub example: Option<&'static str>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    Path,
    Query,
}

impl Spec {
    pub fn new(description: &'static str) -> Self {
        Spec { description, ..Spec::default() }
    }

    pub fn path(mut self, name: &'static str, description: &'static str, example: &'static str) -> Self {
        let schema = r#"{"type":"string"}"#;
        let place = Place::Path;
        self.params.push(Param { name, place, description, required: true, schema, example: Some(example) });
        self
    }

    pub fn query(mut self, name: &'static str, schema: &'static str, description: &'static str) -> Self {
        let place = Place::Query;
        self.params.push(Param { name, place, description, required: false, schema, example: None });
        self
    }

    /// The query parameter must be there; the example shows one.
    pub fn required_query(
        mut self,
        name: &'static str,
        schema: &'static str,
        description: &'static str,
        example: &'static str,
    ) -> Self {
        let place = Place::Query;
        self.params.push(Param { name, place, description, required: true, schema, example: Some(example) });
        self
    }

    pub fn body<T: JsonSchema>(mut self) -> Self {
        self.body = Some(|generator| generator.subschema_for::<T>());
        self
    }

    pub fn answer<T: JsonSchema>(mut self, status: u16, description: &'static str) -> Self {
        let schema: SchemaFn = |generator| generator.subschema_for::<T>();
        self.answers.push(SpecAnswer { status, description, schema: Some(schema) });
        self
    }

    pub fn empty(mut self, status: u16, description: &'static str) -> Self {
        self.answers.push(SpecAnswer { status, description, schema: None });
        self
    }

    /// Takes `If-Match`, and answers with this problem when another version is there.
    pub fn if_match(self, status: u16, code: &'static str) -> Self {
        Spec { if_match: IfMatch::Optional, ..self.problem(status, code) }
    }

    /// Refuses a change that names no version by `If-Match`.
    pub fn must_match(self) -> Self {
        let spec = self.if_match(412, "version_changed").problem(428, "if_match_missing");
        Spec { if_match: IfMatch::Required, ..spec }
    }

    pub fn problem(mut self, status: u16, code: &'static str) -> Self {
        self.problems.push((status, code));
        self
    }
}
