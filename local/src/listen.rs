//! A receiver of webhooks for trying them out: registers a webhook of its own, shows what arrives and whether its
//! signature holds, and can play an endpoint that fails.

mod registration;

use std::{net::TcpListener, sync::Arc, time::Duration};

use anyhow::{Context as _, Result};
use axum::{
    Router,
    body::Bytes,
    extract::{DefaultBodyLimit, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
    routing::post,
};
use chrono::{DateTime, SecondsFormat, Utc};
use domain::{StringEnum as _, event::EventType};
use standardwebhooks::{Webhook, WebhookError};
use tokio::time::sleep;

use crate::http::Serving;

pub use registration::Registration;

/// Most bytes of a delivery. Greenroom's are smaller than a message of its queue, which is 1 MiB.
const BODY_SIZE_MAX_BYTES: usize = 2 * 1024 * 1024;

/// A receiver's signing secrets and its answer.
pub struct Receiver {
    secrets: Vec<Webhook>,
    registration: Option<Registration>,
    status: StatusCode,
    delay: Duration,
    retry_after: Option<HeaderValue>,
}

/// A post that has arrived.
pub struct Post<'a> {
    /// The body as it came.
    pub body: &'a [u8],
    verdict: &'a Verdict,
}

/// The verdict on a post's signature: how it was verified, or why it was not.
type Verdict = Result<String, String>;

impl Receiver {
    /// A receiver that verifies by these signing secrets, of which one is enough, and answers 204 at once. What it
    /// cannot verify it refuses with 401; without a secret it takes everything.
    pub fn new(secrets: &[String]) -> Result<Self> {
        let secrets = secrets.iter().map(|secret| {
            Webhook::new(secret).context("a signing secret has the form whsec_…, with base64 after the underscore")
        });
        let secrets = secrets.collect::<Result<_>>()?;
        let (status, delay) = (StatusCode::NO_CONTENT, Duration::ZERO);
        Ok(Self { secrets, registration: None, status, delay, retry_after: None })
    }

    /// A receiver of the posts of its own webhook.
    pub fn registered(registration: &Registration) -> Result<Self> {
        let receiver = Self::new(&[registration.signing_secret()?.to_owned()])?;
        Ok(Self { registration: Some(registration.clone()), ..receiver })
    }

    /// The same with another answer: this status, after this delay, and with this `Retry-After`.
    pub fn answering(self, status: StatusCode, delay: Duration, retry_after: Option<HeaderValue>) -> Self {
        Self { status, delay, retry_after, ..self }
    }

