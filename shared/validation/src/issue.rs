//! Broken rules, and where they were broken.

use std::borrow::Cow;
use std::ops::Deref;

use domain::{PLACES_MAX_BYTES, VIOLATIONS_MAX, Violation};
use serde::Serialize;

/// Most issues that one answer lists.
pub const ISSUES_MAX: usize = VIOLATIONS_MAX;
/// Bytes of pointers at which the list of issues in one answer ends.
const POINTERS_MAX_BYTES: usize = PLACES_MAX_BYTES;
/// Most unknown names of a body that are compared with the known ones: enough for a slip, and a bound on the work that
/// a body of nothing but unknown names makes.
pub const SUGGESTIONS_MAX: usize = 10;

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

/// The issues of a request, in a stable order: at most [`ISSUES_MAX`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(inline))]
pub struct IssueList {
    /// In a stable order; at most 1,000.
    errors: Vec<Issue>,
    /// True if more rules are broken than are listed; otherwise absent.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    truncated: bool,
    /// The bytes of all pointers.
    #[serde(skip)]
    pointers_bytes: usize,
}

impl IssueList {
    /// Adds an issue, unless the list is full.
    pub fn push(&mut self, issue: Issue) {
        if self.errors.len() >= ISSUES_MAX || self.pointers_bytes >= POINTERS_MAX_BYTES {
            self.truncated = true;
        } else {
            self.pointers_bytes += issue.pointer.len();
            self.errors.push(issue);
        }
    }

    /// These issues and then the others.
    pub fn then(mut self, others: Self) -> Self {
        others.errors.into_iter().for_each(|issue| self.push(issue));
        self.truncated |= others.truncated;
        self
    }

    /// True if issues were found that the list had no room for.
    pub fn is_truncated(&self) -> bool {
        self.truncated
    }
}

impl Deref for IssueList {
    type Target = [Issue];

    fn deref(&self) -> &[Issue] {
        &self.errors
    }
}

impl From<Issue> for IssueList {
    fn from(issue: Issue) -> Self {
        Self::from_iter([issue])
    }
}

impl FromIterator<Issue> for IssueList {
    fn from_iter<T: IntoIterator<Item = Issue>>(issues: T) -> Self {
        let mut list = Self::default();
        issues.into_iter().for_each(|issue| list.push(issue));
        list
    }
}

/// The issues found so far, and the place that is being read.
pub struct Issues {
    path: Vec<Cow<'static, str>>,
    lasting: IssueList,
    expired: IssueList,
    suggestions_left: usize,
}

impl Default for Issues {
    fn default() -> Self {
        let (lasting, expired) = Default::default();
        Self { path: Vec::new(), lasting, expired, suggestions_left: SUGGESTIONS_MAX }
    }
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
        if !self.is_full() {
            let issue = self.here(violation);
            self.lasting.push(issue);
        }
    }

    /// True if an issue was found that there was no room for. Looking for more is of no use then.
    pub fn is_full(&self) -> bool {
        self.lasting.is_truncated()
    }

    /// There are more issues than were added.
    pub fn truncate(&mut self) {
        self.lasting.truncated = true;
    }

    /// True for the first few unknown names, which are compared with the known ones.
    pub fn take_suggestion(&mut self) -> bool {
        let left = self.suggestions_left.checked_sub(1);
        self.suggestions_left = left.unwrap_or_default();
        left.is_some()
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
    pub fn into_parts(self) -> (IssueList, IssueList) {
        (self.lasting, self.expired)
    }
}
