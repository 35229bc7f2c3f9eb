//! One request from its first byte to its log line.

use std::net::IpAddr;
use std::str::FromStr;
use std::time::Instant;

use domain::Violation;
use domain::api_key::{ApiKeySecret, Scope};
use domain::company::{CompanyId, Owner};
use domain::id::invalid_id;
use domain::idempotency::{IdSource, IdempotencyKey};
use domain::time::Timestamp;
use lambda_http::http::HeaderMap;
use lambda_http::http::header::{AUTHORIZATION, CONTENT_TYPE};
use lambda_http::request::RequestContext;
use lambda_http::{Body, Request, RequestExt, Response};
use serde::Serialize;
use store::{Cost, Lookup, Named, Opened, OpenedWebhooks, Origin, Record, Session};
use uuid::Uuid;
use validation::{BodyError, Checked, Issue, Shape, check_body};

use crate::app::Runtime;
use crate::caller::{Caller, CompanyParameter, Identity, WebhookCaller};
use crate::idempotency::Idempotency;
use crate::log;
use crate::problem::{BODY_MAX_BYTES, Problem};
use crate::reply::{Reply, render};
use crate::route::Route;

const IDEMPOTENCY_KEY: &str = "idempotency-key";
const COMPANY_ID: &str = "companyId";

/// One request.
pub struct Call<'a> {
    runtime: &'a Runtime,
    route: &'static str,
    begun: Instant,
    /// When the request began: the present for all its rules.
    pub now: Timestamp,
    /// Names this request alone.
    pub request_id: String,
    stage: Option<String>,
    source_ip: Option<IpAddr>,
    request: Request,
    caller: Option<Identity>,
}

/// What a caller asks for.
#[derive(Debug)]
pub struct Asked<C> {
    /// The command.
    pub command: C,
    /// The refusal that is due if the request turns out to be no repeat: a time in it has passed.
    pub untimely: Option<Problem>,
    /// How the request is told from others, if it may be repeated.
    pub idempotency: Option<Idempotency>,
}

impl<'a> Call<'a> {
    /// The route of a request, by its method and its path.
    pub fn route_of(request: &Request) -> Option<Route> {
        let stage = match request.request_context_ref() {
            Some(RequestContext::ApiGatewayV2(context)) => context.stage.as_deref(),
            Some(_) | None => None,
        };
        Route::of(request.method().as_str(), below_stage(request.uri().path(), stage))
    }

    /// Begins a request to one of our routes.
    pub fn begin(runtime: &'a Runtime, route: Route, request: Request) -> Self {
        Self::begin_at(runtime, route.key, request)
    }

    /// Begins a request that no route takes.
    pub fn begin_without_route(runtime: &'a Runtime, request: Request) -> Self {
        Self::begin_at(runtime, crate::route::NO_ROUTE, request)
    }

    fn begin_at(runtime: &'a Runtime, route: &'static str, request: Request) -> Self {
        let (request_id, stage, source_ip) = match request.request_context_ref() {
            Some(RequestContext::ApiGatewayV2(context)) => (
                context.request_id.clone(),
                context.stage.clone(),
                context.http.source_ip.as_deref().and_then(|address| address.parse().ok()),
            ),
            Some(_) | None => (None, None, None),
        };
        let request_id = request_id.unwrap_or_else(|| (runtime.ids)().to_string());
        let now = (runtime.clock)();
        Self { runtime, route, begun: Instant::now(), now, request_id, stage, source_ip, request, caller: None }
    }

    /// The path from the root of the API: without the stage, if it has a name.
    pub fn path(&self) -> &str {
        below_stage(self.request.uri().path(), self.stage.as_deref())
    }

    /// Checks the idempotency key, the media type and the body. Keep what it gives until the caller is known: nobody
    /// else is told.
    pub fn check<S: Shape<Value: Serialize>>(&self, shape: &S) -> Result<Asked<S::Value>, Problem> {
        let body: &[u8] = match self.request.body() {
            Body::Text(text) => text.as_bytes(),
            Body::Binary(bytes) => bytes,
            Body::Empty => &[],
            // Kinds of bodies that later versions may know.
            _ => return Err(Problem::unsupported_media_type()),
        };
        if body.len() > BODY_MAX_BYTES {
            return Err(Problem::payload_too_large());
        }
        if !is_json(self.request.headers()) {
            return Err(Problem::unsupported_media_type());
        }
        let (Checked { command, untimely }, key) =
            match (check_body(shape, body), idempotency_key(self.request.headers())) {
                (Ok(checked), Ok(key)) => (checked, key),
                (Ok(checked), Err(issue)) => {
                    return Err(Problem::validation_failed([vec![issue], checked.untimely].concat()));
                }
                (Err(BodyError::Invalid(issues)), Err(issue)) => {
                    return Err(Problem::validation_failed([vec![issue], issues].concat()));
                }
                (Err(error), _) => return Err(error.into()),
            };
        let untimely = (!untimely.is_empty()).then(|| Problem::validation_failed(untimely));
        let idempotency = key.map(|key| Idempotency::new(key, &command)).transpose()?;
        Ok(Asked { command, untimely, idempotency })
    }

