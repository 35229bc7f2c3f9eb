//! Log lines, which are at the same time metrics (CloudWatch embedded metric format).

use std::error::Error;
use std::time::Duration;

use domain::time::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value, json};

const NAMESPACE: &str = "Greenroom";
/// The first dimension of every metric: the field that holds the stack's name.
const STACK: &str = "stack";

/// One line of the log, in JSON. Holds no body, no header, no address and no personal data.
#[derive(Debug, Clone)]
pub struct LogLine {
    time: Timestamp,
    fields: Map<String, Value>,
    /// The names of the metrics, by the fields that tell their series apart.
    metrics: Vec<(&'static [&'static str], Vec<&'static str>)>,
}

impl LogLine {
    /// A line of that time, at level INFO.
    pub fn new(time: Timestamp) -> Self {
        let fields = Map::from_iter([("level".to_owned(), json!("INFO")), ("time".to_owned(), json!(time))]);
        Self { time, fields, metrics: Vec::new() }
    }

    /// Adds a field, unless its value is absent.
    pub fn field(mut self, name: &str, value: impl Serialize) -> Self {
        // Strings, numbers and small structures of them: there is nothing in a line that JSON can't hold.
        let value = serde_json::to_value(value).unwrap_or_default();
        if !value.is_null() {
            self.fields.insert(name.to_owned(), value);
        }
        self
    }

    /// Adds the cause of a failure, if there is one, and then raises the level to ERROR.
    pub fn error(self, cause: Option<&str>) -> Self {
        match cause {
            Some(cause) => self.failed().field("error", cause),
            None => self,
        }
    }

    /// Raises the level to ERROR.
    pub fn failed(self) -> Self {
        self.field("level", "ERROR")
    }

    /// Adds a count as a field that is a metric. The dimensions are fields of the line; the stack is one of them anyway.
    pub fn count(mut self, dimensions: &'static [&'static str], name: &'static str, count: u64) -> Self {
        match self.metrics.iter_mut().find(|(own, _)| *own == dimensions) {
            Some((_, names)) => names.push(name),
            None => self.metrics.push((dimensions, vec![name])),
        }
        self.field(name, count)
    }

    /// The line as it is written by a function of that stack, in JSON.
    pub fn of_stack(&self, stack: &str) -> String {
        let directive = |(dimensions, names): &(&[&str], Vec<&str>)| {
            let dimensions: Vec<&str> = [STACK].iter().chain(*dimensions).copied().collect();
            let metrics: Vec<Value> = names.iter().map(|name| json!({"Name": name, "Unit": "Count"})).collect();
            json!({"Namespace": NAMESPACE, "Dimensions": [dimensions], "Metrics": metrics})
        };
        let directives: Vec<Value> = self.metrics.iter().map(directive).collect();
        let mut line = self.fields.clone();
        line.insert(STACK.to_owned(), json!(stack));
        line.insert("_aws".to_owned(), json!({"Timestamp": self.time.epoch_ms(), "CloudWatchMetrics": directives}));
        Value::Object(line).to_string()
    }
}

/// Milliseconds with three decimals.
pub fn milliseconds(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 1e6).round() / 1e3
}

/// An error with all its causes, outermost first.
pub fn chain(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}
