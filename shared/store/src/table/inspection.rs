//! The table that there is, compared with the one that the template defines.

use aws_sdk_dynamodb::types::{
    AttributeDefinition, GlobalSecondaryIndexDescription, IndexStatus, KeySchemaElement, PointInTimeRecoveryStatus,
    ProjectionType, StreamSpecification, TableStatus, TimeToLiveStatus,
};

use super::{Attribute, Definition, Index, IndexProjection, Key, definition};
use crate::Store;
use crate::error::StoreError;
use crate::operator::OperatorError;

/// A feature of the table that the template defines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TableFeature {
    /// The primary key.
    Keys,
    /// The index of that name.
    Index(String),
    /// The stream of changes.
    Stream,
    /// The attribute by which items are deleted.
    TimeToLive,
    /// The restoring to any second.
    PointInTimeRecovery,
    /// The protection from being deleted.
    DeletionProtection,
}

/// A feature of the table, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableProperty {
    /// The feature.
    pub feature: TableFeature,
    /// The template's definition of it.
    pub defined: String,
    /// The same of the table that there is.
    pub found: String,
}

/// The answer of DynamoDB about the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableDescription {
    /// The status, such as `ACTIVE`.
    pub status: String,
    /// Keys, indexes, stream and protection.
    pub properties: Vec<TableProperty>,
}

impl TableDescription {
    /// True if the table can be used and nothing about it is being changed.
    pub fn is_active(&self) -> bool {
        self.status == TableStatus::Active.as_str()
    }

    /// True if the table can be used.
    pub fn is_usable(&self) -> bool {
        self.is_active() || self.status == TableStatus::Updating.as_str()
    }
}

const OFF: &str = "off";
const ABSENT: &str = "none";

impl Store {
    /// The status of the table, and what DynamoDB's description says of it.
    pub async fn describe_table(&self) -> Result<TableDescription, OperatorError> {
        let defined = definition().map_err(OperatorError::Table)?;
        let answer = self.client.describe_table().table_name(&self.table).send().await;
        let answer = answer.map_err(|error| StoreError::from_sdk("DescribeTable", error))?;
        let Some(table) = answer.table() else { return Err(no_description("DescribeTable")) };

        let attributes: Vec<_> = table.attribute_definitions().iter().map(Attribute::from).collect();
        let mut properties = vec![TableProperty {
            feature: TableFeature::Keys,
            defined: keys_in_words(&defined.key_schema, &defined.attribute_definitions),
            found: keys_in_words(&keys(table.key_schema()), &attributes),
        }];
        for index in &defined.global_secondary_indexes {
            let mut found = table.global_secondary_indexes().iter();
            let found = found.find(|found| found.index_name() == Some(&index.index_name));
            properties.push(TableProperty {
                feature: TableFeature::Index(index.index_name.clone()),
                defined: index_in_words(index, &defined),
                found: found.map_or_else(|| ABSENT.to_owned(), |found| found_index_in_words(found, &attributes)),
            });
        }
        properties.push(TableProperty {
            feature: TableFeature::Stream,
            defined: defined.stream_specification.map_or_else(|| OFF.to_owned(), |stream| stream.stream_view_type),
            found: stream_in_words(table.stream_specification()),
        });
        properties.push(TableProperty {
            feature: TableFeature::DeletionProtection,
            defined: on_or_off(defined.deletion_protection_enabled),
            found: on_or_off(table.deletion_protection_enabled().unwrap_or_default()),
        });
        let status = table.table_status().map_or_else(|| "UNKNOWN".to_owned(), |status| status.as_str().to_owned());
        Ok(TableDescription { status, properties })
    }

    /// The attribute by which the table deletes items.
    pub async fn time_to_live(&self) -> Result<TableProperty, OperatorError> {
        let defined = definition().map_err(OperatorError::Table)?.time_to_live_specification;
        let answer = self.client.describe_time_to_live().table_name(&self.table).send().await;
        let answer = answer.map_err(|error| StoreError::from_sdk("DescribeTimeToLive", error))?;
        let is_on =
            |status: &TimeToLiveStatus| [TimeToLiveStatus::Enabled, TimeToLiveStatus::Enabling].contains(status);
        let found = answer.time_to_live_description().filter(|found| found.time_to_live_status().is_some_and(is_on));
        let found = found.and_then(|found| found.attribute_name());
        let defined = defined.filter(|defined| defined.enabled).map(|defined| defined.attribute_name);
        Ok(TableProperty {
            feature: TableFeature::TimeToLive,
            defined: defined.unwrap_or_else(|| OFF.to_owned()),
            found: found.unwrap_or(OFF).to_owned(),
        })
    }

