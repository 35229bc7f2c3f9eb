//! The table, as `template.yaml` defines it: the one place where its keys and indexes are written.
//!
//! CloudFormation creates the table of a deployed stack. Where there is no stack (the embedded engine, a
//! test, `admin table create`) this module reads the same definition and makes the same table.

mod inspection;

use std::{fmt, time::Duration};

use aws_sdk_dynamodb::{
    Client,
    error::{ProvideErrorMetadata, SdkError},
    types::{
        AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType,
        PointInTimeRecoverySpecification, Projection, ProjectionType, ScalarAttributeType, StreamSpecification,
        StreamViewType, TableStatus, TimeToLiveSpecification,
    },
};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use serde::Deserialize;
use serde_norway::Value;

use crate::error::StoreError;

pub use inspection::{TableDescription, TableFeature, TableProperty};

const TEMPLATE: &str = include_str!("../../../template.yaml");

/// The time between looks at a new table. An on-demand table is active within seconds; DynamoDB promises no bound.
const ACTIVE_POLL: Duration = Duration::from_secs(1);
const ACTIVE_POLLS_MAX: u32 = 300;

/// Creates the table `name` as the template says and returns when it can be used.
///
/// Fails with [`CreateError::Exists`] if there is a table of this name, and leaves it as it is.
pub async fn create(client: &Client, name: &str) -> Result<(), CreateError> {
    let table = definition()?;
    client
        .create_table()
        .table_name(name)
        .set_attribute_definitions(Some(table.attributes()?))
        .set_key_schema(Some(keys(&table.key_schema)?))
        .set_global_secondary_indexes(Some(table.indexes()?))
        .billing_mode(BillingMode::from(table.billing_mode.as_str()))
        .set_stream_specification(table.stream()?)
        .deletion_protection_enabled(table.deletion_protection_enabled)
        .send()
        .await
        .map_err(|error| match error.as_service_error() {
            Some(service) if service.is_resource_in_use_exception() => CreateError::Exists,
            _ => CreateError::from(error),
        })?;
    active(client, name).await?;

    if let Some(time_to_live) = table.time_to_live()? {
        client.update_time_to_live().table_name(name).time_to_live_specification(time_to_live).send().await?;
    }
    if table.point_in_time_recovery_specification.enabled {
        let recovery = PointInTimeRecoverySpecification::builder()
            .point_in_time_recovery_enabled(true)
            .build()
            .map_err(CreateError::definition)?;
        recoverable(client, name, recovery).await?;
    }
    Ok(())
}

/// The reason why a table was not created.
#[derive(Debug)]
pub enum CreateError {
    /// A table of this name exists.
    Exists,
    /// A part of the template's definition is not understood, for this reason.
    Definition(String),
    /// DynamoDB refused or could not be reached.
    Request(StoreError),
    /// The table was created but did not become active in time.
    NotActive,
}

impl CreateError {
    fn definition(error: impl fmt::Display) -> Self {
        Self::Definition(error.to_string())
    }
}

impl fmt::Display for CreateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exists => f.write_str("a table of this name exists"),
            Self::Definition(reason) => write!(f, "the table in template.yaml: {reason}"),
            Self::Request(_) => f.write_str("DynamoDB did not create the table"),
            Self::NotActive => f.write_str("the table did not become active in time"),
        }
    }
}

impl std::error::Error for CreateError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Request(error) => Some(error),
            Self::Exists | Self::Definition(_) | Self::NotActive => None,
        }
    }
}

impl<E> From<SdkError<E, HttpResponse>> for CreateError
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    fn from(error: SdkError<E, HttpResponse>) -> Self {
        Self::Request(StoreError::from_sdk("CreateTable", error))
    }
}

async fn active(client: &Client, name: &str) -> Result<(), CreateError> {
    for _ in 0..ACTIVE_POLLS_MAX {
        let answer = client.describe_table().table_name(name).send().await?;
        let status = answer.table().and_then(|table| table.table_status());
        if status == Some(&TableStatus::Active) {
            return Ok(());
        }
        tokio::time::sleep(ACTIVE_POLL).await;
    }
    Err(CreateError::NotActive)
}

/// Switches the backups on. A new table refuses that for a while after it became active.
async fn recoverable(
    client: &Client,
    name: &str,
    recovery: PointInTimeRecoverySpecification,
) -> Result<(), CreateError> {
    for _ in 0..ACTIVE_POLLS_MAX {
        let answer = client
            .update_continuous_backups()
            .table_name(name)
            .point_in_time_recovery_specification(recovery.clone())
            .send()
            .await;
        match answer {
            Ok(_) => return Ok(()),
            // A local engine has no backups to switch on.
            Err(error) if error.code() == Some("UnknownOperationException") => return Ok(()),
            Err(error) if error.code() == Some("ContinuousBackupsUnavailableException") => {
                tokio::time::sleep(ACTIVE_POLL).await;
            }
            Err(error) => return Err(error.into()),
        }
    }
    Err(CreateError::NotActive)
}

