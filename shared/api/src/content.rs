//! The content of a request, which stays closed until its caller is admitted.

use std::borrow::Cow;
use std::str::FromStr;

use chrono::NaiveDate;
use domain::candidate::{CandidateSearch, SEARCH_MAX_CHARACTERS};
use domain::company::CompanyId;
use domain::id::invalid_id;
use domain::idempotency::IdempotencyKey;
use domain::time::Timestamp;
use domain::usage::UsageDays;
use domain::{StringEnum, Violation};
use lambda_http::http::header::{CONTENT_ENCODING, CONTENT_TYPE, IF_MATCH};
use lambda_http::http::{HeaderMap, Method};
use serde::Serialize;
use store::{EntityId, References};
use validation::{BodyError, Checked, Issue, IssueList, Patch, Shape, check_body};

use crate::cursor::is_cursor;
use crate::etag::IfMatch;
use crate::idempotency::Idempotency;
use crate::list::{CURSOR_RULE, PageQuery};
use crate::problem::{BODY_MAX_BYTES, Problem};
use crate::request::RequestContext;

const JSON: &str = "application/json";
/// The media type of merge patches (RFC 7396).
const MERGE_PATCH: &str = "application/merge-patch+json";
const IDEMPOTENCY_KEY: &str = "idempotency-key";
/// Items on a page, unless another number is asked for.
const PAGE_DEFAULT: u16 = 20;
/// Most items on a page.
const PAGE_MAX: u16 = 100;
/// Length of a date: a year of four digits, a month and a day.
const DATE_BYTES: usize = 10;
/// The beginning of the rule on a query parameter.
const ONCE: &str = "must be given once, and ";

/// A part of a request (its body, an id in its path, a query parameter), or the problem with it.
///
/// Only an admission opens content, so that no caller is told of the problem before being admitted. Until then, content
/// gives nothing but the ids that it names, which are read together with the caller's key.
pub struct Content<T> {
    content: Result<T, Problem>,
    /// The entities that the content names.
    pub(crate) references: References,
    /// Those of them that must be the tenant's before anything that is wrong with the content is told.
    pub(crate) subjects: References,
    /// The company that the content names. The caller must be that company, or manage it.
    pub(crate) company: Option<CompanyId>,
}

impl Content<()> {
    /// The content of a request that has none.
    pub fn none() -> Self {
        Self::new(Ok(()))
    }
}

impl<T> Content<T> {
    pub(crate) fn new(content: Result<T, Problem>) -> Self {
        Self { content, references: References::default(), subjects: References::default(), company: None }
    }

    /// Adds the entities that the content names.
    pub fn naming(self, references: impl FnOnce(&T) -> References) -> Self {
        let named = self.content.as_ref().ok().map(references).unwrap_or_default();
        Self { references: self.references.and(named), ..self }
    }

    /// Sets the company that the content names.
    pub fn naming_company(self, company: impl FnOnce(&T) -> Option<CompanyId>) -> Self {
        Self { company: self.content.as_ref().ok().and_then(company), ..self }
    }

    /// The same content in another form.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Content<U> {
        let Self { content, references, subjects, company } = self;
        Content { content: content.map(change), references, subjects, company }
    }

    /// The same content in a form that it may not have.
    fn checked<U>(self, check: impl FnOnce(T) -> Result<U, Problem>) -> Content<U> {
        let Self { content, references, subjects, company } = self;
        Content { content: content.and_then(check), references, subjects, company }
    }

    /// Both parts. Broken rules of both are reported at once, any other problem alone.
    pub fn and<U>(self, other: Content<U>) -> Content<(T, U)> {
        Content {
            content: Problem::both(self.content, other.content),
            references: self.references.and(other.references),
            subjects: self.subjects.and(other.subjects),
            company: self.company.or(other.company),
        }
    }

    pub(crate) fn open(self) -> Result<T, Problem> {
        self.content
    }
}

/// A request that breaks no rule by itself.
#[derive(Debug)]
pub struct ValidRequest<C> {
    /// The command.
    pub command: C,
    /// The refusal of a request with a time that has passed; a repeat is answered all the same.
    pub expired: Option<Problem>,
    /// The request's idempotency key and fingerprint, if it may be repeated.
    pub idempotency: Option<Idempotency>,
}

/// The days that a request names: the first and the last one.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct GivenDays {
    start: Option<NaiveDate>,
    end: Option<NaiveDate>,
}

/// The reader of a request's content. Only an admission has one, once the caller's key is known to be well-formed: a
/// caller without such a key causes no work on what it sends.
pub struct ContentReader<'a> {
    context: &'a RequestContext<'a>,
}

impl<'a> ContentReader<'a> {
    pub(crate) fn new(context: &'a RequestContext<'a>) -> Self {
        Self { context }
    }

