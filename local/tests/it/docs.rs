//! The documents' page, also as a browser shows it.

use std::process::Command;

use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::program::Program;

/// Names under which browsers are installed that can run without a screen.
const BROWSERS: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/// The text with every digit alike. Dates are moved to the present, and nothing else differs.
fn without_digits(text: &str) -> String {
    text.replace(|c: char| c.is_ascii_digit(), "0")
}

async fn text(url: &str, content_type: &str) -> String {
    let answer = reqwest::get(url).await.unwrap();
    assert_eq!(answer.status(), 200, "{url}");
    assert_eq!(answer.headers()["content-type"], content_type, "{url}");
    answer.text().await.unwrap()
}

#[tokio::test]
async fn the_document_is_openapi_yaml_moved_to_the_present() {
    let program = Program::ephemeral();
    let yaml = text(&format!("{}/openapi.yaml", program.api), "application/yaml").await;
    assert!(without_digits(&yaml) == without_digits(include_str!("../../../openapi.yaml")), "{yaml}");
    let json = text(&format!("{}/openapi.json", program.api), "application/json").await;
    let document: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(document, serde_norway::from_str::<Value>(&yaml).unwrap());

    let examples = &document["paths"]["/interviews"]["post"]["requestBody"]["content"]["application/json"]["examples"];
    let asked = examples["existing_scheduled"]["value"]["scheduleTime"].as_str().unwrap();
    let ahead = asked.parse::<DateTime<Utc>>().unwrap() - Utc::now();
    assert!((1..30).contains(&ahead.num_days()), "{asked}");
}

#[tokio::test]
async fn who_asks_for_nothing_or_for_what_is_not_there_is_led_to_the_document() {
    let program = Program::ephemeral();
    let front = reqwest::get(&program.api).await.unwrap();
    assert_eq!(front.url().as_str(), program.docs);
    assert_eq!(reqwest::get(format!("{}/", program.docs)).await.unwrap().url().as_str(), program.docs);
    let missing: Value = reqwest::get(format!("{}/interview", program.api)).await.unwrap().json().await.unwrap();
    let detail = missing["detail"].as_str().unwrap();
    let (_, address) = detail.split_once("OpenAPI document: ").unwrap();
    assert_eq!(address, format!("{}/openapi.yaml", program.api));
}

#[tokio::test]
async fn other_methods_are_refused_as_the_api_refuses_them() {
    let program = Program::ephemeral();
    let paths = ["/", "/docs", "/docs/", "/docs/scalar.js", "/openapi.yaml", "/openapi.json"];
    let refused = paths.map(|path| ("DELETE", path, "GET, HEAD")).into_iter();
    // The last one is a route of the API itself.
    let refused = refused.chain([
        ("POST", "/docs", "GET, HEAD"),
        ("GET", "/docs/webhook", "POST"),
        ("DELETE", "/agents", "POST, GET"),
    ]);
    for (method, path, allow) in refused {
        let request = reqwest::Client::new().request(method.parse().unwrap(), format!("{}{path}", program.api));
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), 405, "{method} {path}");
        assert_eq!(answer.headers()["allow"], allow, "{method} {path}");
        assert_eq!(answer.headers()["content-type"], "application/problem+json", "{method} {path}");
        let id = answer.headers()["x-request-id"].to_str().unwrap().to_owned();
        let problem: Value = answer.json().await.unwrap();
        assert_eq!(problem["code"], "METHOD_NOT_ALLOWED", "{method} {path}");
        assert_eq!(problem["requestId"], id, "{method} {path}");
    }
}

#[tokio::test]
async fn the_page_comes_from_here_with_all_it_needs_and_the_demo_key() {
    let program = Program::ephemeral();
    let page = reqwest::get(&program.docs).await.unwrap();
    assert_eq!(page.status(), 200);
    let policy = page.headers()["content-security-policy"].to_str().unwrap().to_owned();
    assert!(policy.starts_with("default-src 'self';") && !policy.contains("http"), "{policy}");
    let html = page.text().await.unwrap();
    assert!(html.contains("<title>Greenroom API</title>") && html.contains("name=\"viewport\""), "{html}");
    assert!(html.contains(&program.api_key) && html.contains(&program.system_api_key));
    let sources: Vec<_> = html.split("src=\"").skip(1).filter_map(|text| text.split('"').next()).collect();
    assert_eq!(sources, ["/docs/scalar.js"]);
    let script = text(&format!("{}/docs/scalar.js", program.api), "text/javascript").await;
    assert!(script.len() > 1_000_000);
}

#[test]
fn a_browser_that_reaches_nobody_else_shows_the_reference() {
    let Some(browser) = BROWSERS.into_iter().find(|name| Command::new(name).arg("--version").output().is_ok()) else {
        assert!(std::env::var_os("CI").is_none(), "no browser: install one of {BROWSERS:?}");
        eprintln!("skipped: none of {BROWSERS:?} is installed");
        return;
    };
    let program = Program::ephemeral();
    let profile = tempfile::tempdir().unwrap();
    let shown = Command::new(browser)
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=20000", "--dump-dom"])
        .arg("--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1")
        .arg(format!("--user-data-dir={}", profile.path().display()))
        .arg(&program.docs)
        .output()
        .unwrap();
    let page = String::from_utf8_lossy(&shown.stdout);
    for shown in [">Greenroom</h1>", "Authentication", "Create an agent", "Interviews", "Webhooks", "Events"] {
        assert!(page.contains(shown), "{shown} is not on the page that {browser} shows");
    }
}