    /// Receives on a port, at any path, and calls `received` before each answer. Must be called inside a Tokio runtime.
    pub fn serve(self, listener: TcpListener, received: impl Fn(&Post<'_>) + Send + Sync + 'static) -> Result<Serving> {
        let received: Received = Arc::new(received);
        let router = Router::new()
            .route("/", post(receive))
            .route("/{*path}", post(receive))
            .layer(DefaultBodyLimit::max(BODY_SIZE_MAX_BYTES))
            .with_state((Arc::new(self), received));
        Serving::start(listener, router)
    }

    /// The way in which a post was verified.
    fn verify(&self, headers: &HeaderMap, body: &[u8]) -> Result<String, WebhookError> {
        let mut verified = Ok("unverified".to_owned());
        for (number, secret) in self.secrets.iter().enumerate() {
            match secret.verify(body, headers) {
                Ok(()) if self.secrets.len() == 1 => return Ok("verified".to_owned()),
                Ok(()) => return Ok(format!("verified by secret {}", number + 1)),
                Err(error) => verified = Err(error),
            }
        }
        verified
    }

    async fn verdict(&self, headers: &HeaderMap, body: &[u8]) -> Verdict {
        match self.verify(headers, body) {
            Ok(verified) => Ok(verified),
            Err(error) => Err(format!("NOT verified: {error}{}", self.explanation(&error).await)),
        }
    }

    /// The explanation of a post that cannot be verified, as far as there is one.
    async fn explanation(&self, error: &WebhookError) -> String {
        match (error, &self.registration) {
            // No webhook posts like that.
            (WebhookError::MissingHeader(_), _) => ": this is no delivery of Greenroom's".to_owned(),
            (WebhookError::InvalidSignature, Some(registration)) => {
                // Whether one of them sent it, only its secret could tell.
                match registration.others().await.unwrap_or_default().as_slice() {
                    [] => String::new(),
                    [id] => format!(": it may be of another webhook of this company that posts here: {id}"),
                    ids => {
                        format!(": it may be of another webhook of this company that posts here: {}", ids.join(", "))
                    }
                }
            }
            _ => String::new(),
        }
    }
}

impl Post<'_> {
    /// The text that a post is shown by.
    pub fn text(&self, now: DateTime<Utc>) -> String {
        // This type keeps the order of fields.
        let json: Option<serde_norway::Value> = serde_json::from_slice(self.body).ok();
        let field = |name: &str| match json.as_ref().and_then(|json| json.get(name)?.as_str()) {
            Some(value) => value.to_owned(),
            None => format!("no {name}"),
        };
        let shown = match &json {
            Some(json) => serde_json::to_string_pretty(json).unwrap_or_else(|error| error.to_string()),
            None => String::from_utf8_lossy(self.body).into_owned(),
        };
        let (Ok(verdict) | Err(verdict)) = self.verdict;
        let text = format!(
            "{}  {}  {}  {verdict}\n    {}\n",
            now.to_rfc3339_opts(SecondsFormat::Millis, true),
            field("event"),
            field("deliveryId"),
            shown.replace('\n', "\n    "),
        );
        // A terminal would obey control characters.
        text.replace(|character: char| character.is_control() && character != '\n', "\u{fffd}")
    }
}