    /// The body, read by its shape, and the idempotency key.
    pub fn body<S: Shape<Value: Serialize>>(&self, shape: &S) -> Content<ValidRequest<S::Value>> {
        Content::new(self.valid_request(shape))
    }

    /// The body as a merge patch.
    pub fn patch(&self) -> Content<Patch> {
        Content::new(self.json().and_then(|body| Ok(Patch::parse(&body)?)))
    }

    /// The body, which is declared as JSON; that of a `PATCH` may be declared as a merge patch, too.
    fn json(&self) -> Result<Cow<'_, [u8]>, Problem> {
        let request = &self.context.request;
        let media_types: &[&str] = if request.method() == Method::PATCH { &[JSON, MERGE_PATCH] } else { &[JSON] };
        let body = request.body()?;
        if body.len() > BODY_MAX_BYTES {
            return Err(Problem::payload_too_large());
        }
        if is_encoded(request.headers()) || !is_json(request.headers(), media_types) {
            return Err(Problem::unsupported_media_type());
        }
        Ok(body)
    }

    fn valid_request<S: Shape<Value: Serialize>>(&self, shape: &S) -> Result<ValidRequest<S::Value>, Problem> {
        let headers = self.context.request.headers();
        let body = self.json()?;
        let (Checked { command, expired }, key) = match (check_body(shape, &body), idempotency_key(headers)) {
            (Ok(checked), Ok(key)) => (checked, key),
            (Ok(Checked { expired: issues, .. }) | Err(BodyError::Invalid(issues)), Err(issue)) => {
                return Err(Problem::validation_failed(IssueList::from(issue).then(issues)));
            }
            (Err(error), _) => return Err(error.into()),
        };
        let expired = (!expired.is_empty()).then(|| Problem::validation_failed(expired));
        let idempotency = key.map(|key| Idempotency::new(key, &command)).transpose()?;
        Ok(ValidRequest { command, expired, idempotency })
    }

    /// The id in the path that stands for `{name}` in the route's path.
    pub fn path_id<T: FromStr<Err = Violation>>(&self, name: &str) -> Content<T> {
        let id = self.context.request.path_parameter(name).and_then(|id| id.parse().ok());
        Content::new(id.ok_or_else(|| parameter_issue(format!("path:{name}"), invalid_id())))
    }

    /// The same id, naming its entity: what the request is about.
    pub fn path_reference<I: EntityId + FromStr<Err = Violation>>(&self, name: &str) -> Content<I> {
        let content = self.path_id(name).naming(|id| References::default().with(Some(*id)));
        Content { subjects: content.references.clone(), ..content }
    }

    /// The header `If-Match`.
    pub fn if_match(&self) -> Content<IfMatch> {
        let condition = IfMatch::parse(self.context.request.headers().get_all(IF_MATCH));
        let message = "must be * or a list of entity tags, as ETag has them: in quotes, and separated by commas";
        let issue = || parameter_issue("header:If-Match".to_owned(), Violation::new("entityTags", message));
        Content::new(condition.ok_or_else(issue))
    }

    /// A query parameter, if it is given; a problem if it is given several times, or if `parse` refuses it.
    fn query<T>(
        &self,
        name: &str,
        parse: impl FnOnce(&str) -> Option<T>,
        rule: &'static str,
        message: &str,
    ) -> Content<Option<T>> {
        let value = match self.context.request.query_parameter(name).as_slice() {
            [] => return Content::new(Ok(None)),
            [text] => parse(text),
            [_, _, ..] => None,
        };
        let issue = || parameter_issue(format!("?{name}"), Violation::new(rule, message));
        Content::new(value.map(Some).ok_or_else(issue))
    }

    /// A query parameter that names an entity by its id: one that must be the tenant's.
    pub fn query_reference<I: EntityId + FromStr<Err = Violation>>(&self, name: &str) -> Content<Option<I>> {
        let content = self.query_id(name).naming(|id| References::default().with(*id));
        Content { subjects: content.references.clone(), ..content }
    }

    /// The same, where the entity may be deleted.
    pub fn query_past_reference<I: EntityId + FromStr<Err = Violation>>(&self, name: &str) -> Content<Option<I>> {
        let content = self.query_id(name).naming(|id| References::default().with_deleted(*id));
        Content { subjects: content.references.clone(), ..content }
    }

    fn query_id<I: FromStr<Err = Violation>>(&self, name: &str) -> Content<Option<I>> {
        let Violation { rule, message } = invalid_id();
        self.query(name, |text| text.parse().ok(), rule, &format!("{ONCE}{message}"))
    }

    /// A query parameter that is one of an enumeration's words.
    pub fn query_word<T: StringEnum>(&self, name: &str) -> Content<Option<T>> {
        let words: Vec<&str> = T::ACCEPTED.iter().map(|word| word.as_str()).collect();
        let message = format!("{ONCE}must be one of {}", words.join(", "));
        self.query(name, |text| T::parse(text).ok(), "enum", &message)
    }

    /// A query parameter that is `true` or `false`.
    pub fn query_bool(&self, name: &str) -> Content<Option<bool>> {
        self.query(name, |text| text.parse().ok(), "boolean", &format!("{ONCE}must be true or false"))
    }

    /// A query parameter that is an instant.
    pub fn query_time(&self, name: &str) -> Content<Option<Timestamp>> {
        let message = format!("{ONCE}must be an RFC 3339 time, for example 2026-11-22T09:30:00Z");
        self.query(name, |text| text.parse().ok(), "dateTime", &message)
    }

    /// The query parameters `start` and `end`: days that usage is asked for, as they are given and as they are meant today.
    pub fn usage_days(&self) -> Content<(GivenDays, UsageDays)> {
        let is_plain = |date: &NaiveDate, text: &str| text.len() == DATE_BYTES && date.to_string() == text;
        let date = |text: &str| text.parse().ok().filter(|date| is_plain(date, text));
        let message = format!("{ONCE}must be a date, for example 2026-11-22");
        let given = self.query("start", date, "date", &message).and(self.query("end", date, "date", &message));
        let today = self.context.now.date();
        given.checked(|(start, end)| match UsageDays::asked(start, end, today) {
            Ok(days) => Ok((GivenDays { start, end }, days)),
            Err(violation) => Err(parameter_issue("?end".to_owned(), violation)),
        })
    }

    /// A query parameter that is the beginning of a candidate's name or e-mail address.
    pub fn query_search(&self, name: &str) -> Content<Option<CandidateSearch>> {
        let message = format!(
            "{ONCE}must have 1 to {SEARCH_MAX_CHARACTERS} characters, accents not counted, and not only white space"
        );
        self.query(name, |text| CandidateSearch::parse(text).ok(), "search", &message)
    }

    /// The query parameters `limit` and `cursor` of a list.
    pub fn page(&self) -> Content<PageQuery> {
        let message = format!("must be given once, as a whole number from 1 to {PAGE_MAX}");
        let limit = self.query("limit", page_limit, "range", &message);
        let cursor = |text: &str| is_cursor(text).then(|| text.to_owned());
        let cursor = self.query("cursor", cursor, "cursor", CURSOR_RULE);
        limit.and(cursor).map(|(limit, cursor)| PageQuery { limit: limit.unwrap_or(PAGE_DEFAULT), cursor })
    }
}

