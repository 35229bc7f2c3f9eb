//! The SQS and KMS endpoint: AWS's JSON protocols over HTTP, as far as the functions, the AWS command line and an
//! operator use them. Signatures are not checked.

use std::{net::TcpListener, sync::Arc};

use anyhow::Result;
use axum::{
    Router,
    body::{Body, Bytes},
    extract::{DefaultBodyLimit, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
    routing::post,
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use uuid::Uuid;

use crate::{
    http::Serving,
    kms::{self, MasterKey},
    sqs::{self, Queues},
};

/// Bound of a request. Ten messages are 1 MiB together, of which JSON makes up to six times as much.
const BODY_SIZE_MAX_BYTES: usize = 8 * 1024 * 1024;

#[derive(Clone)]
struct Services {
    queues: Queues,
    master_key: Arc<MasterKey>,
}

/// Serves both on a port. Must be called inside a Tokio runtime.
pub fn serve(listener: TcpListener, queues: Queues, master_key: Arc<MasterKey>) -> Result<Serving> {
    let router = Router::new()
        // SQS's clients post to the endpoint, or to the queue's own URL.
        .route("/", post(answer))
        .route("/{account}/{queue}", post(answer))
        .layer(DefaultBodyLimit::max(BODY_SIZE_MAX_BYTES))
        .with_state(Services { queues, master_key });
    Serving::start(listener, router)
}

async fn answer(State(services): State<Services>, headers: HeaderMap, body: Bytes) -> Response {
    let text = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok()).unwrap_or_default();
    let host = text(header::HOST);
    let (media_type, outcome) = match text(HeaderName::from_static("x-amz-target")).split_once('.') {
        Some(("AmazonSQS", operation)) => {
            let server = format!("http://{host}");
            ("application/x-amz-json-1.0", sqs::protocol::call(&services.queues, &server, operation, &body).await)
        }
        Some(("TrentService", operation)) => {
            ("application/x-amz-json-1.1", kms::protocol::call(&services.master_key, operation, &body))
        }
        _ => {
            let text = "only the JSON protocols of SQS and KMS are spoken here, which name their operation in the \
                        header X-Amz-Target; older tools speak others";
            ("application/x-amz-json-1.0", Err(ErrorResponse::new("UnknownOperationException", text)))
        }
    };
    let mut response = match outcome {
        Ok(answer) => Body::from(answer.to_string()).into_response(),
        Err(error) => error.into_response(),
    };
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    if let Ok(id) = HeaderValue::from_str(&Uuid::new_v4().to_string()) {
        response.headers_mut().insert(HeaderName::from_static("x-amzn-requestid"), id);
    }
    response
}

pub(crate) struct ErrorResponse {
    status: StatusCode,
    /// The error's name in the service's protocol.
    pub(crate) kind: &'static str,
    /// The name that SQS's older protocol has for it, if another: its clients go by that one.
    pub(crate) query_code: Option<&'static str>,
    pub(crate) message: String,
}

impl ErrorResponse {
    pub(crate) fn new(kind: &'static str, message: impl Into<String>) -> Self {
        Self { status: StatusCode::BAD_REQUEST, kind, query_code: None, message: message.into() }
    }

    pub(crate) fn known_as(self, query_code: &'static str) -> Self {
        Self { query_code: Some(query_code), ..self }
    }

    pub(crate) fn unknown_operation(operation: &str) -> Self {
        Self::new("UnknownOperationException", format!("{operation} is not imitated here"))
    }

    fn into_response(self) -> Response {
        let body = serde_json::json!({ "__type": self.kind, "message": self.message });
        let mut response = (self.status, body.to_string()).into_response();
        if let Some(code) = self.query_code
            && let Ok(code) = HeaderValue::from_str(&format!("{code};Sender"))
        {
            response.headers_mut().insert(HeaderName::from_static("x-amzn-query-error"), code);
        }
        response
    }
}

impl From<anyhow::Error> for ErrorResponse {
    fn from(error: anyhow::Error) -> Self {
        let response = Self::new("InternalFailure", format!("{error:#}"));
        Self { status: StatusCode::INTERNAL_SERVER_ERROR, ..response }
    }
}

pub(crate) fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, ErrorResponse> {
    serde_json::from_slice(body).map_err(|error| ErrorResponse::new("SerializationException", error.to_string()))
}

pub(crate) fn write<T: Serialize>(answer: &T) -> Result<Value, ErrorResponse> {
    serde_json::to_value(answer).map_err(|error| anyhow::Error::new(error).into())
}