type Received = Arc<dyn Fn(&Post<'_>) + Send + Sync>;

async fn receive(
    State((receiver, received)): State<(Arc<Receiver>, Received)>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let verdict = receiver.verdict(&headers, &body).await;
    received(&Post { body: &body, verdict: &verdict });
    if let Err(reason) = verdict {
        return (StatusCode::UNAUTHORIZED, reason).into_response();
    }
    sleep(receiver.delay).await;
    let mut response = match (challenge(&body), receiver.status.is_success()) {
        (Some(challenge), true) => challenge.into_response(),
        (Some(_) | None, _) => receiver.status.into_response(),
    };
    if let Some(retry_after) = &receiver.retry_after {
        response.headers_mut().insert(header::RETRY_AFTER, retry_after.clone());
    }
    response
}

/// The challenge of a post, which proves the address as the whole answer.
fn challenge(body: &[u8]) -> Option<String> {
    let body: serde_json::Value = serde_json::from_slice(body).ok()?;
    Some(body["data"]["challenge"].as_str()?.to_owned())
}

/// Reads an event's name.
pub fn event(text: &str) -> Result<EventType, String> {
    EventType::parse(text).map_err(|violation| violation.message)
}

/// Reads a time such as `20s` or `500ms`; a number alone is in seconds.
pub fn duration(text: &str) -> Result<Duration, String> {
    let (number, unit): (&str, fn(u64) -> Duration) = match (text.strip_suffix("ms"), text.strip_suffix('s')) {
        (Some(number), _) => (number, Duration::from_millis),
        (None, Some(number)) => (number, Duration::from_secs),
        (None, None) => (text, Duration::from_secs),
    };
    number.parse().map(unit).map_err(|_| "give a time such as 20s or 500ms".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    const BODY: &str = r#"{"event":"ping","timestamp":"2026-03-01T10:20:30.456Z","deliveryId":"d-1","data":{"a":[1]}}"#;

    fn now() -> DateTime<Utc> {
        "2026-03-01T10:20:30.456Z".parse().unwrap()
    }

    /// The headers of a delivery that is signed now.
    fn signed(secret: &str) -> HeaderMap {
        let time = Utc::now().timestamp();
        let signature = Webhook::new(secret).unwrap().sign("d-1", time, BODY.as_bytes()).unwrap();
        let mut headers = HeaderMap::new();
        headers.insert("webhook-id", HeaderValue::from_static("d-1"));
        headers.insert("webhook-timestamp", time.into());
        headers.insert("webhook-signature", signature.parse().unwrap());
        headers
    }

    fn receiver(secrets: &[&str]) -> Receiver {
        Receiver::new(&secrets.iter().map(|&secret| secret.to_owned()).collect::<Vec<_>>()).unwrap()
    }

    #[tokio::test]
    async fn a_delivery_is_shown_with_its_verdict_and_its_body() {
        let verdict = receiver(&[SECRET]).verdict(&signed(SECRET), BODY.as_bytes()).await;
        assert_eq!(
            Post { body: BODY.as_bytes(), verdict: &verdict }.text(now()),
            "2026-03-01T10:20:30.456Z  ping  d-1  verified\n    \
             {\n      \"event\": \"ping\",\n      \"timestamp\": \"2026-03-01T10:20:30.456Z\",\n      \
             \"deliveryId\": \"d-1\",\n      \"data\": {\n        \"a\": [\n          1\n        ]\n      }\n    }\n"
        );
    }

    #[tokio::test]
    async fn each_reason_not_to_trust_a_delivery_is_named() {
        let other = "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
        let mut old = signed(SECRET);
        old.insert("webhook-timestamp", HeaderValue::from_static("1772360430"));
        let cases = [
            (receiver(&[]), HeaderMap::new(), Ok("unverified")),
            (receiver(&[other]), signed(SECRET), Err("NOT verified: signature invalid")),
            (
                receiver(&[SECRET]),
                HeaderMap::new(),
                Err("NOT verified: missing header id: this is no delivery of Greenroom's"),
            ),
            (receiver(&[SECRET]), old, Err("NOT verified: signature timestamp too old")),
            (receiver(&[other, SECRET]), signed(SECRET), Ok("verified by secret 2")),
        ];
        for (receiver, headers, verdict) in cases {
            let expected = verdict.map(str::to_owned).map_err(str::to_owned);
            assert_eq!(receiver.verdict(&headers, BODY.as_bytes()).await, expected);
        }
    }

    #[test]
    fn a_terminal_is_given_nothing_to_obey() {
        let verdict = Ok("verified".to_owned());
        for body in [br#"{"event":"\u001b[2J","deliveryId":"\u009b2J","data":"\u007f"}"#.as_slice(), b"\x1b[2J\xff"] {
            let text = Post { body, verdict: &verdict }.text(now());
            assert!(!text.contains(|character: char| character.is_control() && character != '\n'), "{text:?}");
        }
    }

    #[test]
    fn the_answer_to_a_challenge_is_the_challenge() {
        assert_eq!(challenge(br#"{"data": {"challenge": "5b1f"}}"#).as_deref(), Some("5b1f"));
        for body in ["", "{}", r#"{"data": {}}"#, r#"{"data": {"challenge": 1}}"#] {
            assert_eq!(challenge(body.as_bytes()), None, "{body}");
        }
    }

    #[test]
    fn what_is_no_secret_is_refused() {
        assert!(Receiver::new(&["whsec_no base64".to_owned()]).is_err());
    }

    #[test]
    fn times_have_units() {
        assert_eq!(duration("20s"), Ok(Duration::from_secs(20)));
        assert_eq!(duration("500ms"), Ok(Duration::from_millis(500)));
        assert_eq!(duration("3"), Ok(Duration::from_secs(3)));
        for text in ["", "s", "1m", "-1s", "1.5s"] {
            assert!(duration(text).is_err(), "{text}");
        }
    }
}
