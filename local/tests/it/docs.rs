//! The documents' page, also as a browser shows it.

use std::process::Command;

use serde_json::Value;

use crate::program::Program;

/// Names under which browsers are installed that can run without a screen.
const BROWSERS: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

#[tokio::test]
async fn the_document_is_openapi_yaml() {
    let program = Program::ephemeral();
    let answer = reqwest::get(format!("{}/openapi.json", program.api)).await.unwrap();
    assert_eq!(answer.headers()["content-type"], "application/json");
    let served: Value = answer.json().await.unwrap();
    let written: Value = serde_norway::from_str(include_str!("../../../openapi.yaml")).unwrap();
    assert_eq!(served, written);
}

#[tokio::test]
async fn the_page_and_its_assets_come_from_here() {
    let program = Program::ephemeral();
    let page = reqwest::get(&program.docs).await.unwrap();
    assert_eq!(page.status(), 200);
    assert_eq!(page.headers()["content-type"], "text/html");
    let base = page.url().clone();
    let html = page.text().await.unwrap();
    let assets: Vec<_> =
        html.split(['"', '\'']).filter(|text| text.ends_with(".js") || text.ends_with(".css")).collect();
    assert_eq!(assets.len(), 5, "{html}");
    for asset in assets {
        let url = base.join(asset).unwrap();
        assert_eq!(url.host(), base.host(), "{asset}");
        assert_eq!(reqwest::get(url).await.unwrap().status(), 200, "{asset}");
    }
    let missing = reqwest::get(base.join("no-such-file.js").unwrap()).await.unwrap();
    assert_eq!(missing.status(), 404);
}

#[test]
fn a_browser_that_reaches_nobody_else_shows_every_route() {
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
    for route in api::Route::ALL {
        let shown = format!("data-path=\"{}\"", route.entry().path);
        assert!(page.contains(&shown), "{} is not on the page that {browser} shows", route.entry().key);
    }
}
