//! The line for an operator when nothing can be done.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::process::{Command, Stdio};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crate::engine::{NOBODY, TestEngine, free_port, misuse, refusal, run, text, url};

/// Only a hang lasts longer, however busy the machine is. The store gives a request six seconds, which its own tests
/// prove by a paused clock.
const HANG_TIMEOUT: Duration = Duration::from_secs(120);

#[test]
fn an_address_without_a_server_is_named() {
    let address = free_port().local_addr().unwrap();
    for command in ["company list", &format!("company show {NOBODY}"), "table create"] {
        let begun = Instant::now();
        let line = refusal(&[], &format!("--endpoint-url {} {command}", url(address)));
        assert!(begun.elapsed() < HANG_TIMEOUT, "{command}: {:?}", begun.elapsed());
        let expected = format!("no answer from {}: is the address right, and does it run? (", url(address));
        assert!(line.starts_with(&expected) && line.contains("refused"), "{command}: {line}");
    }
}

#[test]
fn a_server_that_never_answers_is_not_waited_for_without_end() {
    let silent = free_port();
    for command in ["company list", &format!("company show {NOBODY}")] {
        let begun = Instant::now();
        let line = refusal(&[], &format!("--endpoint-url {} {command}", url(silent.local_addr().unwrap())));
        assert!(begun.elapsed() < HANG_TIMEOUT, "{command}: {:?}", begun.elapsed());
        assert!(line.starts_with("no answer from http://127.0.0.1:"), "{command}: {line}");
    }
}

/// Answers one request as DynamoDB answers unknown callers, and returns the request.
fn refuse_once(listener: TcpListener) -> JoinHandle<String> {
    thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut request = Vec::new();
        while !text(&request).contains("\r\n\r\n") {
            let mut some = [0; 4096];
            let length = stream.read(&mut some).unwrap();
            request.extend_from_slice(&some[..length]);
        }
        let body = r#"{"__type": "com.amazon.coral.service#AccessDeniedException", "Message": "You may not."}"#;
        let length = body.len();
        write!(
            stream,
            "HTTP/1.1 400 Bad Request\r\nContent-Type: application/x-amz-json-1.0\r\nContent-Length: {length}\r\n\
             Connection: close\r\n\r\n{body}"
        )
        .unwrap();
        text(&request)
    })
}

#[test]
fn credentials_come_from_the_variables_then_from_a_profile_then_from_nowhere() {
    let folder = std::env::temp_dir().join(format!("greenroom-admin-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    let (config, credentials) = (folder.join("config"), folder.join("credentials"));
    fs::write(&config, "[profile work]\nregion = eu-west-1\n").unwrap();
    fs::write(&credentials, "[work]\naws_access_key_id = OFPROFILE\naws_secret_access_key = secret\n").unwrap();
    let files = [
        ("AWS_CONFIG_FILE", config.to_str().unwrap()),
        ("AWS_SHARED_CREDENTIALS_FILE", credentials.to_str().unwrap()),
        ("AWS_PROFILE", "work"),
    ];
    let variables =
        [("AWS_ACCESS_KEY_ID", "OFVARIABLE"), ("AWS_SECRET_ACCESS_KEY", "secret"), ("AWS_REGION", "eu-central-1")];

    let today = chrono::Utc::now().format("%Y%m%d");
    for (environment, identity, region) in [
        (Vec::new(), "local", "local"),
        (files.to_vec(), "OFPROFILE", "eu-west-1"),
        ([files, variables].concat(), "OFVARIABLE", "eu-central-1"),
    ] {
        let listener = free_port();
        let address = url(listener.local_addr().unwrap());
        let request = refuse_once(listener);
        let line = refusal(&environment, &format!("--endpoint-url {address} company list"));
        assert_eq!(line, format!("{address} refuses Query: AccessDeniedException: You may not."));
        let request = request.join().unwrap();
        assert!(request.contains(&format!("Credential={identity}/{today}/{region}/dynamodb/")), "{request}");
    }
    fs::remove_dir_all(folder).unwrap();
}

#[test]
fn without_an_endpoint_an_account_and_a_region_are_needed() {
    let line = refusal(&[], "company list");
    assert_eq!(line, "no AWS region is known; set AWS_REGION, or AWS_PROFILE to a profile of yours");
    let region = ("AWS_REGION", "eu-central-1");
    let line = refusal(&[region], "company list");
    let expected = "no AWS credentials could be had (log in, or set AWS_PROFILE to a profile of yours): ";
    assert!(line.starts_with(expected), "{line}");
}

/// Credentials from elsewhere, which may be another account's, are no substitute.
#[test]
fn a_profile_that_does_not_exist_is_named() {
    let variables = [("AWS_ACCESS_KEY_ID", "A"), ("AWS_SECRET_ACCESS_KEY", "secret"), ("AWS_REGION", "eu-central-1")];
    for environment in [&variables[..0], &variables[2..], &variables[..]] {
        let line = refusal(&[environment, &[("AWS_PROFILE", "nope")]].concat(), "company list");
        assert_eq!(
            line,
            "AWS_PROFILE names the profile `nope`, which neither the AWS configuration nor the credentials file has \
             (there are none)"
        );
    }
}

#[test]
fn an_address_must_be_one() {
    for command in ["--endpoint-url 127.0.0.1:8000 company list", "company list --endpoint-url ftp://127.0.0.1"] {
        let output = run(&[], command);
        assert_eq!(output.status.code(), Some(2));
        assert!(text(&output.stderr).contains("must be an http or https address, for example http://127.0.0.1:8000"));
    }
    assert!(misuse("").contains("Usage"));
}

#[test]
fn help_is_no_failure() {
    for command in [
        "--help",
        "company --help",
        "webhook pause --help",
        "history --help",
        "doctor --help",
        "company set-plan --help",
        "key create --help",
        "--version",
    ] {
        let output = run(&[], command);
        assert!(output.status.success(), "{command}");
        assert_ne!(text(&output.stdout), "", "{command}");
        let has_options = text(&output.stdout).contains("\nGlobal options:\n      --endpoint-url <URL>");
        assert!(has_options || command == "--version", "{command}: {}", text(&output.stdout));
    }
}

/// As in `admin company list | head -1`. What a change prints may be needed, so that its loss is told.
#[test]
fn a_reader_who_has_had_enough_of_a_list_is_no_failure() {
    let engine = TestEngine::new();
    engine.json("company create --name Acme");
    let closed = |command: &str| {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let mut program = Command::new(env!("CARGO_BIN_EXE_admin"));
        program.env_clear().args(["--endpoint-url", &engine.url]).args(command.split(' '));
        let output = program.stdout(writer).stderr(Stdio::piped()).spawn().unwrap().wait_with_output().unwrap();
        (output.status.code(), text(&output.stderr))
    };
    for command in ["company list", "--json company list", "history", "completions bash"] {
        assert_eq!(closed(command), (Some(0), String::new()), "{command}");
    }
    let (code, error) = closed("company create --name Other");
    assert_eq!(code, Some(1));
    assert!(error.starts_with("error: it is done, but could not be printed: "), "{error}");
}
