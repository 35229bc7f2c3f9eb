//! One post to one endpoint.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use domain::delivery::{AttemptOutcome, DeliveryId};
use domain::time::Timestamp;
use domain::webhook::{InvalidTargets, SigningSecret, Targets, WebhookHeader, WebhookUrl};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper::{Method, Request, Response};
use hyper_util::rt::TokioIo;
use rustls::pki_types::CertificateDer;
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout_at};
use url::{Position, Url};

use crate::answer::{excerpt, outcome, retry_after};
use crate::connect::{Connector, Names};
use crate::signature::headers;

/// Time for a post, from the name's resolution to the end of the answer.
pub const POST_TIMEOUT: Duration = Duration::from_secs(15);
/// Most bytes of an answer that are read: enough for the page of an error to come to its end, so that its connection
/// can be closed in order.
pub const RESPONSE_MAX_BYTES: usize = 64 * 1_024;
/// Most bytes of an answer's status and headers.
const HEAD_MAX_BYTES: usize = 64 * 1_024;

/// What is posted, and where to.
#[derive(Clone, Copy)]
pub struct SignedRequest<'a> {
    /// The endpoint.
    pub url: &'a WebhookUrl,
    /// Identifies the delivery: the same at each attempt.
    pub delivery_id: DeliveryId,
    /// When this attempt is made.
    pub at: Timestamp,
    /// JSON text.
    pub body: &'a str,
    /// What it is signed with; each makes a signature.
    pub secrets: &'a [SigningSecret],
    /// What the webhook adds.
    pub headers: &'a [WebhookHeader],
}

/// What came of a post.
#[derive(Debug, Clone, PartialEq)]
pub struct PostResult {
    /// How it ended.
    pub outcome: AttemptOutcome,
    /// The endpoint's answer, if there was one.
    pub http_status: Option<u16>,
    /// How long the endpoint wants to be left alone, if it says so; at most
    /// [`RETRY_AFTER_MAX`](crate::RETRY_AFTER_MAX).
    pub retry_after: Option<Duration>,
    /// How long it took.
    pub duration: Duration,
    /// The beginning of what the endpoint answered, at most 1,024 bytes.
    pub excerpt: Option<String>,
}

impl PostResult {
    fn without_answer(outcome: AttemptOutcome, duration: Duration) -> Self {
        Self { outcome, http_status: None, retry_after: None, duration, excerpt: None }
    }
}

/// Posts events to endpoints, wherever their owners say that they are, and to no address that is not public.
///
/// - Each post has a connection of its own. One that is kept would be closed by its other end while Lambda has frozen
///   this one, and the next post would fail on it; and every connection has its address checked.
/// - Redirects are not followed; they would be a way around the check, and lose the body.
/// - No proxy is used, whatever the environment says: it would connect in our place, to anything.
#[derive(Clone)]
pub struct WebhookClient {
    connector: Connector,
}

/// Why there is no client.
#[derive(Debug)]
pub enum WebhookClientError {
    /// `WEBHOOK_TARGETS` is neither of its values.
    Targets(InvalidTargets),
    /// An authority's certificate can't be used.
    Tls(rustls::Error),
}

impl std::fmt::Display for WebhookClientError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Targets(error) => write!(f, "WEBHOOK_TARGETS {error}"),
            Self::Tls(_) => f.write_str("no TLS"),
        }
    }
}

impl std::error::Error for WebhookClientError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Targets(_) => None,
            Self::Tls(error) => Some(error),
        }
    }
}

impl WebhookClient {
    /// The client of a function: to public addresses, unless `WEBHOOK_TARGETS` says otherwise.
    ///
    /// # Errors
    /// If it says something else than `public` or `public-and-loopback`.
    pub fn from_environment() -> Result<Self, WebhookClientError> {
        let targets = match std::env::var("WEBHOOK_TARGETS") {
            Ok(text) => text.parse().map_err(WebhookClientError::Targets)?,
            Err(std::env::VarError::NotPresent) => Targets::Public,
            Err(std::env::VarError::NotUnicode(_)) => return Err(WebhookClientError::Targets(InvalidTargets)),
        };
        Self::new(targets, &[])
    }

