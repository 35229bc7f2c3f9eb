//! Valid documents, and how cases change them.

use std::fmt::{self, Debug};

use domain::agent::AgentProfile;
use domain::interview::CreateInterview;
use domain::time::Timestamp;
use domain::webhook::{ChangedWebhook, CreateWebhook, OwnHosts, Targets, WebhookPorts};
use serde_json::Value;
use validation::{
    AgentShape, BodyError, ChangedWebhookShape, Checked, InterviewShape, Issue, Shape, WebhookShape, check_body,
};

use crate::agreement::disagreement;

/// The present of every test.
pub const NOW: &str = "2026-11-22T12:00:00Z";

/// A valid body to begin with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Base {
    /// An agent with every field.
    Agent,
    /// An interview that brings along all that it needs, with every field.
    Inline,
    /// An interview of existing resources.
    Existing,
    /// An interview of a new candidate for an existing job.
    Assigned,
    /// A webhook with every field, where only public addresses are posted to.
    Webhook,
    /// A webhook as a change of every field leaves it.
    Change,
}

pub const BASES: [Base; 6] = [Base::Agent, Base::Inline, Base::Existing, Base::Assigned, Base::Webhook, Base::Change];

const AGENT: &str = r#"{
    "name": "Screening, English",
    "type": "PHONE",
    "focus": "SCREENING",
    "language": "EN",
    "duration": 30,
    "questions": ["Why us?", "Why now?"],
    "instructions": "Be kind.\nBe brief.",
    "voiceId": "ALEX",
    "companyPhoneNumberId": "3f2a8c1e-5b7d-4e9a-8c6f-1d2e3f4a5b6c",
    "backgroundSound": "OFF",
    "cefrLevel": "B2",
    "metadata": {"team": "north"}
}"#;

const INLINE: &str = r#"{
    "candidate": {
        "firstName": "Žofia",
        "lastName": "Nováková",
        "gdprExpiryDate": "2027-11-22",
        "email": "zofia@example.com",
        "phoneNumber": "+421901234567",
        "metadata": {"source": "fair"}
    },
    "agent": AGENT,
    "job": {
        "title": "Warehouse lead",
        "description": "Leads a team of ten.",
        "jobUrl": "https://example.com/jobs/1",
        "benefits": "Meal vouchers",
        "requiredSkills": ["Leading"],
        "niceToHaveSkills": ["Forklift"],
        "languageRequirements": [{"language": "SK", "proficiency": "C1"}],
        "education": ["BACHELOR_LEVEL"],
        "experience": "ONE_TO_3_YEARS",
        "contractType": "FULL_TIME",
        "status": "OPEN",
        "location": {
            "workMode": "ONSITE",
            "street": "Hlavná 1",
            "city": "Košice",
            "postalCode": "040 01",
            "countryCode": "SK"
        },
        "salary": {"min": 1500, "max": 2000.5, "currency": "EUR", "period": "MONTHLY"},
        "metadata": {"ref": 17}
    },
    "scheduleTime": "2026-11-23T09:00:00+01:00",
    "isTest": false,
    "metadata": {"campaign": "autumn"}
}"#;

const EXISTING: &str = r#"{
    "candidateId": "0d4f6a52-8c1e-4b7a-9f3d-2e5c6b7a8d90",
    "agentId": "1e5a7b63-9d2f-4c8b-8a4e-3f6d7c8b9ea1",
    "jobId": "2f6b8c74-ae30-4d9c-9b5f-407e8d9cafb2"
}"#;

const ASSIGNED: &str = r#"{
    "candidate": {
        "firstName": "Žofia",
        "lastName": "Nováková",
        "gdprExpiryDate": "2027-11-22T00:00:00+01:00",
        "email": "zofia@example.com",
        "jobId": "2f6b8c74-ae30-4d9c-9b5f-407e8d9cafb2"
    },
    "agentId": "1e5a7b63-9d2f-4c8b-8a4e-3f6d7c8b9ea1"
}"#;

const WEBHOOK: &str = r#"{
    "url": "https://example.com/hooks",
    "events": ["interview.completed", "ANALYSIS_COMPLETED"],
    "name": "Ours",
    "description": "For the warehouse.\nAsk Žofia.",
    "headers": [{"name": "Authorization", "value": "Bearer abc"}, {"name": "X-Team", "value": "north"}],
    "companyId": "4b8dae96-c052-4fbe-9d71-629fafbed1c4"
}"#;

/// A random value that a failed test prints as JSON.
#[derive(Clone)]
pub struct Json(pub Value);

impl fmt::Debug for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

/// Random bytes that a failed test prints as text, with what is not visible ASCII escaped.
#[derive(Clone)]
pub struct Bytes(pub Vec<u8>);

impl fmt::Debug for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0.escape_ascii(), f)
    }
}

/// The result of checking a body.
#[derive(Debug, PartialEq)]
pub enum Outcome {
    /// The body is accepted, save perhaps for times that have passed.
    Accepted { expired: Vec<Issue> },
    /// The body is not JSON, or not an object.
    Malformed { line: usize, column: usize },
    /// The body breaks rules.
    Refused(Vec<Issue>),
}

impl Outcome {
    fn of<C>(checked: Result<Checked<C>, BodyError>) -> Self {
        match checked {
            Ok(Checked { expired, .. }) => Self::Accepted { expired: expired.to_vec() },
            Err(BodyError::Malformed { line, column }) => Self::Malformed { line, column },
            Err(BodyError::Invalid(issues)) => Self::Refused(issues.to_vec()),
        }
    }

