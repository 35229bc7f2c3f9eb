//! Broken rules, and where they were broken.

use std::borrow::Cow;

use domain::Violation;
use serde::Serialize;

/// One broken rule of a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Issue {
    /// Where: an RFC 6901 JSON pointer into the body, `?name` for a query parameter or `header:Name`.
    pub pointer: String,
    /// Which rule, by a stable name.
    pub rule: &'static str,
    /// What the rule demands. Never holds the refused value.
    pub message: String,
}

/// The issues found so far, and the place that is being read.
#[derive(Default)]
pub struct Issues {
    path: Vec<Cow<'static, str>>,
    lasting: Vec<Issue>,
    expired: Vec<Issue>,
}

impl Issues {
    /// Reads what is at a member or an index below the current place.
    pub fn below<T>(&mut self, step: impl Into<Cow<'static, str>>, read: impl FnOnce(&mut Self) -> T) -> T {
        self.path.push(step.into());
        let value = read(self);
        self.path.pop();
        value
    }

    /// The value at the current place, or none and an issue.
    pub fn accept<T>(&mut self, read: Result<T, Violation>) -> Option<T> {
        read.map_err(|violation| self.add(violation)).ok()
    }

    /// The rule is broken at the current place.
    pub fn add(&mut self, violation: Violation) {
        let issue = self.here(violation);
        self.lasting.push(issue);
    }

    /// The rule is broken at a place below the current one.
    pub fn add_below(&mut self, path: impl IntoIterator<Item = String>, violation: Violation) {
        let depth = self.path.len();
        self.path.extend(path.into_iter().map(Cow::Owned));
        self.add(violation);
        self.path.truncate(depth);
    }

    /// The rule is broken at the current place by the passing of time.
    pub fn add_expired(&mut self, violation: Violation) {
        let issue = self.here(violation);
        self.expired.push(issue);
    }

    fn here(&self, Violation { rule, message }: Violation) -> Issue {
        let escape = |step: &Cow<'static, str>| format!("/{}", step.replace('~', "~0").replace('/', "~1"));
        Issue { pointer: self.path.iter().map(escape).collect(), rule, message }
    }

    /// Issues that last, and those that the passing of time caused.
    pub fn into_parts(self) -> (Vec<Issue>, Vec<Issue>) {
        (self.lasting, self.expired)
    }
}
