//! A record's fields to columns and back. A field without a value is NULL, and is left out when it is read.

use bharatmart_core::ports::Fault;
use bharatmart_core::record::{Document, Row};
use bharatmart_core::{Tenant, Timestamp};
use serde_json::Value as Json;

use super::engine::{Query, Value};
use super::rows::{Columns, broken};
use super::table_statements::Statements;
use super::tables::Type;

/// The values of a record, as `insert` and `update` take them. A field no column is there for is a mistake: it would be
/// lost.
pub(super) fn bind(query: Query, table: &Statements, tenant: &Tenant, row: &Row) -> Result<Query, Fault> {
    let known = |field: &str| table.fields.iter().any(|(name, _)| *name == field);
    if let Some(field) = row.fields.keys().find(|field| !known(field)) {
        return Err(broken(format_args!("no column keeps {field} of a {}", row.kind.name)));
    }
    let field = |name: &str, of: Type| {
        let kept = of.kept(row.fields.get(name));
        kept.ok_or_else(|| broken(format_args!("{name} of a {} is no {of:?}", row.kind.name)))
    };
    let mut query = query;
    for (name, of) in &table.written {
        query = query.with(field(name, *of)?);
    }
    query = query.with(tenant);
    for name in row.kind.within.into_iter().chain([row.kind.id]) {
        query = query.with(field(name, Type::Text)?);
    }
    Ok(query)
}

/// From a row of `find` or of a list.
pub(super) fn read<R: Columns>(table: &Statements, row: &R) -> Result<Document, Fault> {
    let mut document = Document::new();
    for (at, (name, of)) in table.fields.iter().enumerate() {
        if let Some(value) = of.read(row, at)? {
            document.insert((*name).to_owned(), value);
        }
    }
    Ok(document)
}

impl Type {
    /// `None` when it is of another type.
    fn kept(self, field: Option<&Json>) -> Option<Value> {
        let field = field.filter(|field| !field.is_null());
        Some(match (self, field) {
            (Type::Text | Type::Json, None) => Value::Text(None),
            (Type::Int | Type::Flag | Type::Time, None) => Value::Int(None),
            (Type::Text, Some(field)) => Value::from(field.as_str()?),
            (Type::Int, Some(field)) => Value::from(field.as_i64()?),
            (Type::Flag, Some(field)) => Value::from(i64::from(field.as_bool()?)),
            (Type::Time, Some(field)) => Value::from(Timestamp::parse(field.as_str()?).ok()?),
            (Type::Json, Some(field)) => Value::from(field.to_string()),
        })
    }

    fn read<R: Columns>(self, row: &R, at: usize) -> Result<Option<Json>, Fault> {
        Ok(match self {
            Type::Text => row.text(at)?.map(Json::from),
            Type::Int => row.int(at)?.map(Json::from),
            Type::Flag => row.int(at)?.map(|flag| Json::from(flag != 0)),
            Type::Time => row.int(at)?.map(|millis| Json::from(Timestamp::from_millis(millis).to_string())),
            Type::Json => row.text(at)?.map(serde_json::from_str).transpose().map_err(broken)?,
        })
    }
}