    /// Every issue as pointer and rule.
    pub fn issues(&self) -> Vec<(&str, &str)> {
        let issues = match self {
            Self::Accepted { expired: issues } | Self::Refused(issues) => issues.as_slice(),
            Self::Malformed { .. } => panic!("malformed"),
        };
        issues.iter().map(|issue| (issue.pointer.as_str(), issue.rule)).collect()
    }
}

impl Base {
    /// The document itself.
    pub fn value(self) -> Value {
        let text = match self {
            Self::Agent => AGENT.to_owned(),
            Self::Inline => INLINE.replace("AGENT", AGENT),
            Self::Existing => EXISTING.to_owned(),
            Self::Assigned => ASSIGNED.to_owned(),
            Self::Webhook => WEBHOOK.to_owned(),
            Self::Change => WEBHOOK.replacen('{', r#"{"isActive": false,"#, 1),
        };
        serde_json::from_str(&text).unwrap()
    }

    /// The name of the schema that documents it.
    pub fn schema(self) -> &'static str {
        match self {
            Self::Agent => AgentShape::NAME,
            Self::Inline | Self::Existing | Self::Assigned => InterviewShape::NAME,
            Self::Webhook => WebhookShape::NAME,
            Self::Change => ChangedWebhookShape::NAME,
        }
    }

    /// The document's text, changed at some places.
    ///
    /// A change is a pointer and what stands there instead: any text, JSON or not, so that it may go on with a second
    /// member of the same name; nothing, and the member is left out. `«text×n»` repeats a text.
    pub fn with(self, changes: &[(&str, &str)]) -> String {
        let mut document = self.value();
        let mut raw_texts = Vec::new();
        for (pointer, raw) in changes {
            let (parent, name) = pointer.rsplit_once('/').unwrap();
            let name = name.replace("~1", "/").replace("~0", "~");
            match document.pointer_mut(parent).unwrap_or_else(|| panic!("{self:?} has no {parent}")) {
                Value::Object(members) if raw.is_empty() => drop(members.remove(&name)),
                Value::Object(members) => {
                    let placeholder = Value::from(format!("<{}>", raw_texts.len()));
                    raw_texts.push((placeholder.to_string(), repeated(raw)));
                    members.insert(name, placeholder);
                }
                _ => panic!("{parent} is not an object"),
            }
        }
        raw_texts.iter().fold(document.to_string(), |text, (placeholder, raw)| text.replace(placeholder, raw))
    }

    /// The result of checking a body of this kind at the tests' present.
    pub fn check(self, body: &[u8]) -> Outcome {
        match self {
            Self::Agent => Outcome::of(check_body(&AgentShape, body)),
            Self::Inline | Self::Existing | Self::Assigned => {
                Outcome::of(check_body(&InterviewShape { now: at(NOW) }, body))
            }
            Self::Webhook => Outcome::of(check_body(&webhook_shape(Targets::Public), body)),
            Self::Change => Outcome::of(check_body(&ChangedWebhookShape(webhook_shape(Targets::Public)), body)),
        }
    }

    /// The result of checking the document with these changes, with which its schema must agree.
    #[track_caller]
    pub fn check_with(self, changes: &[(&str, &str)]) -> Outcome {
        let body = self.with(changes);
        assert_eq!(disagreement(self, &body), None);
        self.check(body.as_bytes())
    }

    #[track_caller]
    pub fn accepts(self, pointer: &str, raw: &str) {
        let outcome = self.check_with(&[(pointer, raw)]);
        assert_eq!(outcome, Outcome::Accepted { expired: Vec::new() }, "{self:?}{pointer} = {raw}");
    }

    #[track_caller]
    pub fn refuses(self, pointer: &str, raw: &str, issues: &[(&str, &str)]) {
        let outcome = self.check_with(&[(pointer, raw)]);
        assert!(matches!(outcome, Outcome::Refused(_)), "{self:?}{pointer} = {raw}: {outcome:?}");
        assert_eq!(outcome.issues(), issues, "{self:?}{pointer} = {raw}");
    }
}

pub fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub fn agent(body: &str) -> AgentProfile {
    check_body(&AgentShape, body.as_bytes()).unwrap().command
}

pub fn interview(body: &str) -> CreateInterview {
    check_body(&InterviewShape { now: at(NOW) }, body.as_bytes()).unwrap().command
}

pub fn webhook(body: &str) -> CreateWebhook {
    check_body(&webhook_shape(Targets::Public), body.as_bytes()).unwrap().command
}

pub fn changed_webhook(body: &str) -> ChangedWebhook {
    check_body(&ChangedWebhookShape(webhook_shape(Targets::Public)), body.as_bytes()).unwrap().command.0
}

/// The shape of a webhook where those addresses are posted to, at the usual ports.
pub fn webhook_shape(targets: Targets) -> WebhookShape {
    WebhookShape { targets, ports: WebhookPorts::default(), own_hosts: OwnHosts::default() }
}

/// Resolves `«text×n»`.
pub fn repeated(raw: &str) -> String {
    let mut text = String::new();
    let mut rest = raw;
    while let Some((before, from)) = rest.split_once('«') {
        let (unit, after) = from.split_once('×').unwrap();
        let (times, after) = after.split_once('»').unwrap();
        text.push_str(before);
        text.push_str(&unit.repeat(times.parse().unwrap()));
        rest = after;
    }
    text + rest
}

#[test]
fn every_base_is_valid() {
    for base in BASES {
        assert_eq!(base.check_with(&[]), Outcome::Accepted { expired: Vec::new() }, "{base:?}");
    }
}
