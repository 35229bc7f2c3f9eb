//! The console's files, as they are served. `.ci/look_at_console.py` shows them in a browser.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::program::Program;

/// The folder of the console.
fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../console")
}

/// The paths of all files in a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

fn media_type(file: &Path) -> &'static str {
    match file.extension().and_then(|extension| extension.to_str()) {
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("html") => "text/html; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("json") => "application/json",
        other => panic!("a file of an unknown kind, {other:?}"),
    }
}

#[tokio::test]
async fn every_file_of_the_folder_is_served_as_it_is_but_for_the_settings() {
    let program = Program::ephemeral();
    let files = files(&folder());
    assert!(files.len() > 15, "{files:?}");
    for file in files {
        let name = file.strip_prefix(folder()).unwrap().to_str().unwrap();
        let answer = reqwest::get(format!("{}/{name}", program.console)).await.unwrap();
        assert_eq!(answer.status(), 200, "{name}");
        assert_eq!(answer.headers()["content-type"], media_type(&file), "{name}");
        assert_eq!(answer.headers()["x-content-type-options"], "nosniff", "{name}");
        let served = answer.text().await.unwrap();
        if name == "settings.json" {
            let settings: Value = serde_json::from_str(&served).unwrap();
            assert_eq!(settings, json!({"api": "", "demoKey": program.api_key}));
        } else {
            assert_eq!(served, fs::read_to_string(&file).unwrap(), "{name}");
        }
    }
}

/// Elsewhere, nobody is offered a key, and the page asks its own server.
#[test]
fn the_settings_to_be_hosted_hold_no_key() {
    let settings: Value = serde_json::from_str(&fs::read_to_string(folder().join("settings.json")).unwrap()).unwrap();
    assert_eq!(settings, json!({"api": ""}));
}

#[tokio::test]
async fn the_page_may_ask_this_server_only_and_its_own_policy_differs_in_what_a_page_can_say() {
    let program = Program::ephemeral();
    let page = reqwest::get(&program.console).await.unwrap();
    assert_eq!(page.url().as_str(), format!("{}/", program.console));
    let policy = page.headers()["content-security-policy"].to_str().unwrap().to_owned();
    assert!(policy.contains("connect-src 'self';") && !policy.contains("unsafe"), "{policy}");
    let own =
        policy.replace(" frame-ancestors 'none';", "").replace("connect-src 'self';", "connect-src 'self' https:;");
    let html = page.text().await.unwrap();
    assert!(html.contains(&format!("http-equiv=\"Content-Security-Policy\" content=\"{own}\"")), "{html}");
    assert!(!html.contains(&program.api_key), "{html}");
}

#[tokio::test]
async fn what_is_no_file_is_not_found_and_other_methods_are_refused() {
    let program = Program::ephemeral();
    for name in ["nothing.js", "views", "views/", "..%2FCargo.toml", "%2e%2e/Cargo.toml"] {
        let answer = reqwest::get(format!("{}/{name}", program.console)).await.unwrap();
        assert_eq!(answer.status(), 404, "{name}");
    }
    for name in ["", "/", "/main.js", "/settings.json"] {
        let request = reqwest::Client::new().delete(format!("{}{name}", program.console));
        let answer = request.send().await.unwrap();
        assert_eq!(
            (answer.status().as_u16(), answer.headers()["allow"].to_str().unwrap()),
            (405, "GET, HEAD"),
            "{name}"
        );
    }
}
