//! One kind of question: the rows of a partition, of the table or of an index, in order. It follows the pages.

use super::item::{Item, s, values};
use super::shape::{IndexShape, PK, SK};
use super::{DynamoStore, fault};
use crate::aws::call;
use bharatmart_core::ports::Fault;

pub(super) struct Query {
    /// `None` asks the table itself, and then sees every write that was answered before.
    pub(super) index: Option<&'static IndexShape>,
    pub(super) partition: String,
    /// Only rows whose sort key is less.
    pub(super) below: Option<String>,
    /// Only rows whose sort key begins so; not both at once.
    pub(super) beginning: Option<String>,
    pub(super) descending: bool,
    pub(super) limit: usize,
}

impl Query {
    pub(super) fn table(partition: String) -> Query {
        Query { index: None, partition, below: None, beginning: None, descending: false, limit: usize::MAX }
    }
}

impl DynamoStore {
    pub(super) async fn query(&self, query: Query) -> Result<Vec<Item>, Fault> {
        let partition = (":pk", s(query.partition));
        let (partition_key, sort_key) = query.index.map_or((PK, SK), |index| (index.partition_key, index.sort_key));
        let (condition, values) = match (query.below, query.beginning) {
            (Some(below), _) => {
                (format!("{partition_key} = :pk AND {sort_key} < :below"), values([partition, (":below", s(below))]))
            }
            (None, Some(beginning)) => {
                let condition = format!("{partition_key} = :pk AND begins_with({sort_key}, :beginning)");
                (condition, values([partition, (":beginning", s(beginning))]))
            }
            (None, None) => (format!("{partition_key} = :pk"), values([partition])),
        };
        let mut items = Vec::new();
        let mut start = None;
        while items.len() < query.limit {
            let page = i32::try_from(query.limit - items.len()).ok();
            let ask = || {
                let ask = self.client.query().table_name(&self.table).set_limit(page);
                ask.set_index_name(query.index.map(|index| index.name.to_owned()))
                    .consistent_read(query.index.is_none())
                    .key_condition_expression(&condition)
                    .set_expression_attribute_values(values.clone())
                    .scan_index_forward(!query.descending)
                    .set_exclusive_start_key(start.clone())
                    .send()
            };
            let answer = call(&self.dependency, ask).await.map_err(fault)?;
            items.extend(answer.items.unwrap_or_default());
            start = answer.last_evaluated_key;
            if start.is_none() {
                break;
            }
        }
        Ok(items)
    }
}