    /// The restoring to any second of the last weeks: on or off.
    pub async fn point_in_time_recovery(&self) -> Result<TableProperty, OperatorError> {
        let defined = definition().map_err(OperatorError::Table)?.point_in_time_recovery_specification.enabled;
        let answer = self.client.describe_continuous_backups().table_name(&self.table).send().await;
        let answer = answer.map_err(|error| StoreError::from_sdk("DescribeContinuousBackups", error))?;
        let found =
            answer.continuous_backups_description().and_then(|found| found.point_in_time_recovery_description());
        let found = found.and_then(|found| found.point_in_time_recovery_status());
        Ok(TableProperty {
            feature: TableFeature::PointInTimeRecovery,
            defined: on_or_off(defined),
            found: on_or_off(found == Some(&PointInTimeRecoveryStatus::Enabled)),
        })
    }
}

fn no_description(operation: &'static str) -> OperatorError {
    StoreError::unknown(operation, "the answer has no description").into()
}

fn on_or_off(is_on: bool) -> String {
    if is_on { "on" } else { OFF }.to_owned()
}

impl From<&AttributeDefinition> for Attribute {
    fn from(attribute: &AttributeDefinition) -> Self {
        Self {
            attribute_name: attribute.attribute_name().to_owned(),
            attribute_type: attribute.attribute_type().as_str().to_owned(),
        }
    }
}

fn keys(schema: &[KeySchemaElement]) -> Vec<Key> {
    let key = |key: &KeySchemaElement| Key {
        attribute_name: key.attribute_name().to_owned(),
        key_type: key.key_type().as_str().to_owned(),
    };
    schema.iter().map(key).collect()
}

/// Attributes with their types, the partition key first.
fn keys_in_words(keys: &[Key], attributes: &[Attribute]) -> String {
    let mut keys: Vec<_> = keys.iter().collect();
    keys.sort_by_key(|key| key.key_type.as_str());
    let r#type = |name: &str| attributes.iter().find(|attribute| attribute.attribute_name == name);
    let words = keys.iter().map(|Key { attribute_name, .. }| {
        format!("{attribute_name} ({})", r#type(attribute_name).map_or("?", |found| found.attribute_type.as_str()))
    });
    words.collect::<Vec<_>>().join(", ")
}

fn index_in_words(index: &Index, table: &Definition) -> String {
    let keys = keys_in_words(&index.key_schema, &table.attribute_definitions);
    format!("{keys}, {}", projection_in_words(&index.projection))
}

fn found_index_in_words(index: &GlobalSecondaryIndexDescription, attributes: &[Attribute]) -> String {
    let projection = index.projection();
    let projected = IndexProjection {
        projection_type: projection
            .and_then(|projection| projection.projection_type())
            .map_or(ABSENT, ProjectionType::as_str)
            .to_owned(),
        non_key_attributes: projection.map(|projection| projection.non_key_attributes().to_vec()),
    };
    let keys = keys_in_words(&keys(index.key_schema()), attributes);
    let status = match index.index_status() {
        None | Some(IndexStatus::Active) => String::new(),
        Some(status) => format!(", {}", status.as_str()),
    };
    format!("{keys}, {}{status}", projection_in_words(&projected))
}

fn projection_in_words(projection: &IndexProjection) -> String {
    let mut attributes = projection.non_key_attributes.clone().unwrap_or_default();
    attributes.sort();
    format!("{} {}", projection.projection_type, attributes.join(" ")).trim_end().to_owned()
}

fn stream_in_words(stream: Option<&StreamSpecification>) -> String {
    let view = stream.filter(|stream| stream.stream_enabled()).and_then(|stream| stream.stream_view_type());
    view.map_or(OFF, |view| view.as_str()).to_owned()
}
