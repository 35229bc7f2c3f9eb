//! The console at `/console/`: the static files of the folder `console/`, which are inside this program.

use std::borrow::Cow;

use axum::{
    Router,
    extract::Path,
    http::{HeaderName, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use rust_embed::Embed;
use serde_json::json;

use crate::docs::read_only;

/// The files as they are hosted anywhere.
#[derive(Embed)]
#[folder = "../console"]
struct Files;

/// The headers of every file: those that `docs/operating.md` names for other servers. The console may ask nobody but
/// this server, and nobody else's page may frame it.
const HEADERS: [(HeaderName, &str); 4] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; \
         form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
    ),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::CACHE_CONTROL, "no-cache"),
];

/// The router of the console, which offers to sign in with that key.
pub fn router(api_key: &str) -> Router {
    let settings = json!({ "api": "", "demoKey": api_key }).to_string();
    let settings = || async { answer("application/json", settings.into_bytes().into()) };
    Router::new()
        .route("/console", read_only(get(|| async { Redirect::permanent("/console/") })))
        .route("/console/", read_only(get(|| async { file("index.html") })))
        .route("/console/settings.json", read_only(get(settings)))
        .route("/console/{*name}", read_only(get(|Path(name): Path<String>| async move { file(&name) })))
}

fn file(name: &str) -> Response {
    match Files::get(name) {
        Some(file) => answer(media_type(name), file.data),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

fn media_type(name: &str) -> &'static str {
    match name.rsplit_once('.') {
        Some((_, "html")) => "text/html; charset=utf-8",
        Some((_, "css")) => "text/css; charset=utf-8",
        Some((_, "js")) => "text/javascript; charset=utf-8",
        Some((_, "svg")) => "image/svg+xml",
        _ => "application/octet-stream",
    }
}

fn answer(media_type: &'static str, content: Cow<'static, [u8]>) -> Response {
    (HEADERS, [(header::CONTENT_TYPE, media_type)], content).into_response()
}
