//! A proxy that counts the requests of a function to DynamoDB: not every function logs them.

use crate::costs::Cost;
use anyhow::{Context, Result};
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use local::http::Serving;
use serde_json::Value;
use std::net::TcpListener;
use std::sync::{Arc, Mutex, PoisonError};

/// Passes requests on to an engine and counts them, until dropped.
pub struct Meter {
    served: Serving,
    counted: Arc<Mutex<Cost>>,
}

#[derive(Clone)]
struct Proxy {
    engine_url: String,
    http: reqwest::Client,
    counted: Arc<Mutex<Cost>>,
}

impl Meter {
    /// Starts one in front of the engine at this URL.
    pub fn start(engine_url: &str) -> Result<Meter> {
        let counted = Arc::default();
        let proxy =
            Proxy { engine_url: engine_url.to_owned(), http: reqwest::Client::new(), counted: Arc::clone(&counted) };
        let router = Router::new().fallback(pass_on).with_state(proxy);
        Ok(Meter { served: Serving::start(TcpListener::bind("127.0.0.1:0")?, router)?, counted })
    }

    pub fn url(&self) -> String {
        self.served.url()
    }

    /// The requests since the last call.
    pub fn take(&self) -> Cost {
        std::mem::take(&mut *self.counted.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

async fn pass_on(State(proxy): State<Proxy>, headers: HeaderMap, body: Bytes) -> Response {
    match proxy.pass_on(headers, body).await {
        Ok(response) => response,
        Err(error) => (StatusCode::BAD_GATEWAY, format!("{error:#}")).into_response(),
    }
}

impl Proxy {
    async fn pass_on(&self, mut headers: HeaderMap, body: Bytes) -> Result<Response> {
        headers.remove(header::HOST);
        let target = headers.get("x-amz-target").context("no operation")?.to_str()?.to_owned();
        let answer = self.http.post(&self.engine_url).headers(headers).body(body).send().await?;
        let (status, mut headers) = (answer.status(), answer.headers().clone());
        let body = answer.bytes().await?;
        // Hyper says itself how it sends the body.
        headers.remove(header::TRANSFER_ENCODING);
        self.count(&target, &body)?;
        Ok((status, headers, body).into_response())
    }

    fn count(&self, target: &str, answer: &[u8]) -> Result<()> {
        let answer: Value = serde_json::from_slice(answer).context("the engine's answer is not JSON")?;
        // An object for one table, an array for several.
        let units = match &answer["ConsumedCapacity"] {
            Value::Array(tables) => tables.iter().filter_map(|table| table["CapacityUnits"].as_f64()).sum(),
            one => one["CapacityUnits"].as_f64().unwrap_or_default(),
        };
        let operation = target.rsplit('.').next().unwrap_or_default();
        let mut counted = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        counted.requests += 1;
        if matches!(operation, "GetItem" | "BatchGetItem" | "TransactGetItems" | "Query") {
            counted.read_units += units;
        } else {
            counted.write_units += units;
        }
        Ok(())
    }
}
