//! The client's settings in the environment. Each test runs in a process of its own, since a process has only one.

use std::net::TcpListener;
use std::process::Command;

use delivery::WebhookClient;
use domain::delivery::AttemptOutcome;
use domain::webhook::{Targets, WebhookPorts};

use crate::endpoint::{TestEndpoint, answers, post};

/// Says to a process that it is the one with the environment of its test.
const IN_ITS_ENVIRONMENT: &str = "DELIVERY_TEST_IN_ITS_ENVIRONMENT";

fn with_environment<F: Future>(test: &str, variables: &[(&str, &str)], body: impl FnOnce() -> F) {
    if std::env::var_os(IN_ITS_ENVIRONMENT).is_some() {
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(body());
        return;
    }
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture"])
        .env_clear()
        .env(IN_ITS_ENVIRONMENT, "1")
        .envs(variables.iter().copied())
        .output()
        .unwrap();
    let stdout = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{stdout}{}", String::from_utf8_lossy(&output.stderr));
    assert!(stdout.contains("1 passed"), "no test is called {test}: {stdout}");
}

#[test]
fn a_proxy_of_the_environment_is_not_used() {
    let proxy = TcpListener::bind("127.0.0.1:0").unwrap();
    proxy.set_nonblocking(true).unwrap();
    let url = format!("http://{}", proxy.local_addr().unwrap());
    let names = ["http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"];
    let mut variables: Vec<(&str, &str)> = names.iter().map(|name| (*name, url.as_str())).collect();
    variables.push(("WEBHOOK_TARGETS", "public-and-loopback"));
    with_environment("environment::a_proxy_of_the_environment_is_not_used", &variables, async || {
        let endpoint = TestEndpoint::start(answers("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")).await;
        let client = WebhookClient::from_environment().unwrap();
        assert_eq!(post(&client, &endpoint.url("/")).await.outcome, AttemptOutcome::Delivered);
        assert_eq!(endpoint.request().line, "POST / HTTP/1.1");
        let https = endpoint.url("/").replace("http:", "https:");
        assert_eq!(post(&client, &https).await.outcome, AttemptOutcome::TlsFailed);
    });
    assert!(proxy.accept().is_err(), "the proxy was asked");
}

#[test]
fn only_public_targets_unless_the_deployment_says_otherwise() {
    with_environment("environment::only_public_targets_unless_the_deployment_says_otherwise", &[], async || {
        assert_eq!(WebhookClient::from_environment().unwrap().targets(), Targets::Public);
    });
}

#[test]
fn the_usual_ports_unless_the_deployment_says_otherwise() {
    let usual = "environment::the_usual_ports_unless_the_deployment_says_otherwise";
    with_environment(usual, &[], async || {
        assert_eq!(WebhookClient::from_environment().unwrap().ports(), WebhookPorts::default());
    });
}

#[test]
fn ports_of_the_deployment_are_read() {
    let named = "environment::ports_of_the_deployment_are_read";
    with_environment(named, &[("WEBHOOK_PORTS", "443, 9000-9010, 10")], async || {
        assert_eq!(WebhookClient::from_environment().unwrap().ports().to_string(), "443, 9000-9010, 10");
    });
}

#[test]
fn ports_that_are_none_are_named() {
    with_environment("environment::ports_that_are_none_are_named", &[("WEBHOOK_PORTS", "https")], async || {
        let error = WebhookClient::from_environment().err().unwrap();
        assert!(error.to_string().starts_with("WEBHOOK_PORTS must be ports"), "{error}");
    });
}

#[test]
fn targets_that_are_none_are_named() {
    let variables = [("WEBHOOK_TARGETS", "everything")];
    with_environment("environment::targets_that_are_none_are_named", &variables, async || {
        let error = WebhookClient::from_environment().err().unwrap();
        assert_eq!(error.to_string(), "WEBHOOK_TARGETS must be public or public-and-loopback");
    });
}
