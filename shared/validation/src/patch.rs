//! Changes by JSON merge patches (RFC 7396).
//!
//! What is stored, in the form of the body that would create it, is merged with the patch, and the result is read by the shape
//! of creation. So the result keeps every rule of creation, and every broken one is named at once.

use std::borrow::Cow;
use std::collections::HashMap;
use std::marker::PhantomData;
use std::str::FromStr;

use domain::json::Json;
use serde::Serialize;

use crate::agent::AgentShape;
use crate::candidate::ChangedCandidateShape;
use crate::company::CompanyShape;
use crate::fields::Shape;
use crate::interview::ChangedInterviewShape;
use crate::issue::IssueList;
use crate::job::JobShape;
use crate::webhook::ChangedWebhookShape;
use crate::{BodyError, parse_object, read_object};

/// The member with the caller's own data, in which a patch's `null` really removes. Everywhere else a member that is null
/// counts as absent, and keeping it lets the shape refuse an unknown name.
const METADATA: &str = "metadata";

type Members<'a> = Vec<(Cow<'a, str>, Json<'a>)>;

/// A shape whose objects, once they are stored, are changed by merge patches.
pub trait Patched: Shape {
    /// The patch's name among the OpenAPI document's schemas.
    const PATCH_NAME: &'static str;
}

/// Merge patches on the objects of a shape, of which only the name is needed where no patch is at hand.
pub struct PatchOf<S>(PhantomData<S>);

impl<S: Patched> PatchOf<S> {
    /// The patch's name among the OpenAPI document's schemas.
    pub const NAME: &'static str = S::PATCH_NAME;
}

/// The body of `PATCH /agents/{id}`.
pub type AgentPatch = PatchOf<AgentShape>;
/// The body of `PATCH /candidates/{id}`.
pub type CandidatePatch = PatchOf<ChangedCandidateShape>;
/// The body of `PATCH /interviews/{id}`.
pub type InterviewPatch = PatchOf<ChangedInterviewShape>;
/// The body of `PATCH /jobs/{id}`.
pub type JobPatch = PatchOf<JobShape>;
/// The body of `PATCH /companies/{id}`.
pub type CompanyPatch = PatchOf<CompanyShape>;

/// The body of `PATCH /webhooks/{id}`.
pub type WebhookPatch = PatchOf<ChangedWebhookShape>;

/// A merge patch as it was sent: an object. Its members are judged together with what they change.
#[derive(Debug, Clone)]
pub struct Patch(Vec<u8>);

/// The reason why a patch can't be applied.
#[derive(Debug)]
pub enum PatchError {
    /// The result would break these rules; at least one.
    Invalid(IssueList),
    /// A defect of ours: the stored form can't be written as JSON.
    Stored(serde_json::Error),
}

impl Patch {
    /// Reads a body as a patch.
    pub fn parse(body: &[u8]) -> Result<Self, BodyError> {
        parse_object(body)?;
        Ok(Self(body.to_vec()))
    }

    /// True if the patch says something of a member, be it that it is removed.
    pub fn names(&self, member: &str) -> bool {
        self.members().iter().any(|(name, _)| name == member)
    }

    /// The ids in a member, alone or in a list of at most `max`. What is no id is left to the shape, and so is a list that
    /// is longer.
    pub fn ids<I: FromStr>(&self, member: &str, max: usize) -> Vec<I> {
        let id = |json: &Json<'_>| match json {
            Json::String(text) => text.parse().ok(),
            Json::Null | Json::Bool(_) | Json::Number(_) | Json::Array(_) | Json::Object(_) => None,
        };
        let members = self.members();
        match members.iter().find(|(name, _)| name == member) {
            Some((_, Json::Array(items))) if items.len() <= max => items.iter().filter_map(id).collect(),
            Some((_, Json::Array(_))) | None => Vec::new(),
            Some((_, json)) => id(json).into_iter().collect(),
        }
    }

    /// The result of the patch on what is stored, by the shape of creation; absent if the patch is empty.
    ///
    /// A time that had to lie in the future when it was stored may have passed, unless the patch sets it.
    pub fn apply<S: Shape>(&self, shape: &S, stored: &impl Serialize) -> Result<Option<S::Value>, PatchError> {
        let patch = self.members();
        if patch.is_empty() {
            return Ok(None);
        }
        let stored = serde_json::to_string(stored).map_err(PatchError::Stored)?;
        let mut stored = members(stored.as_bytes());
        // Metadata is stored as text.
        let metadata = stored.iter().position(|(name, _)| name == METADATA).map(|at| stored.remove(at).1);
        if let Some(Json::String(text)) = &metadata {
            stored.push((Cow::Borrowed(METADATA), Json::parse(text.as_bytes()).unwrap_or(Json::Null)));
        }
        let merged = Json::Object(merge(stored, patch, false));
        let (value, lasting, expired) = read_object(shape, &merged);
        let named = |pointer: &str| pointer.split('/').nth(1).is_some_and(|member| self.names(member));
        let expired = expired.iter().filter(|issue| named(&issue.pointer)).cloned().collect();
        let issues = lasting.then(expired);
        match value {
            Some(value) if issues.is_empty() => Ok(Some(value)),
            Some(_) | None => Err(PatchError::Invalid(issues)),
        }
    }

    fn members(&self) -> Members<'_> {
        members(&self.0)
    }
}

fn members(text: &[u8]) -> Members<'_> {
    match Json::parse(text) {
        Ok(Json::Object(members)) => members,
        Ok(_) | Err(_) => Vec::new(),
    }
}

/// The target's members, changed by the patch's, and then those that only the patch has. A name that the patch has twice
/// stays twice, so that it is refused as at creation.
fn merge<'a>(target: Members<'a>, patch: Members<'a>, is_free: bool) -> Members<'a> {
    let mut values: HashMap<String, Vec<Json<'a>>> = HashMap::new();
    let mut names = Vec::new();
    for (name, value) in patch {
        let given = values.entry(name.to_string()).or_default();
        if given.is_empty() {
            names.push(name);
        }
        given.push(value);
    }
    let mut merged = Vec::new();
    let mut add = |name: Cow<'a, str>, old: Option<Json<'a>>, mut new: Vec<Json<'a>>| match (new.pop(), new.is_empty())
    {
        (None, _) => merged.extend(old.map(|old| (name, old))),
        (Some(only), true) => {
            let value = merge_value(old, only, is_free, name == METADATA);
            merged.extend(value.map(|value| (name, value)));
        }
        (Some(last), false) => {
            new.push(last);
            merged.extend(new.into_iter().map(|value| (name.clone(), value)));
        }
    };
    for (name, old) in target {
        let new = values.remove(name.as_ref()).unwrap_or_default();
        add(name, Some(old), new);
    }
    for name in names {
        if let Some(new) = values.remove(name.as_ref()) {
            add(name, None, new);
        }
    }
    merged
}

/// A member's value after the patch; none if it is removed.
fn merge_value<'a>(old: Option<Json<'a>>, new: Json<'a>, is_free: bool, is_metadata: bool) -> Option<Json<'a>> {
    match new {
        Json::Null => (!is_free).then_some(Json::Null),
        Json::Object(patch) => {
            let target = match old {
                Some(Json::Object(members)) => members,
                Some(_) | None => Vec::new(),
            };
            Some(Json::Object(merge(target, patch, is_free || is_metadata)))
        }
        Json::Bool(_) | Json::Number(_) | Json::String(_) | Json::Array(_) => Some(new),
    }
}
