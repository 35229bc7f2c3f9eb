//! Answers, each checked against the rules of all answers.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fmt;

use reqwest::Method;
use reqwest::header::HeaderMap;
use serde_json::Value;

use crate::document;
use crate::server::TestServer;

/// An answer of the API that breaks no common rule.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body as it came.
    pub text: String,
    /// The body; null if there is none.
    pub body: Value,
    /// The request's log line.
    pub log: Value,
}

thread_local! {
    static CODES: RefCell<BTreeSet<String>> = const { RefCell::new(BTreeSet::new()) };
}

/// Takes the codes of all problems that this thread has been answered with.
pub fn take_codes() -> BTreeSet<String> {
    CODES.with(RefCell::take)
}

impl Answer {
    /// The answer to a request, whose log line is among those after the first `logged_before`.
    pub(crate) async fn checked(
        server: &TestServer,
        asked: (Method, String),
        answer: reqwest::Response,
        logged_before: usize,
    ) -> Self {
        let status = answer.status().as_u16();
        let headers = answer.headers().clone();
        let text = answer.text().await.expect("a body");
        let body = match status {
            204 | 304 if text.is_empty() => Value::Null,
            _ => serde_json::from_str(&text).unwrap_or_else(|_| panic!("{status}, not JSON: {text}")),
        };
        let request_id = headers.get("x-request-id").and_then(|id| id.to_str().ok()).unwrap_or_default();
        let lines: Vec<Value> = server
            .log_after(logged_before)
            .iter()
            .filter(|line| line.contains(request_id))
            .map(|line| serde_json::from_str(line).expect("a log line in JSON"))
            .collect();
        let [log] = <[Value; 1]>::try_from(lines).unwrap_or_else(|lines| panic!("log lines of {asked:?}: {lines:?}"));
        let answer = Self { status, headers, text, body, log };
        answer.check(&asked);
        if let Some(code) = answer.code() {
            CODES.with_borrow_mut(|codes| codes.insert(code.to_owned()));
        }
        answer
    }

    /// The problem's code, if the answer is a problem.
    pub fn code(&self) -> Option<&str> {
        self.body["code"].as_str().filter(|_| self.status >= 400)
    }