    /// Admits the caller, and reads in the same round trip what the request names.
    pub async fn authenticate(
        &mut self,
        session: &mut Session,
        scope: Scope,
        named: Named,
    ) -> Result<(Caller, Opened), Problem> {
        let secret = bearer(self.request.headers()).ok_or_else(Problem::invalid_api_key)?;
        let parameter = self.company_parameter();
        let lookup = Lookup { api_key: secret.hash(), company: parameter.id(), named };
        let found = session.look_up(&lookup).await?;
        let key = found.api_key.as_ref().ok_or_else(Problem::invalid_api_key)?;
        key.admit(self.now, self.source_ip, scope)?;
        let caller = Caller::settle(key, parameter, &found)?;
        self.caller = Some(Identity::from(&caller));
        let opened = found.closed.open(caller.company_id);
        Ok((caller, opened))
    }

    /// Reads again what the request names, because it has changed. Whoever was admitted stays so for this request.
    pub async fn read_again(
        &self,
        session: &mut Session,
        caller: &mut Caller,
        named: Named,
    ) -> Result<Opened, Problem> {
        let secret = bearer(self.request.headers()).ok_or_else(Problem::invalid_api_key)?;
        let company = caller.managed.as_ref().map(|_| caller.company_id);
        let found = session.look_up_again(&Lookup { api_key: secret.hash(), company, named }).await?;
        let key = found.api_key.as_ref().ok_or_else(Problem::invalid_api_key)?;
        *caller = Caller::settle(key, CompanyParameter::Given(caller.company_id), &found)?;
        Ok(found.closed.open(caller.company_id))
    }

    /// Admits a caller who manages webhooks, and reads in the same round trip what the request names. `company_id` is
    /// the company that a webhook is to be confined to.
    pub async fn authenticate_for_webhooks(
        &mut self,
        session: &mut Session,
        scope: Scope,
        named: Named,
        company_id: Option<CompanyId>,
    ) -> Result<(WebhookCaller, OpenedWebhooks), Problem> {
        let secret = bearer(self.request.headers()).ok_or_else(Problem::invalid_api_key)?;
        let found = session.look_up(&Lookup { api_key: secret.hash(), company: company_id, named }).await?;
        let key = found.api_key.as_ref().ok_or_else(Problem::invalid_api_key)?;
        key.admit(self.now, self.source_ip, scope)?;
        self.caller = Some(Identity::of(key));
        let caller = WebhookCaller::settle(key, company_id, &found)?;
        let opened = found.closed.open_webhooks(caller.owner);
        Ok((caller, opened))
    }

    /// Reads again what the request names, because it has changed. Whoever was admitted stays so for this request.
    pub async fn read_webhooks_again(
        &self,
        session: &mut Session,
        caller: &mut WebhookCaller,
        named: Named,
    ) -> Result<OpenedWebhooks, Problem> {
        let secret = bearer(self.request.headers()).ok_or_else(Problem::invalid_api_key)?;
        let company = caller.managed.as_ref().map(|company| company.value.id);
        let found = session.look_up_again(&Lookup { api_key: secret.hash(), company, named }).await?;
        let key = found.api_key.as_ref().ok_or_else(Problem::invalid_api_key)?;
        *caller = WebhookCaller::settle(key, company, &found)?;
        Ok(found.closed.open_webhooks(caller.owner))
    }

    /// Where the ids of what the request creates come from.
    pub fn id_source<'b>(&'b self, owner: Owner, idempotency: Option<&'b Idempotency>) -> IdSource<'b> {
        match idempotency {
            Some(Idempotency { key, .. }) => IdSource::Derived { owner, route: self.route, key },
            None => IdSource::Fresh(self.runtime.ids.as_ref()),
        }
    }

