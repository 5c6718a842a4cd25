//! One conditional update outside of a commit: its condition is the whole of the decision.

use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{ReturnValue, ReturnValuesOnConditionCheckFailure};
use bharatmart_core::ports::Fault;

use super::item::Item;
use super::keys::Key;
use super::{DynamoStore, fault};
use crate::aws::{Failed, call};

/// The item after an update whose condition held, or as it stood in the way.
pub(super) enum Updated {
    Yes(Item),
    No(Item),
}

impl DynamoStore {
    pub(super) async fn update_if(
        &self,
        key: Key,
        condition: &str,
        update: &str,
        values: Option<Item>,
    ) -> Result<Updated, Fault> {
        let key = key.item();
        let update = || {
            self.client
                .update_item()
                .table_name(&self.table)
                .set_key(Some(key.clone()))
                .condition_expression(condition)
                .update_expression(update)
                .set_expression_attribute_values(values.clone())
                .return_values(ReturnValue::AllNew)
                .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
                .send()
        };
        match call(&self.dependency, update).await {
            Ok(updated) => Ok(Updated::Yes(updated.attributes.unwrap_or_default())),
            Err(Failed::Told(UpdateItemError::ConditionalCheckFailedException(refused), _)) => {
                Ok(Updated::No(refused.item.unwrap_or_default()))
            }
            Err(failed) => Err(fault(failed)),
        }
    }
}
