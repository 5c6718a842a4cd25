//! The table's shape as data: tests create it from here, and the templates are generated from it.

use aws_config::SdkConfig;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType, Projection, ProjectionType,
    ScalarAttributeType, TimeToLiveSpecification,
};
use bharatmart_core::ports::Fault;

use super::broken;

/// Every key attribute is a string.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TableShape {
    pub partition_key: &'static str,
    pub sort_key: &'static str,
    pub indexes: &'static [IndexShape],
    /// Seconds since 1970; DynamoDB removes the item some time after. The shop does not rely on it.
    pub ttl: &'static str,
}

/// A global secondary index; a row is in it when it has both keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IndexShape {
    pub name: &'static str,
    pub partition_key: &'static str,
    pub sort_key: &'static str,
    /// What an index row holds besides the keys of table and index.
    pub projected: &'static [&'static str],
}

/// All rows of a kind: the products of a tenant, its users, the events of the deployment. Gathered, so sharded.
pub(super) const BY_KIND: IndexShape =
    IndexShape { name: "by_kind", partition_key: "kind_pk", sort_key: "kind_sk", projected: &[EVENT, RECORD] };

/// Rows of a kind that share something: the products of a category, the audit of a user, the events that are unsent.
pub(super) const BY_GROUP: IndexShape =
    IndexShape { name: "by_group", partition_key: "group_pk", sort_key: "group_sk", projected: &[EVENT, RECORD] };

pub(super) const PK: &str = "pk";
pub(super) const SK: &str = "sk";
pub(super) const EVENT: &str = "event";
/// `record` is a reserved word: no expression names it bare.
pub(super) const RECORD: &str = "record";
pub(super) const EXPIRES_AT: &str = "expires_at";

pub const fn table_shape() -> TableShape {
    TableShape { partition_key: PK, sort_key: SK, indexes: &[BY_KIND, BY_GROUP], ttl: EXPIRES_AT }
}

/// For tests and local emulators; in AWS the template makes the table.
pub async fn create_table(config: &SdkConfig, table: &str) -> Result<(), Fault> {
    let client = Client::new(config);
    let shape = table_shape();
    let mut create = client
        .create_table()
        .table_name(table)
        .billing_mode(BillingMode::PayPerRequest)
        .set_key_schema(Some(key_schema(shape.partition_key, shape.sort_key)?))
        .attribute_definitions(attribute(shape.partition_key)?)
        .attribute_definitions(attribute(shape.sort_key)?);
    for index in shape.indexes {
        create = create
            .attribute_definitions(attribute(index.partition_key)?)
            .attribute_definitions(attribute(index.sort_key)?)
            .global_secondary_indexes(secondary(index)?);
    }
    create.send().await.map_err(failed)?;
    let ttl = TimeToLiveSpecification::builder().attribute_name(shape.ttl).enabled(true).build().map_err(broken)?;
    client.update_time_to_live().table_name(table).time_to_live_specification(ttl).send().await.map_err(failed)?;
    Ok(())
}

fn secondary(index: &IndexShape) -> Result<GlobalSecondaryIndex, Fault> {
    let projected = index.projected.iter().map(|name| (*name).to_owned()).collect();
    let projection =
        Projection::builder().projection_type(ProjectionType::Include).set_non_key_attributes(Some(projected)).build();
    GlobalSecondaryIndex::builder()
        .index_name(index.name)
        .set_key_schema(Some(key_schema(index.partition_key, index.sort_key)?))
        .projection(projection)
        .build()
        .map_err(broken)
}

fn key_schema(partition: &str, sort: &str) -> Result<Vec<KeySchemaElement>, Fault> {
    [(partition, KeyType::Hash), (sort, KeyType::Range)]
        .into_iter()
        .map(|(name, kind)| KeySchemaElement::builder().attribute_name(name).key_type(kind).build().map_err(broken))
        .collect()
}

fn attribute(name: &str) -> Result<AttributeDefinition, Fault> {
    let string = AttributeDefinition::builder().attribute_name(name).attribute_type(ScalarAttributeType::S);
    string.build().map_err(broken)
}

fn failed(error: impl std::error::Error) -> Fault {
    broken(aws_smithy_types::error::display::DisplayErrorContext(error))
}
