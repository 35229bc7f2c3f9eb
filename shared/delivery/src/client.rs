//! The client of endpoints.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use domain::delivery::{AttemptOutcome, DeliveryId};
use domain::time::Timestamp;
use domain::webhook::{InvalidPorts, InvalidTargets, SigningSecret, Targets, WebhookHeader, WebhookPorts, WebhookUrl};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use rustls::pki_types::CertificateDer;
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout_at};
use url::{Position, Url};

use crate::answer::{excerpt, outcome, retry_after};
use crate::connect::{Connector, Resolver};
use crate::head::RecordedHead;
use crate::signature::headers;

/// Time for a request, from the name's resolution to the end of the answer.
pub const POST_TIMEOUT: Duration = Duration::from_secs(15);
/// Most bytes of an answer that are read: enough for the page of an error to come to its end, so that its connection
/// can be closed in order.
pub const RESPONSE_MAX_BYTES: usize = 64 * 1_024;
/// Most bytes of an answer's head: its status line and header fields, and those of informational answers before it.
const HEAD_MAX_BYTES: usize = 64 * 1_024;
/// Most header fields: as many as a head has room for, of three bytes each at the least (`a:` and a line feed).
const HEAD_MAX_FIELDS: usize = HEAD_MAX_BYTES / 3;

/// An event to be posted to an endpoint, with the secrets that sign it.
#[derive(Clone, Copy)]
pub struct SignedRequest<'a> {
    pub url: &'a WebhookUrl,
    /// The delivery's id: the same at each attempt.
    pub delivery_id: DeliveryId,
    /// The time of this attempt.
    pub at: Timestamp,
    /// JSON text.
    pub body: &'a str,
    /// The signing secrets, each of which makes a signature.
    pub secrets: &'a [SigningSecret],
    /// The webhook's own headers.
    pub headers: &'a [WebhookHeader],
}

#[derive(Debug, Clone, PartialEq)]
pub struct PostResult {
    pub outcome: AttemptOutcome,
    /// The status of the endpoint's answer, if there was one.
    pub http_status: Option<u16>,
    /// The wait that the endpoint asked for, at most [`RETRY_AFTER_MAX`](crate::RETRY_AFTER_MAX).
    pub retry_after: Option<Duration>,
    pub duration: Duration,
    /// The beginning of the answer's body, at most 1,024 bytes.
    pub excerpt: Option<String>,
}

impl PostResult {
    fn without_answer(outcome: AttemptOutcome, duration: Duration) -> Self {
        Self { outcome, http_status: None, retry_after: None, duration, excerpt: None }
    }
}

/// The client that posts events to their owners' endpoints, and to no address that is not public.
///
/// - Each request has a connection of its own. An idle one would be closed by the endpoint while Lambda has frozen this
///   process, and the next request would fail on it; and every connection has its address checked.
/// - Redirects are not followed; they would be a way around the check, and lose the body.
/// - No proxy is used, whatever the environment says: it would connect in our place, to anything.
#[derive(Clone)]
pub struct WebhookClient {
    connector: Connector,
}

#[derive(Debug)]
pub enum WebhookClientError {
    /// `WEBHOOK_TARGETS` is neither of its values.
    Targets(InvalidTargets),
    /// `WEBHOOK_PORTS` is no list of ports.
    Ports(InvalidPorts),
    /// An authority's certificate can't be used.
    Tls(rustls::Error),
}

impl std::fmt::Display for WebhookClientError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Targets(error) => write!(f, "WEBHOOK_TARGETS {error}"),
            Self::Ports(error) => write!(f, "WEBHOOK_PORTS {error}"),
            Self::Tls(_) => f.write_str("no TLS"),
        }
    }
}

impl std::error::Error for WebhookClientError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Targets(_) | Self::Ports(_) => None,
            Self::Tls(error) => Some(error),
        }
    }
}

impl WebhookClient {
    /// The client of a function: to public addresses, unless `WEBHOOK_TARGETS` says otherwise, and to the ports that
    /// `WEBHOOK_PORTS` lists.
    ///
    /// # Errors
    /// The first is neither `public` nor `public-and-loopback`, or the second no list of ports.
    pub fn from_environment() -> Result<Self, WebhookClientError> {
        let targets = match std::env::var("WEBHOOK_TARGETS") {
            Ok(text) => text.parse().map_err(WebhookClientError::Targets)?,
            Err(std::env::VarError::NotPresent) => Targets::Public,
            Err(std::env::VarError::NotUnicode(_)) => return Err(WebhookClientError::Targets(InvalidTargets)),
        };
        let ports = match std::env::var("WEBHOOK_PORTS") {
            Ok(text) => text.parse().map_err(WebhookClientError::Ports)?,
            Err(std::env::VarError::NotPresent) => WebhookPorts::default(),
            Err(std::env::VarError::NotUnicode(_)) => return Err(WebhookClientError::Ports(InvalidPorts)),
        };
        Ok(Self::new(targets, &[])?.at_ports(ports))
    }