/// The properties of the template's resource `Table` that make the table. Those that only a stack has
/// (tags, policies) are not read.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Definition {
    attribute_definitions: Vec<Attribute>,
    key_schema: Vec<Key>,
    #[serde(default)]
    global_secondary_indexes: Vec<Index>,
    billing_mode: String,
    stream_specification: Option<Stream>,
    time_to_live_specification: Option<TimeToLive>,
    #[serde(default)]
    point_in_time_recovery_specification: PointInTimeRecovery,
    #[serde(default)]
    deletion_protection_enabled: bool,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Attribute {
    attribute_name: String,
    attribute_type: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Key {
    attribute_name: String,
    key_type: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Index {
    index_name: String,
    key_schema: Vec<Key>,
    projection: IndexProjection,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct IndexProjection {
    projection_type: String,
    non_key_attributes: Option<Vec<String>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Stream {
    stream_view_type: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct TimeToLive {
    attribute_name: String,
    enabled: bool,
}

#[derive(Debug, Default, Deserialize)]
struct PointInTimeRecovery {
    #[serde(rename = "PointInTimeRecoveryEnabled")]
    enabled: bool,
}

impl Definition {
    fn attributes(&self) -> Result<Vec<AttributeDefinition>, CreateError> {
        self.attribute_definitions
            .iter()
            .map(|attribute| {
                AttributeDefinition::builder()
                    .attribute_name(&attribute.attribute_name)
                    .attribute_type(ScalarAttributeType::from(attribute.attribute_type.as_str()))
                    .build()
                    .map_err(CreateError::definition)
            })
            .collect()
    }

    fn indexes(&self) -> Result<Vec<GlobalSecondaryIndex>, CreateError> {
        self.global_secondary_indexes
            .iter()
            .map(|index| {
                let projection = &index.projection;
                GlobalSecondaryIndex::builder()
                    .index_name(&index.index_name)
                    .set_key_schema(Some(keys(&index.key_schema)?))
                    .projection(
                        Projection::builder()
                            .projection_type(ProjectionType::from(projection.projection_type.as_str()))
                            .set_non_key_attributes(projection.non_key_attributes.clone())
                            .build(),
                    )
                    .build()
                    .map_err(CreateError::definition)
            })
            .collect()
    }

    fn stream(&self) -> Result<Option<StreamSpecification>, CreateError> {
        self.stream_specification
            .as_ref()
            .map(|stream| {
                StreamSpecification::builder()
                    .stream_enabled(true)
                    .stream_view_type(StreamViewType::from(stream.stream_view_type.as_str()))
                    .build()
                    .map_err(CreateError::definition)
            })
            .transpose()
    }

    fn time_to_live(&self) -> Result<Option<TimeToLiveSpecification>, CreateError> {
        self.time_to_live_specification
            .as_ref()
            .map(|time_to_live| {
                TimeToLiveSpecification::builder()
                    .attribute_name(&time_to_live.attribute_name)
                    .enabled(time_to_live.enabled)
                    .build()
                    .map_err(CreateError::definition)
            })
            .transpose()
    }
}

fn keys(schema: &[Key]) -> Result<Vec<KeySchemaElement>, CreateError> {
    schema
        .iter()
        .map(|key| {
            KeySchemaElement::builder()
                .attribute_name(&key.attribute_name)
                .key_type(KeyType::from(key.key_type.as_str()))
                .build()
                .map_err(CreateError::definition)
        })
        .collect()
}

fn definition() -> Result<Definition, CreateError> {
    let template: Value = serde_norway::from_str(TEMPLATE).map_err(CreateError::definition)?;
    let properties = template
        .get("Resources")
        .and_then(|resources| resources.get("Table"))
        .and_then(|table| table.get("Properties"))
        .ok_or_else(|| CreateError::definition("there is no resource named Table"))?;
    let properties = Defaults { template: &template }.resolve(properties);
    serde_norway::from_value(properties).map_err(CreateError::definition)
}

/// The template as it is without a stack: each parameter is its default.
struct Defaults<'a> {
    template: &'a Value,
}

impl Defaults<'_> {
    /// `value` without CloudFormation's tags, most of which only a stack can evaluate: a `!Ref` to a parameter becomes the
    /// parameter's default, an `!If` what its condition says, anything else with a tag is left out.
    fn resolve(&self, value: &Value) -> Value {
        match value {
            Value::Tagged(tagged) => match (&tagged.value, tagged.tag == "Ref", tagged.tag == "If") {
                (Value::String(name), true, _) => self.parameter(name),
                (Value::Sequence(parts), _, true) => match parts.as_slice() {
                    [Value::String(name), then, otherwise] => match self.condition(name) {
                        Some(holds) => self.resolve(if holds { then } else { otherwise }),
                        None => Value::Null,
                    },
                    _ => Value::Null,
                },
                (_, _, _) => Value::Null,
            },
            Value::Sequence(values) => {
                let present = |value: &Value| !matches!(value, Value::Tagged(tagged) if tagged.tag == "If");
                let resolved = values.iter().map(|value| (present(value), self.resolve(value)));
                // What a condition leaves out of a list is no member of it.
                resolved.filter(|(is_member, value)| *is_member || !value.is_null()).map(|(_, value)| value).collect()
            }
            Value::Mapping(entries) => Value::Mapping(
                entries
                    .iter()
                    .map(|(key, value)| (key.clone(), self.resolve(value)))
                    .filter(|(_, value)| !value.is_null())
                    .collect(),
            ),
            plain => plain.clone(),
        }
    }

    fn parameter(&self, name: &str) -> Value {
        let parameter = self.template.get("Parameters").and_then(|parameters| parameters.get(name));
        parameter.and_then(|parameter| parameter.get("Default")).cloned().unwrap_or(Value::Null)
    }

    /// True if a condition of the template holds; none if it is not made of parameters and plain values.
    fn condition(&self, name: &str) -> Option<bool> {
        self.holds(self.template.get("Conditions")?.get(name)?)
    }

    fn holds(&self, condition: &Value) -> Option<bool> {
        let Value::Tagged(tagged) = condition else { return None };
        let parts = tagged.value.as_sequence().map(Vec::as_slice).unwrap_or_default();
        match (tagged.tag.to_string().as_str(), parts) {
            ("!Not", [condition]) => Some(!self.holds(condition)?),
            ("!Or", conditions) => {
                let all: Option<Vec<bool>> = conditions.iter().map(|condition| self.holds(condition)).collect();
                Some(all?.contains(&true))
            }
            ("!Equals", [one, other]) => Some(self.resolve(one) == self.resolve(other)),
            (_, _) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::{BY_EMAIL, BY_FIRST_NAME, BY_LAST_NAME, LISTS, OF_CANDIDATE, OF_JOB, SPARSE};

    #[test]
    fn the_template_defines_the_keys_and_indexes_that_the_code_uses() {
        let table = definition().unwrap();
        let names = |schema: &[Key]| {
            schema.iter().map(|key| (key.attribute_name.clone(), key.key_type.clone())).collect::<Vec<_>>()
        };
        let pair = |partition: &str, sort: &str| {
            vec![(partition.to_owned(), "HASH".to_owned()), (sort.to_owned(), "RANGE".to_owned())]
        };

        assert_eq!(names(&table.key_schema), pair("PK", "SK"));
        let indexes = &table.global_secondary_indexes;
        let used = [LISTS, SPARSE, OF_CANDIDATE, OF_JOB, BY_FIRST_NAME, BY_LAST_NAME, BY_EMAIL];
        assert_eq!(indexes.len(), used.len());
        // Lists and interviews have one sort key, lists and searches one partition key.
        assert_eq!(table.attribute_definitions.len(), 11, "an attribute of no key is refused");
        for (index, used) in indexes.iter().zip(used) {
            assert_eq!(index.index_name, used.name);
            assert_eq!(names(&index.key_schema), pair(used.partition_attribute, used.sort_attribute));
            assert_eq!(index.projection.projection_type, "KEYS_ONLY");
        }
        assert!(table.deletion_protection_enabled);
        assert!(table.point_in_time_recovery_specification.enabled);
        assert_eq!(table.stream_specification.unwrap().stream_view_type, "NEW_AND_OLD_IMAGES");
        assert_eq!(table.time_to_live_specification.unwrap().attribute_name, "expiresAt");
    }

    #[test]
    fn tags_that_only_a_stack_can_evaluate_do_not_hinder_reading() {
        let template: Value = serde_norway::from_str(
            "Parameters: { Protect: { Default: true } }\n\
             Conditions: { Yes: !Equals [!Ref Protect, true], No: !Not [!Or [!Equals [a, b], !Equals [a, a]]] }\n\
             Properties: { A: !Ref Protect, B: !Sub '${X}-table', C: [!Ref Missing, 1], D: plain,\n\
                           E: [!If [Yes, 1, 2], !If [No, 3, !Ref AWS::NoValue]] }",
        )
        .unwrap();
        let resolved = Defaults { template: &template }.resolve(&template["Properties"]);
        let expected: Value = serde_norway::from_str("{ A: true, C: [null, 1], D: plain, E: [1] }").unwrap();
        assert_eq!(resolved, expected);
    }
}
