//! Shapes: objects as lists of fields with rules.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use domain::Violation;
use domain::json::Json;
use serde::Serialize;
use serde_json::{Value, json};

use crate::issue::Issues;
use crate::rule::{Rule, wrong_type};

/// An object that a request may hold, declared field by field.
pub trait Shape {
    /// The value that such an object stands for.
    type Value;

    /// The shape's name among the OpenAPI document's schemas.
    const NAME: &'static str;

    /// Declares every field and every rule between fields, then puts the value together.
    ///
    /// All declarations come first, so that each is reached whatever the others give.
    fn fields<F: Fields>(&self, fields: &mut F) -> Option<Self::Value>;
}

/// Receives the declarations of a [`Shape`]: a reader of JSON, or a writer of JSON Schema.
pub trait Fields {
    /// A field that must be there. None if it is not, or breaks its rule.
    fn required<R: Rule>(&mut self, name: &'static str, rule: R, about: &'static str) -> Option<R::Value>;

    /// A field that may be absent or null. None if it is, or breaks its rule.
    fn optional<R: Rule>(&mut self, name: &'static str, rule: R, about: &'static str) -> Option<R::Value>;

    /// A field with a value of its own where it is absent or null.
    fn defaulted<R: Rule>(&mut self, name: &'static str, rule: R, default: R::Value, about: &'static str) -> R::Value
    where
        R::Value: Serialize;

    /// A rule between fields: how a schema says it (none, if no schema can), and, if it is broken, the field to
    /// name, the rule's name and its message. Schemas say it by conditions: of alternatives, generators of clients make
    /// types, or fields that are required.
    fn between(&mut self, schema: impl FnOnce() -> Option<Value>, broken: impl FnOnce(&dyn Presence) -> Option<Broken>);

    /// Exactly one of two fields.
    fn exactly_one(&mut self, first: &'static str, second: &'static str) {
        let schema = || Some(json!({"if": present(first), "then": {"not": present(second)}, "else": present(second)}));
        self.between(schema, |fields| match (fields.has(first), fields.has(second)) {
            (true, false) | (false, true) => None,
            (true, true) => Some((second, together_with(first))),
            (false, false) => Some((first, Violation::new("required", format!("must be given, or else `{second}`")))),
        });
    }

    /// At least one of two fields.
    fn at_least_one(&mut self, first: &'static str, second: &'static str) {
        let schema = || Some(json!({"if": {"not": present(first)}, "then": present(second)}));
        self.between(schema, |fields| {
            let violation = || Violation::new("required", format!("must be given, or else `{second}`, or both"));
            (!fields.has(first) && !fields.has(second)).then(|| (first, violation()))
        });
    }

    /// At most one of two fields.
    fn at_most_one(&mut self, first: &'static str, second: &'static str) {
        let schema = || Some(json!({"not": {"allOf": [present(first), present(second)]}}));
        self.between(schema, |fields| {
            (fields.has(first) && fields.has(second)).then(|| (second, together_with(first)))
        });
    }
}

/// A broken rule between fields, and the field that is named.
pub type Broken = (&'static str, Violation);

/// A field is given that another one excludes.
pub(crate) fn together_with(other: &str) -> Violation {
    Violation::new("exclusive", format!("must not be given together with `{other}`"))
}

/// Tells which fields of an object have a value.
pub trait Presence {
    /// The field's value as it was sent, right or wrong; none if it is absent or null.
    fn get(&self, name: &str) -> Option<&Json<'_>>;

    /// Tells if the field is there and not null.
    fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }
}

/// The schema of an object that has a value for a field.
pub(crate) fn present(name: &str) -> Value {
    json!({"required": [name], "properties": {name: {"not": {"type": "null"}}}})
}

/// The rule that a value is an object of that shape.
pub(crate) fn object<S: Shape>(shape: &S) -> Object<'_, S> {
    Object(shape)
}

pub(crate) struct Object<'a, S>(&'a S);