    /// A header's value, if the answer has the header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().expect("a header in ASCII"))
    }

    /// A string member of the body.
    pub fn text_of(&self, member: &str) -> &str {
        self.body[member].as_str().unwrap_or_else(|| panic!("no {member}: {self}"))
    }

    /// The id of the created resource.
    pub fn id(&self) -> String {
        self.text_of("id").to_owned()
    }

    /// True if the answer is a replay.
    pub fn replayed(&self) -> bool {
        self.headers.contains_key("idempotent-replayed")
    }

    /// The broken rules of a refusal, as pointer and rule.
    pub fn issues(&self) -> Vec<(String, String)> {
        let text = |issue: &Value, member: &str| issue[member].as_str().expect("an issue's text").to_owned();
        let issues = self.body["errors"].as_array().unwrap_or_else(|| panic!("no errors: {self}"));
        issues.iter().map(|issue| (text(issue, "pointer"), text(issue, "rule"))).collect()
    }

    fn check(&self, asked: &(Method, String)) {
        let request_ids = self.headers.get_all("x-request-id").iter().count();
        assert_eq!(request_ids, 1, "one X-Request-Id on every answer: {self}");
        let body = Some(&self.body).filter(|_| !self.text.is_empty());
        document::check(&asked.0, &asked.1, self.status, &self.headers, body);
        match body {
            Some(body) => check_members(body, ""),
            None => assert!(matches!(self.status, 204 | 304), "only 204 and 304 have no body: {self}"),
        }
        match self.status {
            201 => self.check_created(&asked.1),
            200 | 202 | 204 | 304 => self.check_done(),
            _ => self.check_problem(),
        }
        let retry_after = self.header("retry-after").map(|seconds| seconds.parse().ok() >= Some(1));
        assert_eq!(retry_after, matches!(self.status, 429 | 503).then_some(true), "Retry-After on 429 and 503: {self}");
        let told = self.headers.keys().filter(|name| name.as_str().starts_with("x-ratelimit-")).count();
        let is_admitted = !self.log["keyId"].is_null() || matches!(self.status, 403 | 429);
        let is_before_the_key = matches!(self.status, 401 | 405 | 508) || self.code() == Some("ROUTE_NOT_FOUND");
        assert!(told == 6 || (told == 0 && !is_admitted), "the limits are told to a valid key: {self}");
        assert!(told == 0 || !is_before_the_key, "the limits are told without a valid key: {self}");
        let challenge = (self.status == 401).then_some("Bearer");
        assert_eq!(self.header("www-authenticate"), challenge, "WWW-Authenticate on 401: {self}");
        assert_eq!(self.header("allow").is_some(), self.status == 405, "Allow on 405: {self}");
        let own = self.header("allow").is_some_and(|allow| allow.split(", ").any(|method| method == asked.0.as_str()));
        assert!(!own, "a 405 whose Allow has the request's own method: {self}");

        assert_eq!(self.log["status"], self.status, "the log line's status: {self}");
        let outcome = match (self.code(), self.status) {
            (Some(code), _) => code,
            (None, 201) if self.replayed() => "REPLAYED",
            (None, 201) => "CREATED",
            (None, 202) => "ACCEPTED",
            (None, 204) => "NO_CONTENT",
            (None, 304) => "NOT_MODIFIED",
            (None, _) => "OK",
        };
        assert_eq!(self.log["code"], outcome, "the log line's outcome: {self}");
    }

    fn check_created(&self, path: &str) {
        assert_eq!(self.header("content-type"), Some("application/json"), "{self}");
        let location = format!("{path}/{}", self.id());
        assert_eq!(self.header("location"), Some(location.as_str()), "{self}");
        assert!(matches!(self.header("idempotent-replayed"), None | Some("true")), "{self}");
    }

    fn check_done(&self) {
        let media_type = (!self.text.is_empty()).then_some("application/json");
        assert_eq!(self.header("content-type"), media_type, "{self}");
        assert!(self.header("location").is_none() && !self.replayed(), "{self}");
    }

    fn check_problem(&self) {
        assert!(self.status >= 400, "what is carried out is answered by 200, 201, 202, 204 or 304: {self}");
        assert_eq!(self.header("content-type"), Some("application/problem+json"), "{self}");
        assert_eq!(self.body["status"], self.status, "{self}");
        assert_eq!(self.body["requestId"].as_str(), self.header("x-request-id"), "{self}");
        for member in ["type", "title", "detail", "code"] {
            assert!(!self.text_of(member).is_empty(), "{self}");
        }
        assert!(self.header("location").is_none() && !self.replayed(), "{self}");
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}\n{:?}\nlogged {}", self.status, self.text, self.headers, self.log)
    }
}

/// Panics unless no member is null, ids are in lower case, and times in UTC with milliseconds. Metadata is the caller's
/// own, and is not checked.
fn check_members(value: &Value, path: &str) {
    match value {
        Value::Null => panic!("{path} is null: what is absent is left out"),
        Value::String(text) => {
            if uuid::Uuid::try_parse(text).is_ok() {
                let lower_case = !text.bytes().any(|byte| byte.is_ascii_uppercase());
                assert!(lower_case && text.len() == 36, "{path} is no UUID in lower case: {text}");
            }
            if text.parse::<domain::time::Timestamp>().is_ok() {
                let in_milliseconds = text.len() == 24 && text.ends_with('Z') && text.as_bytes()[19] == b'.';
                assert!(in_milliseconds, "{path} is no UTC time in milliseconds: {text}");
            }
        }
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(index, item)| check_members(item, &format!("{path}/{index}")));
        }
        Value::Object(members) => {
            let own = |name: &str| path.is_empty() && name == "metadata";
            members
                .iter()
                .filter(|(name, _)| !own(name))
                .for_each(|(name, member)| check_members(member, &format!("{path}/{name}")));
        }
        Value::Bool(_) | Value::Number(_) => {}
    }
}
