//! Starts the program and reads what it prints.

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};

use store::Store;

/// The program, with any free ports.
pub fn command(arguments: &[&str]) -> Command {
    command_on(["0", "0", "0"], arguments)
}

/// The program, with these ports of its API, of its DynamoDB endpoint, and of its SQS and KMS endpoint.
pub fn command_on([port, dynamodb_port, services_port]: [&str; 3], arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_local"));
    command.args(["--port", port, "--dynamodb-port", dynamodb_port, "--services-port", services_port]).args(arguments);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// The program, once it has printed that it is ready. Killed when dropped.
pub struct Program {
    child: Child,
    pub api: String,
    pub docs: String,
    pub console: String,
    pub dynamodb: String,
    pub services: String,
    pub company: String,
    pub api_key: String,
    pub system_api_key: String,
    /// The first command after the lines above.
    pub curl: String,
}

impl Program {
    pub fn ephemeral() -> Self {
        Self::start(&mut command(&["--ephemeral"]))
    }

    pub fn on(folder: &Path) -> Self {
        Self::start(&mut command(&["--data", folder.to_str().unwrap()]))
    }

    pub fn start(command: &mut Command) -> Self {
        // Nobody reads standard error while the program runs, and a full pipe would stop it.
        Self::start_logging(command, Stdio::null())
    }

    /// Starts the program with its standard error in a file.
    pub fn start_logging(command: &mut Command, log: impl Into<Stdio>) -> Self {
        let mut child = command.stderr(log).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
        let mut value = |name: &str| {
            let line = lines.next().unwrap_or_else(|| panic!("ended before its line `{name}`"));
            line.strip_prefix(&format!("{name}: ")).unwrap_or_else(|| panic!("not `{name}`: {line}")).to_owned()
        };
        let (api, docs, console) = (value("api"), value("docs"), value("console"));
        let (dynamodb, services) = (value("dynamodb"), value("services"));
        let (company, api_key) = (value("company"), value("api key"));
        let system_api_key = value("system's api key");
        let mut curl = String::new();
        for line in lines {
            curl += &format!("{line}\n");
            if line.ends_with("}'") {
                break;
            }
        }
        Self { child, api, docs, console, dynamodb, services, company, api_key, system_api_key, curl }
    }

    pub fn signal(&self, name: &str) {
        let kill = format!("kill -{name} {}", self.child.id());
        assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success());
    }

    /// Waits for the end.
    pub fn end(mut self) -> ExitStatus {
        self.child.wait().unwrap()
    }

    /// The program's table, as an operator reaches it.
    pub async fn store(&self) -> Store {
        Store::at_endpoint(local::TABLE, &self.dynamodb, local::http_client()).await
    }

    /// Sends a JSON body with the demo key.
    pub async fn post(&self, path: &str, idempotency_key: &str, body: &serde_json::Value) -> reqwest::Response {
        reqwest::Client::new()
            .post(format!("{}{path}", self.api))
            .bearer_auth(&self.api_key)
            .header("idempotency-key", idempotency_key)
            .json(body)
            .send()
            .await
            .unwrap()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Runs the program to its end, which is to be a failure, and returns the line of standard error that is not about what
/// it was doing.
pub fn error_line(command: &mut Command) -> String {
    let mut child = command.spawn().unwrap();
    let (mut ready, mut err) = (String::new(), String::new());
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut ready).unwrap();
    if !ready.is_empty() {
        child.kill().unwrap();
        child.wait().unwrap();
        panic!("started: {ready}");
    }
    child.stderr.take().unwrap().read_to_string(&mut err).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(1), "{err}");
    let lines: Vec<&str> = err.lines().filter(|line| !line.ends_with('…')).collect();
    assert_eq!(lines.len(), 1, "not one line: {err}");
    lines[0].to_owned()
}
