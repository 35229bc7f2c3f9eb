//! Requests that take no time of a paused clock: they run beside it, and it does not move while it waits for them.
//!
//! Tokio moves a paused clock whenever nothing else is to be done, and so also while a socket is waited for: a request to
//! the engine would then time out at once.

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use tokio::runtime::{Builder, Handle, Runtime};

/// The runtime that requests run on, until it is dropped.
pub struct Beside(Option<Runtime>);

impl Beside {
    /// Starts one.
    pub fn start() -> Self {
        Self(Some(Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime")))
    }

    /// The same client, whose requests run beside the caller's clock.
    pub fn client(&self, inner: SharedHttpClient) -> SharedHttpClient {
        let runtime = self.0.as_ref().expect("a runtime").handle().clone();
        SharedHttpClient::new(BesideClient { inner, runtime })
    }
}

impl Drop for Beside {
    fn drop(&mut self) {
        // Waiting for it is not allowed where another runtime runs.
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

#[derive(Debug, Clone)]
struct BesideClient {
    inner: SharedHttpClient,
    runtime: Handle,
}

impl HttpClient for BesideClient {
    fn http_connector(&self, _: &HttpConnectorSettings, components: &RuntimeComponents) -> SharedHttpConnector {
        let inner = self.inner.http_connector(&HttpConnectorSettings::builder().build(), components);
        SharedHttpConnector::new(BesideConnector { inner, runtime: self.runtime.clone() })
    }
}

#[derive(Debug, Clone)]
struct BesideConnector {
    inner: SharedHttpConnector,
    runtime: Handle,
}

impl HttpConnector for BesideConnector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let Self { inner, runtime } = self.clone();
        let answered = tokio::task::spawn_blocking(move || runtime.block_on(inner.call(request)));
        HttpConnectorFuture::new(async move { answered.await.expect("a request") })
    }
}
