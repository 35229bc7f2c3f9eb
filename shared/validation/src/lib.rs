//! Reading of untrusted JSON into commands of the domain, with every broken rule named at once.
//!
//! A request's body has a [`Shape`], written once, as a list of fields with their rules. Read against a body, it gives
//! a command or all issues, in the order of the list; described, it gives the JSON Schema that the OpenAPI document
//! publishes. So what is documented is what is checked.
//!
//! Knows nothing of HTTP or of what is stored. Rules that depend on stored state are the domain's.
//!
//! ```
//! use validation::{AgentShape, check_body};
//!
//! let refused = check_body(&AgentShape, br#"{"name": "A", "typ": "ONLINE"}"#).unwrap_err();
//! let validation::BodyError::Invalid(issues) = refused else { panic!() };
//! assert_eq!(issues[0].pointer, "/name");
//! assert_eq!(issues[0].rule, "minLength");
//! assert_eq!(issues.last().unwrap().message, "is not a known field; did you mean `type`?");
//! ```

mod agent;
mod candidate;
mod company;
mod fields;
mod interview;
mod issue;
mod job;
mod patch;
mod result;
mod rule;
mod schema;
mod webhook;

pub use agent::AgentShape;
pub use candidate::{CandidateShape, ChangedCandidateShape, CreateCandidateShape};
pub use company::CompanyShape;
pub use fields::{Fields, Shape};
pub use interview::{ChangedInterviewShape, InterviewShape};
pub use issue::{ISSUES_MAX, Issue, IssueList, SUGGESTIONS_MAX};
pub use job::{JobShape, LanguageRequirementShape, LocationShape, SalaryShape};
pub use patch::{
    AgentPatch, CandidatePatch, CompanyPatch, InterviewPatch, JobPatch, Patch, PatchError, PatchOf, Patched,
    WebhookPatch,
};
pub use result::{RESULT_NAMES, check_result, describe_results};
pub use schema::{describe, describe_patch};
pub use webhook::{ChangedWebhookShape, HeaderShape, WebhookShape};

use domain::json::{Json, JsonError};

use crate::fields::object;
use crate::issue::Issues;
use crate::rule::Rule as _;

/// A command that a body stands for.
#[derive(Debug, Clone, PartialEq)]
pub struct Checked<C> {
    /// The command.
    pub command: C,
    /// Rules that the body broke by now, though it may have kept them when it was first sent: times that had to lie
    /// in the future. They refuse a request, unless it turns out to be a repeat.
    pub expired: IssueList,
}

/// The reason why a body stands for no command.
#[derive(Debug, Clone, PartialEq)]
pub enum BodyError {
    /// The body is not JSON, or not an object. Line and column count from 1.
    Malformed {
        /// Line of the first fault.
        line: usize,
        /// Column of the first fault, in bytes.
        column: usize,
    },
    /// The body breaks these rules; at least one.
    Invalid(IssueList),
}

/// Reads a body against its shape.
pub fn check_body<S: Shape>(shape: &S, body: &[u8]) -> Result<Checked<S::Value>, BodyError> {
    let (command, lasting, expired) = read_object(shape, &parse_object(body)?);
    match command {
        Some(command) if lasting.is_empty() => Ok(Checked { command, expired }),
        Some(_) | None => Err(BodyError::Invalid(lasting.then(expired))),
    }
}

/// Reads a body as JSON that is an object.
fn parse_object(body: &[u8]) -> Result<Json<'_>, BodyError> {
    match Json::parse(body) {
        Ok(json @ Json::Object(_)) => Ok(json),
        Ok(_) => Err(BodyError::Malformed { line: 1, column: 1 }),
        Err(JsonError::Syntax { line, column }) => Err(BodyError::Malformed { line, column }),
        Err(error @ JsonError::TooDeep) => {
            let issue = Issue { pointer: String::new(), rule: "maxNesting", message: format!("is {error}") };
            Err(BodyError::Invalid(issue.into()))
        }
    }
}

/// Reads an object against its shape: the value, the issues that last, and those that the passing of time caused.
fn read_object<S: Shape>(shape: &S, json: &Json<'_>) -> (Option<S::Value>, IssueList, IssueList) {
    let mut issues = Issues::default();
    let value = object(shape).read(json, &mut issues);
    let (lasting, expired) = issues.into_parts();
    (value, lasting, expired)
}
