//! The headers of a request: Standard Webhooks 1.0, and the webhook's own.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::webhook::{POST_ID_HEADER, POST_SIGNATURE_HEADER, POST_USER_AGENT, SigningSecret, WebhookHeader};
use hyper::header::{CONTENT_TYPE, HOST, HeaderMap, HeaderName, HeaderValue, InvalidHeaderValue, USER_AGENT};
use ring::hmac;

use crate::client::SignedRequest;

const WEBHOOK_ID: HeaderName = HeaderName::from_static(POST_ID_HEADER);
const WEBHOOK_TIMESTAMP: HeaderName = HeaderName::from_static("webhook-timestamp");
const WEBHOOK_SIGNATURE: HeaderName = HeaderName::from_static(POST_SIGNATURE_HEADER);
const AGENT: HeaderValue = HeaderValue::from_static(POST_USER_AGENT);
const JSON: HeaderValue = HeaderValue::from_static("application/json");
const SECRET_PREFIX: &str = "whsec_";

/// The headers of a request to that host.
pub(crate) fn headers(request: &SignedRequest<'_>, host: &str) -> Result<HeaderMap, InvalidHeaderValue> {
    let mut headers = HeaderMap::new();
    headers.insert(HOST, HeaderValue::from_str(host)?);
    headers.insert(USER_AGENT, AGENT);
    headers.insert(CONTENT_TYPE, JSON);
    headers.insert(WEBHOOK_ID, HeaderValue::from_str(&request.delivery_id.to_string())?);
    headers.insert(WEBHOOK_TIMESTAMP, HeaderValue::from(request.at.epoch_seconds()));
    headers.insert(WEBHOOK_SIGNATURE, HeaderValue::from_str(&signatures(request))?);
    for header in request.headers {
        if let Some((name, value)) = read(header) {
            headers.append(name, value);
        }
    }
    Ok(headers)
}

/// A webhook's own header, unless it is malformed or one that only we set. Validation sees to that already; checked
/// again, no stored header can frame or sign a request.
fn read(header: &WebhookHeader) -> Option<(HeaderName, HeaderValue)> {
    let name = domain::webhook::HeaderName::parse(header.name.as_str()).ok()?;
    let value = domain::webhook::HeaderValue::parse(header.value.reveal()).ok()?;
    let mut value = HeaderValue::from_str(value.reveal()).ok()?;
    value.set_sensitive(true);
    Some((HeaderName::from_bytes(name.as_str().as_bytes()).ok()?, value))
}

/// `v1,` and the signature, for each secret.
fn signatures(request: &SignedRequest<'_>) -> String {
    let id = request.delivery_id.to_string();
    let one = |secret: &SigningSecret| signature(secret.reveal(), &id, request.at.epoch_seconds(), request.body);
    request.secrets.iter().filter_map(one).collect::<Vec<_>>().join(" ")
}

/// The signature by one secret; none if the secret is malformed, which a stored one never is. Receivers that verify
/// refuse a request without a signature.
fn signature(secret: &str, id: &str, seconds: i64, body: &str) -> Option<String> {
    let key = STANDARD.decode(secret.strip_prefix(SECRET_PREFIX)?).ok()?;
    let key = hmac::Key::new(hmac::HMAC_SHA256, &key);
    let signature = hmac::sign(&key, format!("{id}.{seconds}.{body}").as_bytes());
    Some(format!("v1,{}", STANDARD.encode(signature)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use standardwebhooks::Webhook;

    #[test]
    fn published_examples_have_their_signatures() {
        let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
        let signed = signature(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, r#"{"test": 2432232314}"#);
        assert_eq!(signed.as_deref(), Some("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="));

        let secret = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";
        let body = r#"{"email":"test@example.com","username":"test_user"}"#;
        let signed = signature(secret, "msg_27UH4WbU6Z5A5EzD8u03UvzRbpk", 1_649_367_553, body);
        assert_eq!(signed.as_deref(), Some("v1,tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw="));
    }

    #[test]
    fn what_is_no_secret_signs_nothing() {
        for secret in ["", "whsec_!", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec-AAAA"] {
            assert_eq!(signature(secret, "id", 0, "{}"), None, "{secret}");
        }
    }

    proptest! {
        #[test]
        fn signatures_are_those_of_the_reference(
            key: [u8; 32],
            id in "[a-z0-9-]{1,40}",
            seconds in 0..i64::MAX,
            body: String,
        ) {
            let secret = format!("{SECRET_PREFIX}{}", STANDARD.encode(key));
            let reference = Webhook::new(&secret).unwrap().sign(&id, seconds, body.as_bytes()).unwrap();
            prop_assert_eq!(signature(&secret, &id, seconds, &body), Some(reference));
        }
    }
}
