//! Broken rules, and where they were broken.

use std::borrow::Cow;

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
    untimely: Vec<Issue>,
}

impl Issues {
    /// Reads what is at a member or an index below the current place.
    pub fn below<T>(&mut self, step: impl Into<Cow<'static, str>>, read: impl FnOnce(&mut Self) -> T) -> T {
        self.path.push(step.into());
        let value = read(self);
        self.path.pop();
        value
    }

    /// The rule is broken at the current place.
    pub fn add(&mut self, rule: &'static str, message: impl Into<String>) {
        let issue = self.here(rule, message);
        self.lasting.push(issue);
    }

    /// The rule is broken at the current place by the passing of time.
    pub fn add_untimely(&mut self, rule: &'static str, message: impl Into<String>) {
        let issue = self.here(rule, message);
        self.untimely.push(issue);
    }

    fn here(&self, rule: &'static str, message: impl Into<String>) -> Issue {
        let escape = |step: &Cow<'static, str>| format!("/{}", step.replace('~', "~0").replace('/', "~1"));
        Issue { pointer: self.path.iter().map(escape).collect(), rule, message: message.into() }
    }

    /// Issues that last, and those that the passing of time caused.
    pub fn into_parts(self) -> (Vec<Issue>, Vec<Issue>) {
        (self.lasting, self.untimely)
    }
}
