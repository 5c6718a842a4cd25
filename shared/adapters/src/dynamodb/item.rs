//! Words for DynamoDB's items: making values, and reading them back as what they must be.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use bharatmart_core::Timestamp;
use bharatmart_core::ports::Fault;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::broken;

pub(super) type Item = HashMap<String, AttributeValue>;

pub(super) fn s(text: impl Into<String>) -> AttributeValue {
    AttributeValue::S(text.into())
}

pub(super) fn n(number: impl ToString) -> AttributeValue {
    AttributeValue::N(number.to_string())
}

pub(super) fn millis(at: Timestamp) -> AttributeValue {
    n(at.millis())
}

/// For the table's time to live, which counts seconds and may come late but must not come early.
pub(super) fn seconds(at: Timestamp) -> AttributeValue {
    n(at.millis().div_euclid(1000).saturating_add(1))
}

/// A document in one attribute: its own order of fields is kept, and it is read in one piece anyway.
pub(super) fn json(document: &impl Serialize) -> Result<AttributeValue, Fault> {
    serde_json::to_string(document).map(AttributeValue::S).map_err(broken)
}

/// Values of an expression; `None` for an empty list, which DynamoDB refuses.
pub(super) fn values<const N: usize>(values: [(&str, AttributeValue); N]) -> Option<Item> {
    (N > 0).then(|| values.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

pub(super) fn text<'a>(item: &'a Item, name: &str) -> Result<&'a str, Fault> {
    match item.get(name) {
        Some(AttributeValue::S(text)) => Ok(text),
        _ => Err(broken(format!("an item without the text {name}"))),
    }
}

pub(super) fn number<T: std::str::FromStr>(item: &Item, name: &str) -> Result<T, Fault> {
    match item.get(name) {
        Some(AttributeValue::N(number)) => number.parse().map_err(|_| broken(format!("{name} is {number}"))),
        _ => Err(broken(format!("an item without the number {name}"))),
    }
}

pub(super) fn moment(item: &Item, name: &str) -> Result<Timestamp, Fault> {
    number(item, name).map(Timestamp::from_millis)
}

pub(super) fn document<T: DeserializeOwned>(item: &Item, name: &str) -> Result<T, Fault> {
    serde_json::from_str(text(item, name)?).map_err(|error| broken(format!("{name}: {error}")))
}
