//! An engine, and the program pointed at it.

use std::io::Write as _;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::process::{Command, Output, Stdio};
use std::thread;

use aws_smithy_http_client::Builder;
use dynoxide::{Database, server};
use serde_json::Value;
use store::Store;

/// The table's name unless the command line says otherwise.
pub const TABLE: &str = "greenroom";
/// An id that nothing has.
pub const NOBODY: &str = "00000000-0000-4000-8000-000000000000";

/// An engine of this test's own.
pub struct TestEngine {
    pub url: String,
}

impl TestEngine {
    /// An engine with the table.
    pub fn new() -> Self {
        let engine = Self::without_table();
        engine.json("table create");
        engine
    }

    /// An engine without a table. It ends with the process.
    pub fn without_table() -> Self {
        let listener = free_port();
        let address = listener.local_addr().unwrap();
        listener.set_nonblocking(true).unwrap();
        thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let listener = tokio::net::TcpListener::from_std(listener).unwrap();
                server::serve_with_shutdown(listener, Database::memory().unwrap(), std::future::pending())
                    .await
                    .unwrap();
            });
        });
        Self { url: url(address) }
    }

    /// The output of a command for scripts.
    pub fn json(&self, command: &str) -> Value {
        serde_json::from_str(&self.words(&format!("--json {command}"))).unwrap()
    }

    /// The output of a command for people.
    pub fn words(&self, command: &str) -> String {
        let output = run(&[], &format!("--endpoint-url {} {command}", self.url));
        let errors = text(&output.stderr);
        assert!(output.status.success(), "{command}: {errors}");
        assert_eq!(errors, "", "{command}");
        text(&output.stdout)
    }

    /// The one line with which a command is refused.
    pub fn refusal(&self, command: &str) -> String {
        refusal(&[], &format!("--endpoint-url {} {command}", self.url))
    }

    /// The store itself, to see what a command did and to do what no command does.
    pub async fn store(&self) -> Store {
        Store::at_endpoint(TABLE, &self.url, Builder::new().build_http()).await
    }
}

/// Runs the program with nothing in its environment but what is given.
pub fn run(environment: &[(&str, &str)], command: &str) -> Output {
    run_with(environment, command, "")
}

/// The same with something on standard input, which is never a terminal.
pub fn run_with(environment: &[(&str, &str)], command: &str, input: &str) -> Output {
    let mut program = Command::new(env!("CARGO_BIN_EXE_admin"))
        .env_clear()
        // Settings of the developer do not count, and a backtrace has every opportunity to show.
        .envs([("HOME", "/nonexistent"), ("AWS_EC2_METADATA_DISABLED", "true"), ("RUST_BACKTRACE", "1")])
        .envs(environment.iter().copied())
        .args(command.split(' '))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A program that does not read ends before this is written.
    let _ = program.stdin.take().unwrap().write_all(input.as_bytes());
    program.wait_with_output().unwrap()
}

/// Runs a command that is understood but not carried out, and returns the line that says so.
pub fn refusal(environment: &[(&str, &str)], command: &str) -> String {
    let output = run(environment, command);
    let errors = text(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{command}: {errors}");
    assert_eq!(text(&output.stdout), "", "{command}");
    let line = errors.strip_prefix("error: ").and_then(|rest| rest.strip_suffix('\n'));
    let line = line.unwrap_or_else(|| panic!("{command}: {errors}"));
    assert!(!line.contains('\n'), "{command}: {errors}");
    line.to_owned()
}

/// Runs a command that is not understood, and returns the error.
pub fn misuse(command: &str) -> String {
    let output = run(&[], &format!("--endpoint-url http://127.0.0.1:1 {command}"));
    let errors = text(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{command}: {errors}");
    assert_eq!(text(&output.stdout), "", "{command}");
    errors
}

pub fn free_port() -> TcpListener {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap()
}

pub fn url(address: SocketAddr) -> String {
    format!("http://{address}")
}

pub fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// The id in a command's JSON output.
pub fn id(shown: &Value) -> String {
    shown["id"].as_str().unwrap().to_owned()
}

/// The names of an object's members, in order of the alphabet.
pub fn members(shown: &Value) -> Vec<&str> {
    let mut names: Vec<_> = shown.as_object().unwrap().keys().map(String::as_str).collect();
    names.sort_unstable();
    names
}
