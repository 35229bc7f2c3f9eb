//! The filter of the records that a function is invoked with.

use anyhow::{Context as _, Result, bail};
use serde_json::Value;
use serde_norway::Value as Yaml;

const TEMPLATE: &str = include_str!("../../../template.yaml");

/// Filter criteria, as Lambda has them: a record matches if it matches any of the patterns. Of Lambda's patterns only
/// exact values are understood.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    patterns: Vec<Value>,
}

impl Filter {
    /// The filter that every record matches.
    pub fn none() -> Self {
        Self::default()
    }

    /// The criteria of a mapping, by its name in the template.
    pub fn of_template(mapping: &str) -> Result<Self> {
        let template: Yaml = serde_norway::from_str(TEMPLATE)?;
        let filters = ["Resources", mapping, "Properties", "FilterCriteria", "Filters"]
            .into_iter()
            .try_fold(&template, |value, name| value.get(name))
            .and_then(Yaml::as_sequence)
            .with_context(|| format!("template.yaml: {mapping} has no filters"))?;
        let patterns = filters.iter().map(|filter| {
            let pattern =
                filter.get("Pattern").and_then(Yaml::as_str).context("template.yaml: a filter without pattern")?;
            Self::parse(pattern).with_context(|| format!("template.yaml: {pattern}"))
        });
        Ok(Self { patterns: patterns.collect::<Result<_>>()? })
    }

    fn parse(pattern: &str) -> Result<Value> {
        let pattern = serde_json::from_str(pattern)?;
        check(&pattern)?;
        Ok(pattern)
    }

    /// True for a record that a function is to be invoked with.
    pub fn matches(&self, record: &Value) -> bool {
        self.patterns.is_empty() || self.patterns.iter().any(|pattern| matches_pattern(record, pattern))
    }
}

fn check(pattern: &Value) -> Result<()> {
    match pattern {
        Value::Object(fields) => fields.values().try_for_each(check),
        Value::Array(values) if !values.iter().any(|value| value.is_object() || value.is_array()) => Ok(()),
        _ => bail!("a pattern that is not understood: {pattern}"),
    }
}

fn matches_pattern(value: &Value, pattern: &Value) -> bool {
    match pattern {
        Value::Object(fields) => {
            fields.iter().all(|(name, pattern)| value.get(name).is_some_and(|value| matches_pattern(value, pattern)))
        }
        Value::Array(values) => values.contains(value),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_record_matches_that_has_one_of_the_values_at_each_place() {
        let pattern = Filter::parse(r#"{"a": {"b": ["x", "y"]}, "c": [1]}"#).unwrap();
        let filter = Filter { patterns: vec![pattern, Filter::parse(r#"{"d": [true]}"#).unwrap()] };
        for record in [json!({"a": {"b": "y", "z": 0}, "c": 1}), json!({"d": true})] {
            assert!(filter.matches(&record), "{record}");
        }
        for record in [json!({}), json!({"a": {"b": "z"}, "c": 1}), json!({"a": {"b": "x"}}), json!({"d": "true"})] {
            assert!(!filter.matches(&record), "{record}");
        }
        assert!(Filter::none().matches(&json!({})));
    }

    #[test]
    fn what_is_not_understood_is_no_pattern() {
        for pattern in [r#"{"a": [{"prefix": "x"}]}"#, r#"{"a": "x"}"#, "[]{"] {
            assert!(Filter::parse(pattern).is_err(), "{pattern}");
        }
    }

    #[test]
    fn of_the_table_only_interviews_that_began_or_ended_match() {
        let filter = Filter::of_template("PublishEventsStream").unwrap();
        let record =
            |entity, status| json!({"dynamodb": {"NewImage": {"entityType": {"S": entity}, "status": {"S": status}}}});
        assert!(filter.matches(&record("Interview", "COMPLETED")));
        assert!(!filter.matches(&record("Interview", "SCHEDULED")));
        assert!(!filter.matches(&record("Agent", "COMPLETED")));
        assert!(!filter.matches(&json!({"dynamodb": {"OldImage": {}}})));
    }
}