    /// A client that posts to these targets. It trusts the authorities that browsers trust, and the given ones besides.
    ///
    /// # Errors
    /// An authority's certificate can't be used.
    pub fn new(targets: Targets, authorities: &[CertificateDer<'static>]) -> Result<Self, WebhookClientError> {
        Ok(Self { connector: Connector::new(targets, authorities).map_err(WebhookClientError::Tls)? })
    }

    /// The same client with the addresses of names from this function instead of the system.
    pub fn resolving(mut self, addresses: impl Fn(&str) -> Vec<IpAddr> + Send + Sync + 'static) -> Self {
        self.connector.resolver = Resolver::Fixed(Arc::new(addresses));
        self
    }

    /// The same client, which posts to these ports only, this machine's own aside.
    pub fn at_ports(mut self, ports: WebhookPorts) -> Self {
        self.connector.ports = ports;
        self
    }

    pub fn ports(&self) -> WebhookPorts {
        self.connector.ports.clone()
    }

    pub fn targets(&self) -> Targets {
        self.connector.targets
    }

    /// Posts, and returns the result at the latest after [`POST_TIMEOUT`].
    ///
    /// The status of the answer decides, whatever its header fields are, and even if the body comes slowly, has no end
    /// or breaks off.
    pub async fn post(&self, request: &SignedRequest<'_>) -> PostResult {
        self.post_within(request, POST_TIMEOUT).await
    }

    /// The same, and at the latest after that time.
    pub(crate) async fn post_within(&self, request: &SignedRequest<'_>, time: Duration) -> PostResult {
        let began = Instant::now();
        let deadline = began + time;
        let answer = match timeout_at(deadline, self.answer_to(request)).await {
            Ok(answer) => answer,
            Err(_) => Err(AttemptOutcome::Timeout),
        };
        let (answer, _connection) = match answer {
            Ok(Answer::Read(answer, connection)) => (answer, connection),
            Ok(Answer::StatusOnly(status)) => {
                let http_status = Some(status.as_u16());
                return PostResult { http_status, ..PostResult::without_answer(outcome(status), began.elapsed()) };
            }
            Err(outcome) => return PostResult::without_answer(outcome, began.elapsed()),
        };
        let outcome = outcome(answer.status());
        let http_status = Some(answer.status().as_u16());
        let retry_after = retry_after(answer.headers(), request.at.saturating_add(began.elapsed()));
        let excerpt = excerpt(&body_until(deadline, answer.into_body()).await);
        PostResult { outcome, http_status, retry_after, duration: began.elapsed(), excerpt }
    }

    /// The answer; without one, the outcome.
    async fn answer_to(&self, request: &SignedRequest<'_>) -> Result<Answer, AttemptOutcome> {
        // Validation accepts neither an invalid URL nor one with another scheme.
        let url = Url::parse(request.url.as_str()).map_err(|_| AttemptOutcome::AddressRefused)?;
        let plain = match url.scheme() {
            "https" => false,
            "http" => true,
            _ => return Err(AttemptOutcome::AddressRefused),
        };
        let (Some(host), Some(port)) = (url.host(), url.port_or_known_default()) else {
            return Err(AttemptOutcome::AddressRefused);
        };
        let request = http_request(request, &url).map_err(|_| AttemptOutcome::AddressRefused)?;

        let (stream, head) = RecordedHead::new(self.connector.connect(host, port, plain).await?, HEAD_MAX_BYTES);
        let (mut sender, connection) = http1::Builder::new()
            .max_buf_size(HEAD_MAX_BYTES)
            .max_header_size(HEAD_MAX_BYTES)
            .max_headers(HEAD_MAX_FIELDS)
            .allow_obsolete_multiline_headers_in_responses(true)
            .allow_spaces_after_header_name_in_responses(true)
            .ignore_invalid_headers_in_responses(true)
            .handshake(TokioIo::new(stream))
            .await
            .map_err(|_| AttemptOutcome::ConnectFailed)?;
        // The connection ends when the set is dropped at the latest: nothing of a request outlives it. Its error is
        // also that of the answer.
        let mut tasks = JoinSet::new();
        tasks.spawn(async move { drop(connection.await) });
        match sender.send_request(request).await {
            Ok(answer) => Ok(Answer::Read(answer, tasks)),
            // A length that is no number, or a NUL in a field: the body can't be read, but its status can.
            Err(_) => head.status().map(Answer::StatusOnly).ok_or(AttemptOutcome::ResponseBroken),
        }
    }
}

/// The answer of an endpoint.
enum Answer {
    /// Status and header fields, with the connection that the body comes over.
    Read(Response<Incoming>, JoinSet<()>),
    /// The status of an answer whose header fields break the rules of HTTP.
    StatusOnly(StatusCode),
}

fn http_request(request: &SignedRequest<'_>, url: &Url) -> Result<Request<Full<Bytes>>, hyper::http::Error> {
    let mut http_request = Request::builder()
        .method(Method::POST)
        .uri(&url[Position::BeforePath..Position::AfterQuery])
        .body(Full::new(Bytes::copy_from_slice(request.body.as_bytes())))?;
    *http_request.headers_mut() = headers(request, &url[Position::BeforeHost..Position::AfterPort])?;
    Ok(http_request)
}

/// The body as far as it has come by the deadline and is read.
async fn body_until(deadline: Instant, mut body: Incoming) -> Vec<u8> {
    let mut read = Vec::new();
    while read.len() < RESPONSE_MAX_BYTES {
        let Ok(Some(Ok(frame))) = timeout_at(deadline, body.frame()).await else { break };
        read.extend_from_slice(frame.data_ref().map_or(&[], |data| data));
    }
    read.truncate(RESPONSE_MAX_BYTES);
    read
}
