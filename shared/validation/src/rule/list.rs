//! Rules on lists.

use std::collections::HashSet;

use domain::Violation;
use domain::conducting::CONTENT_MAX_BYTES;
use domain::json::Json;
use domain::webhook::{WEBHOOK_HEADERS_MAX_BYTES, WebhookHeader};
use serde::Serialize;
use serde_json::{Value, json};

use super::{Rule, wrong_type};
use crate::issue::Issues;

/// A list of so many items.
pub(crate) struct List<R> {
    item: R,
    min: usize,
    max: usize,
}

pub(crate) fn list<R: Rule>(item: R, max: usize) -> List<R> {
    List { item, min: 0, max }
}

/// A list that must not be empty.
pub(crate) fn list_of_some<R: Rule>(item: R, max: usize) -> List<R> {
    List { item, min: 1, max }
}

impl<R: Rule> List<R> {
    fn items<'j, 'a>(&self, json: &'j Json<'a>) -> Result<&'j [Json<'a>], Violation> {
        match json {
            Json::Array(items) if items.len() < self.min => {
                Err(Violation::new("minItems", format!("must have at least {} item", self.min)))
            }
            Json::Array(items) if items.len() > self.max => {
                Err(Violation::new("maxItems", format!("must have at most {} items", self.max)))
            }
            Json::Array(items) => Ok(items),
            other => Err(wrong_type("a list", other)),
        }
    }
}

impl<R: Rule> Rule for List<R> {
    type Value = Vec<R::Value>;

    fn read(&self, json: &Json<'_>, issues: &mut Issues) -> Option<Vec<R::Value>> {
        let items = issues.accept(self.items(json))?;
        let read_item =
            |(index, item): (usize, _)| issues.below(index.to_string(), |issues| self.item.read(item, issues));
        let read: Vec<Option<R::Value>> = items.iter().enumerate().map(read_item).collect();
        read.into_iter().collect()
    }

    fn schema(&self) -> Value {
        let mut schema = json!({"type": "array", "items": self.item.schema(), "maxItems": self.max});
        if self.min > 0 {
            schema["minItems"] = json!(self.min);
        }
        schema
    }
}

/// A list of headers, no two of one name, and not too large together.
pub(crate) struct Headers<R>(pub R);

impl<R: Rule<Value = Vec<WebhookHeader>>> Rule for Headers<R> {
    type Value = Vec<WebhookHeader>;

    fn read(&self, json: &Json<'_>, issues: &mut Issues) -> Option<Vec<WebhookHeader>> {
        let headers = self.0.read(json, issues)?;
        let mut names = HashSet::new();
        for (index, header) in headers.iter().enumerate() {
            if !names.insert(header.name.as_str().to_ascii_lowercase()) {
                let violation = Violation::new("duplicate", "must differ from the others, whatever its case");
                issues.add_below([index.to_string(), "name".to_owned()], violation);
            }
        }
        if headers.iter().map(WebhookHeader::bytes).sum::<usize>() > WEBHOOK_HEADERS_MAX_BYTES {
            let message = format!("names and values together must have at most {WEBHOOK_HEADERS_MAX_BYTES} bytes");
            issues.add(Violation::new("maxBytes", message));
        }
        Some(headers)
    }

    fn schema(&self) -> Value {
        self.0.schema()
    }
}

/// A value that takes at most [`CONTENT_MAX_BYTES`] as compact JSON.
pub(crate) struct Content<R>(pub R);

impl<R: Rule<Value: Serialize>> Rule for Content<R> {
    type Value = R::Value;

    fn read(&self, json: &Json<'_>, issues: &mut Issues) -> Option<R::Value> {
        let value = self.0.read(json, issues)?;
        if serde_json::to_vec(&value).is_ok_and(|json| json.len() <= CONTENT_MAX_BYTES) {
            return Some(value);
        }
        let message = format!("must have at most {CONTENT_MAX_BYTES} bytes as compact JSON");
        issues.add(Violation::new("maxBytes", message));
        None
    }

    fn schema(&self) -> Value {
        self.0.schema()
    }
}
