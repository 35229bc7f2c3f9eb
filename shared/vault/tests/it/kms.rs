//! A KMS with one key. It keeps what it wrapped instead of encrypting it.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex};

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use vault::Vault;

pub const KEY_ID: &str = "arn:aws:kms:local:000000000000:key/secrets";

#[derive(Clone)]
pub struct Kms {
    pub url: String,
    /// Wrapped keys, with their context.
    wrapped: Arc<Mutex<HashMap<String, (Value, String)>>>,
    /// Answers to give before any real one.
    pub instead: Arc<Mutex<VecDeque<(u16, Value)>>>,
    requests: Arc<Mutex<Vec<(String, Value)>>>,
}

impl Kms {
    pub async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let kms = Self {
            url: format!("http://{}", listener.local_addr().unwrap()),
            wrapped: Arc::default(),
            instead: Arc::default(),
            requests: Arc::default(),
        };
        let router = axum::Router::new().fallback(answer).with_state(kms.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        kms
    }

    /// A vault that has unwrapped nothing yet.
    pub async fn vault(&self) -> Vault {
        Vault::at_endpoint(KEY_ID, &self.url, aws_smithy_http_client::Builder::new().build_http()).await
    }

    /// The operations that were asked for since the last time.
    pub fn take_operations(&self) -> Vec<String> {
        self.take_requests().into_iter().map(|(operation, _)| operation).collect()
    }

    /// The requests since the last time.
    pub fn take_requests(&self) -> Vec<(String, Value)> {
        std::mem::take(&mut self.requests.lock().unwrap())
    }

    fn generate_data_key(&self, request: &Value) -> (u16, Value) {
        assert_eq!(request["KeySpec"], "AES_256");
        let number = u8::try_from(self.wrapped.lock().unwrap().len()).unwrap();
        let key = STANDARD.encode([number; 32]);
        let wrapped_key = STANDARD.encode(format!("wrapped {number:03}"));
        let entry = (request["EncryptionContext"].clone(), key.clone());
        self.wrapped.lock().unwrap().insert(wrapped_key.clone(), entry);
        (200, json!({"KeyId": KEY_ID, "Plaintext": key, "CiphertextBlob": wrapped_key}))
    }

    fn decrypt(&self, request: &Value) -> (u16, Value) {
        let wrapped_key = request["CiphertextBlob"].as_str().unwrap();
        match self.wrapped.lock().unwrap().get(wrapped_key) {
            Some((context, key)) if *context == request["EncryptionContext"] => {
                (200, json!({"KeyId": KEY_ID, "Plaintext": key}))
            }
            _ => failure(400, "InvalidCiphertextException"),
        }
    }
}

/// An answer with an error.
pub fn failure(status: u16, code: &str) -> (u16, Value) {
    (status, json!({"__type": code, "message": "as the test wants it"}))
}

async fn answer(State(kms): State<Kms>, headers: HeaderMap, body: Bytes) -> (StatusCode, String) {
    let operation = headers["x-amz-target"].to_str().unwrap().to_owned();
    let request: Value = serde_json::from_slice(&body).unwrap();
    kms.requests.lock().unwrap().push((operation.clone(), request.clone()));
    let instead = kms.instead.lock().unwrap().pop_front();
    let (status, body) = match (instead, operation.as_str()) {
        (Some(answer), _) => answer,
        (None, _) if request["KeyId"] != KEY_ID => failure(400, "NotFoundException"),
        (None, "TrentService.GenerateDataKey") => kms.generate_data_key(&request),
        (None, "TrentService.Decrypt") => kms.decrypt(&request),
        (None, other) => panic!("{other}"),
    };
    // A text is sent as it is, to be no JSON.
    let body = body.as_str().map_or_else(|| body.to_string(), str::to_owned);
    (StatusCode::from_u16(status).unwrap(), body)
}
