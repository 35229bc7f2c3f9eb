//! The local server, as it is started, and a caller of its API.

use crate::costs;
use anyhow::{Context, Result, bail, ensure};
use local::demo::DemoCompany;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use std::path::Path;
use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

/// A running `local`. It is killed when dropped.
pub struct Server {
    /// The API's URL.
    pub api: String,
    /// The DynamoDB endpoint's URL.
    pub dynamodb: String,
    /// The log lines of the functions that were not taken yet, if they are kept.
    log: Log,
    process: Child,
    _folder: TempDir,
}

type Log = Arc<Mutex<Vec<String>>>;

impl Server {
    /// Starts one on free ports, with its data in a file, as by default, or in memory.
    pub async fn start(program: &Path, on_disk: bool) -> Result<Server> {
        Self::start_with(program, on_disk, Stdio::null()).await
    }

    /// Starts one in memory, whose functions' log lines are kept.
    pub async fn start_logged(program: &Path) -> Result<Server> {
        Self::start_with(program, false, Stdio::piped()).await
    }

    async fn start_with(program: &Path, on_disk: bool, stderr: Stdio) -> Result<Server> {
        let folder = tempfile::tempdir()?;
        let mut command = Command::new(program);
        command.args(["--port", "0", "--dynamodb-port", "0", "--services-port", "0"]);
        if on_disk {
            command.arg("--data").arg(folder.path());
        } else {
            command.arg("--ephemeral");
        }
        let mut process =
            command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(stderr).kill_on_drop(true).spawn()?;
        let log = Log::default();
        if let Some(stderr) = process.stderr.take() {
            let (mut lines, log) = (BufReader::new(stderr).lines(), Arc::clone(&log));
            tokio::spawn(async move {
                while let Ok(Some(line)) = lines.next_line().await {
                    log.lock().unwrap_or_else(PoisonError::into_inner).push(line);
                }
            });
        }
        let stdout = process.stdout.take().context("no pipe for what the server prints")?;
        let mut lines = BufReader::new(stdout).lines();
        let (mut api, mut dynamodb) = (None, None);
        while let Some(line) = lines.next_line().await? {
            if let Some(url) = line.strip_prefix("api: ") {
                api = Some(url.to_owned());
            } else if let Some(url) = line.strip_prefix("dynamodb: ") {
                dynamodb = Some(url.to_owned());
            }
            if let (Some(api), Some(dynamodb)) = (&api, &dynamodb) {
                let (api, dynamodb) = (api.clone(), dynamodb.clone());
                // The lines after these must not find a closed pipe.
                tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
                return Ok(Server { api, dynamodb, log, process, _folder: folder });
            }
        }
        bail!("the local server ended: {}", process.wait().await?)
    }

    /// Takes the log lines so far.
    pub fn take_log(&self) -> Vec<String> {
        std::mem::take(&mut self.log.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub async fn stop(mut self) -> Result<()> {
        Ok(self.process.kill().await?)
    }
}

/// A client of the API with a company's key.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    api: String,
    api_key: String,
}

impl Client {
    pub fn new(server: &Server, company: &DemoCompany) -> Client {
        Client { http: reqwest::Client::new(), api: server.api.clone(), api_key: company.api_key.clone() }
    }

    /// The company's key.
    pub fn key(&self) -> &str {
        &self.api_key
    }

    /// A request with the company's key.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.bare(method, path).bearer_auth(&self.api_key)
    }

    /// A request without a key.
    pub fn bare(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("{}{path}", self.api))
    }

    /// Creates a resource, and returns the answer's body.
    pub async fn create(&self, path: &str, body: &Value) -> Result<Value> {
        let answer = self.request(Method::POST, path).json(body).send().await?;
        let status = answer.status().as_u16();
        let body: Value = answer.json().await?;
        ensure!(status == 201, "answered by {status}: {body}");
        Ok(body)
    }

    /// The body of an interview of which every part exists.
    pub async fn usual_interview(&self) -> Result<Value> {
        let inline = self.create("/interviews", &costs::inline_interview()).await?;
        Ok(json!({
            "candidateId": inline["candidateId"],
            "agentId": inline["agentId"],
            "jobId": inline["jobId"],
        }))
    }
}
