//! The API's documents: `/openapi.json`, and at `/docs` an interactive page made from it. The page's assets are inside
//! this program.

use std::sync::{Arc, LazyLock};

use axum::{
    Router,
    body::Body,
    extract::Path,
    http::{StatusCode, header},
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use utoipa_swagger_ui::Config;

const OPENAPI_YAML: &str = include_str!("../../openapi.yaml");

/// `openapi.yaml` as JSON, its fields in the same order.
static OPENAPI_JSON: LazyLock<Result<String, String>> = LazyLock::new(|| {
    let document: serde_norway::Value = serde_norway::from_str(OPENAPI_YAML).map_err(|error| error.to_string())?;
    serde_json::to_string(&document).map_err(|error| error.to_string())
});

static CONFIG: LazyLock<Arc<Config<'static>>> = LazyLock::new(|| {
    let config = Config::from("/openapi.json")
        .try_it_out_enabled(true)
        .display_request_duration(true)
        .persist_authorization(true)
        // Otherwise the page asks a server on the internet to check the document.
        .validator_url("none");
    Arc::new(config)
});

pub fn router() -> Router {
    Router::new()
        .route("/openapi.json", get(openapi))
        // The page names its assets relative to itself.
        .route("/docs", get(Redirect::permanent("/docs/")))
        .route("/docs/", get(|| async { asset("index.html") }))
        .route("/docs/{*asset}", get(|Path(path): Path<String>| async move { asset(&path) }))
}

async fn openapi() -> Response {
    match &*OPENAPI_JSON {
        Ok(document) => {
            let json = [(header::CONTENT_TYPE, "application/json")];
            (json, document.as_str()).into_response()
        }
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.as_str()).into_response(),
    }
}

fn asset(path: &str) -> Response {
    match utoipa_swagger_ui::serve(path, CONFIG.clone()) {
        Ok(Some(file)) => {
            let content_type = [(header::CONTENT_TYPE, file.content_type)];
            (content_type, Body::from(file.bytes.into_owned())).into_response()
        }
        Ok(None) => StatusCode::NOT_FOUND.into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}