fn parameter_issue(pointer: String, Violation { rule, message }: Violation) -> Problem {
    Problem::validation_failed(Issue { pointer, rule, message })
}

/// The number of items on a page, in digits as JSON writes them: without a sign and without zeros in front.
fn page_limit(text: &str) -> Option<u16> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit()) && !text.starts_with('0');
    text.parse().ok().filter(|limit| plain && (1..=PAGE_MAX).contains(limit))
}

/// True if the body is declared as compressed, or in any other coding but `identity`.
fn is_encoded(headers: &HeaderMap) -> bool {
    let plain = |coding: &str| coding.trim().is_empty() || coding.trim().eq_ignore_ascii_case("identity");
    let mut values = headers.get_all(CONTENT_ENCODING).into_iter();
    !values.all(|value| value.to_str().is_ok_and(|codings| codings.split(',').all(plain)))
}

/// True if the body is declared as one of these media types, in UTF-8, or not declared at all. `utf8` is a common misspelling of `utf-8`.
fn is_json(headers: &HeaderMap, media_types: &[&str]) -> bool {
    let Some(value) = headers.get(CONTENT_TYPE) else { return true };
    let Ok(value) = value.to_str() else { return false };
    let mut parts = value.split(';').map(str::trim);
    let json = parts.next().is_some_and(|given| media_types.iter().any(|known| given.eq_ignore_ascii_case(known)));
    let charset_is_utf8 = |parameter: &str| match parameter.split_once('=') {
        Some((name, charset)) if name.trim().eq_ignore_ascii_case("charset") => {
            let charset = charset.trim().trim_matches('"');
            charset.eq_ignore_ascii_case("utf-8") || charset.eq_ignore_ascii_case("utf8")
        }
        Some(_) | None => true,
    };
    json && parts.all(charset_is_utf8)
}

fn idempotency_key(headers: &HeaderMap) -> Result<Option<IdempotencyKey>, Issue> {
    let mut values = headers.get_all(IDEMPOTENCY_KEY).into_iter();
    let key = match (values.next(), values.next()) {
        (None, _) => return Ok(None),
        (Some(value), None) => value.to_str().ok().and_then(IdempotencyKey::parse),
        (Some(_), Some(_)) => None,
    };
    let message =
        "must be given once, as 1 to 255 visible ASCII characters, bare (then without a comma) or as a quoted string";
    let issue = Issue { pointer: "header:Idempotency-Key".into(), rule: "idempotencyKey", message: message.into() };
    key.map(Some).ok_or(issue)
}