impl<S: Shape> Rule for Object<'_, S> {
    type Value = S::Value;

    fn read(&self, json: &Json<'_>, issues: &mut Issues) -> Option<S::Value> {
        let Json::Object(members) = json else {
            issues.add(wrong_type("an object", json));
            return None;
        };
        let mut reader = Reader { members, values: values(members), issues, known: Vec::new() };
        let value = self.0.fields(&mut reader);
        reader.refuse_unknown_and_duplicate();
        value
    }

    fn schema(&self) -> Value {
        json!({"$ref": format!("#/components/schemas/{}", S::NAME)})
    }
}

/// The first value of each member that is not null. So a field is found without a look at all other members.
fn values<'a, 'j>(members: &'a [(Cow<'j, str>, Json<'j>)]) -> HashMap<&'a str, &'a Json<'j>> {
    let given = members.iter().rev().filter(|(_, json)| *json != Json::Null);
    given.map(|(name, json)| (name.as_ref(), json)).collect()
}

struct Reader<'a, 'j> {
    members: &'a [(Cow<'j, str>, Json<'j>)],
    values: HashMap<&'a str, &'a Json<'j>>,
    issues: &'a mut Issues,
    known: Vec<&'static str>,
}

impl Reader<'_, '_> {
    fn refuse_unknown_and_duplicate(&mut self) {
        let mut seen = HashSet::new();
        for (name, _) in self.members {
            if self.issues.is_full() {
                return;
            }
            let repeated = !seen.insert(name.as_ref());
            self.issues.below(name.to_string(), |issues| {
                if repeated {
                    issues.add(Violation::new("duplicate", "must be given only once"));
                } else if !self.known.contains(&name.as_ref()) {
                    let message = if issues.take_suggestion() {
                        unknown_field(name, &self.known)
                    } else {
                        "is not a known field".to_owned()
                    };
                    issues.add(Violation::new("unknown", message));
                }
            });
        }
    }
}

/// Longer names resemble none of ours, and comparing them costs time.
const COMPARED_MAX_BYTES: usize = 64;
/// Share of a name that may differ from a known one for that to be suggested.
const RESEMBLANCE_MIN: f64 = 0.5;

fn unknown_field(name: &str, known: &[&'static str]) -> String {
    let nearest = known
        .iter()
        .filter(|_| name.len() <= COMPARED_MAX_BYTES)
        .map(|known| (strsim::normalized_damerau_levenshtein(&name.to_lowercase(), &known.to_lowercase()), known))
        .filter(|(resemblance, _)| *resemblance >= RESEMBLANCE_MIN)
        .max_by(|(a, _), (b, _)| a.total_cmp(b));
    match nearest {
        Some((_, nearest)) => format!("is not a known field; did you mean `{nearest}`?"),
        None => format!("is not a known field; known are {}", known.join(", ")),
    }
}

impl Presence for Reader<'_, '_> {
    fn get(&self, name: &str) -> Option<&Json<'_>> {
        self.values.get(name).copied()
    }
}

impl Fields for Reader<'_, '_> {
    fn required<R: Rule>(&mut self, name: &'static str, rule: R, about: &'static str) -> Option<R::Value> {
        if !self.has(name) {
            self.issues.below(name, |issues| issues.add(Violation::new("required", "must be given")));
        }
        self.optional(name, rule, about)
    }

    fn optional<R: Rule>(&mut self, name: &'static str, rule: R, _about: &'static str) -> Option<R::Value> {
        self.known.push(name);
        let json = *self.values.get(name)?;
        self.issues.below(name, |issues| rule.read(json, issues))
    }

    fn defaulted<R: Rule>(&mut self, name: &'static str, rule: R, default: R::Value, about: &'static str) -> R::Value
    where
        R::Value: Serialize,
    {
        self.optional(name, rule, about).unwrap_or(default)
    }

    fn between(
        &mut self,
        _schema: impl FnOnce() -> Option<Value>,
        broken: impl FnOnce(&dyn Presence) -> Option<Broken>,
    ) {
        if let Some((field, violation)) = broken(self) {
            self.issues.below(field, |issues| issues.add(violation));
        }
    }
}