    /// A client that posts to these targets. It trusts the authorities that browsers do, and the given ones besides.
    ///
    /// # Errors
    /// If an authority's certificate can't be used.
    pub fn new(targets: Targets, authorities: &[CertificateDer<'static>]) -> Result<Self, WebhookClientError> {
        Ok(Self { connector: Connector::new(targets, authorities).map_err(WebhookClientError::Tls)? })
    }

    /// The same, but names stand for the addresses that `names` gives, instead of what the system says.
    pub fn resolving(mut self, names: impl Fn(&str) -> Vec<IpAddr> + Send + Sync + 'static) -> Self {
        self.connector.names = Names::Given(Arc::new(names));
        self
    }

    /// Which addresses it posts to.
    pub fn targets(&self) -> Targets {
        self.connector.targets
    }

    /// Posts, and says what came of it, at the latest after [`POST_TIMEOUT`].
    ///
    /// The status of the answer decides. An answer whose body comes slowly, has no end or breaks off is taken for
    /// what its status says.
    pub async fn post(&self, post: &SignedRequest<'_>) -> PostResult {
        let began = Instant::now();
        let deadline = began + POST_TIMEOUT;
        let answer = match timeout_at(deadline, self.answer_to(post)).await {
            Ok(answer) => answer,
            Err(_) => Err(AttemptOutcome::Timeout),
        };
        let (answer, _connection) = match answer {
            Ok(answer) => answer,
            Err(outcome) => return PostResult::without_answer(outcome, began.elapsed()),
        };
        let outcome = outcome(answer.status());
        let http_status = Some(answer.status().as_u16());
        let retry_after = retry_after(answer.headers(), post.at.saturating_add(began.elapsed()));
        let excerpt = excerpt(&body_until(deadline, answer.into_body()).await);
        PostResult { outcome, http_status, retry_after, duration: began.elapsed(), excerpt }
    }

    /// Status and headers of the answer, with the connection that its body comes over; otherwise how the attempt ends.
    async fn answer_to(&self, post: &SignedRequest<'_>) -> Result<(Response<Incoming>, JoinSet<()>), AttemptOutcome> {
        // An address that is none, and one with another scheme, were never taken.
        let url = Url::parse(post.url.as_str()).map_err(|_| AttemptOutcome::AddressRefused)?;
        let plain = match url.scheme() {
            "https" => false,
            "http" => true,
            _ => return Err(AttemptOutcome::AddressRefused),
        };
        let (Some(host), Some(port)) = (url.host(), url.port_or_known_default()) else {
            return Err(AttemptOutcome::AddressRefused);
        };
        let request = request(post, &url).map_err(|_| AttemptOutcome::AddressRefused)?;

        let stream = self.connector.connect(host, port, plain).await?;
        let (mut sender, connection) = http1::Builder::new()
            .max_buf_size(HEAD_MAX_BYTES)
            .handshake(TokioIo::new(stream))
            .await
            .map_err(|_| AttemptOutcome::ConnectFailed)?;
        // Ends when the set is dropped at the latest: nothing of a post outlives it. How it ended, the answer says.
        let mut tasks = JoinSet::new();
        tasks.spawn(async move { drop(connection.await) });
        let answer = sender.send_request(request).await.map_err(|_| AttemptOutcome::ResponseBroken)?;
        Ok((answer, tasks))
    }
}

fn request(post: &SignedRequest<'_>, url: &Url) -> Result<Request<Full<Bytes>>, hyper::http::Error> {
    let mut request = Request::builder()
        .method(Method::POST)
        .uri(&url[Position::BeforePath..Position::AfterQuery])
        .body(Full::new(Bytes::copy_from_slice(post.body.as_bytes())))?;
    *request.headers_mut() = headers(post, &url[Position::BeforeHost..Position::AfterPort])?;
    Ok(request)
}

/// What has come of the body by then, as far as it is read.
async fn body_until(deadline: Instant, mut body: Incoming) -> Vec<u8> {
    let mut read = Vec::new();
    while read.len() < RESPONSE_MAX_BYTES {
        let Ok(Some(Ok(frame))) = timeout_at(deadline, body.frame()).await else { break };
        read.extend_from_slice(frame.data_ref().map_or(&[], |data| data));
    }
    read.truncate(RESPONSE_MAX_BYTES);
    read
}