    /// On whose behalf the request writes.
    pub fn origin<'b>(&'b self, caller: &Caller, idempotency: Option<&'b Idempotency>) -> Origin<'b> {
        Origin {
            company_id: caller.company_id,
            managed: caller.managed.clone(),
            request_id: &self.request_id,
            fingerprint: idempotency.map(|idempotency| &idempotency.fingerprint),
            now: self.now,
        }
    }

    /// The request, as what it creates remembers it.
    pub fn record<'b>(&'b self, idempotency: Option<&'b Idempotency>) -> Record<'b> {
        Record { request_id: &self.request_id, fingerprint: idempotency.map(|idempotency| &idempotency.fingerprint) }
    }

    /// A fresh id.
    pub fn fresh_id(&self) -> Uuid {
        (self.runtime.ids)()
    }

    /// An id in the path, in place of those braces of the route.
    pub fn path_id<T: FromStr<Err = Violation>>(&self, route: Route, name: &str) -> Result<T, Problem> {
        let given = route.parameters(self.path()).into_iter().find(|(own, _)| *own == name);
        let id = given.and_then(|(_, text)| text.parse().ok());
        id.ok_or_else(|| parameter_issue(format!("path:{name}"), "uuid", invalid_id().message))
    }

    /// A query parameter: none if it is not given.
    ///
    /// # Errors
    /// If it is given several times, or `parse` makes nothing of it.
    pub fn query<T>(
        &self,
        name: &str,
        parse: impl FnOnce(&str) -> Option<T>,
        rule: &'static str,
        message: &str,
    ) -> Result<Option<T>, Problem> {
        let parameters = self.request.query_string_parameters();
        let given = parameters.all(name).unwrap_or_default();
        let value = match given.as_slice() {
            [] => return Ok(None),
            [text] => parse(text),
            [_, _, ..] => None,
        };
        value.map(Some).ok_or_else(|| parameter_issue(format!("?{name}"), rule, message.to_owned()))
    }

    /// Renders the answer and writes the log line.
    pub fn end(self, outcome: Result<Reply, Problem>, cost: Cost) -> Response<Body> {
        let line = log::RequestLog {
            time: self.now,
            request_id: &self.request_id,
            route: self.route,
            caller: self.caller,
            outcome: &outcome,
            duration: self.begun.elapsed(),
            cost,
        };
        (self.runtime.log)(&line.to_json());
        render(outcome, &self.request_id)
    }

    fn company_parameter(&self) -> CompanyParameter {
        let parameters = self.request.query_string_parameters();
        match parameters.all(COMPANY_ID).unwrap_or_default().as_slice() {
            [] => CompanyParameter::Absent,
            [id] => id.parse().map_or(CompanyParameter::Invalid, CompanyParameter::Given),
            [_, _, ..] => CompanyParameter::Invalid,
        }
    }
}

fn below_stage<'p>(path: &'p str, stage: Option<&str>) -> &'p str {
    let below = stage.and_then(|stage| path.strip_prefix('/')?.strip_prefix(stage));
    below.filter(|rest| rest.starts_with('/')).unwrap_or(path)
}

fn parameter_issue(pointer: String, rule: &'static str, message: String) -> Problem {
    Problem::validation_failed(vec![Issue { pointer, rule, message }])
}

/// The key of an `Authorization: Bearer …` header. The scheme's case does not matter.
fn bearer(headers: &HeaderMap) -> Option<ApiKeySecret> {
    let mut values = headers.get_all(AUTHORIZATION).into_iter();
    let (Some(value), None) = (values.next(), values.next()) else { return None };
    let (scheme, key) = value.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| ApiKeySecret::parse(key.trim()))?
}

/// JSON in UTF-8, or nothing said about the body.
fn is_json(headers: &HeaderMap) -> bool {
    let Some(value) = headers.get(CONTENT_TYPE) else { return true };
    let Ok(value) = value.to_str() else { return false };
    let mut parts = value.split(';').map(str::trim);
    let json = parts.next().is_some_and(|media_type| media_type.eq_ignore_ascii_case("application/json"));
    let charset_is_utf8 = |parameter: &str| match parameter.split_once('=') {
        Some((name, charset)) if name.trim().eq_ignore_ascii_case("charset") => {
            charset.trim().trim_matches('"').eq_ignore_ascii_case("utf-8")
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
    let message = "must be given once, as 1 to 255 visible ASCII characters, bare or as a quoted string".to_owned();
    let issue = Issue { pointer: "header:Idempotency-Key".into(), rule: "idempotencyKey", message };
    key.map(Some).ok_or(issue)
}
