//! How many requests the local server answers.

use crate::company::{self, Company};
use crate::shapes;
use crate::stats::Series;
use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};
use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::task::JoinSet;

/// One row of the report.
pub struct Throughput {
    /// Route of the requests.
    pub path: &'static str,
    /// Whether the data was kept in a file, as it is by default, or in memory.
    pub on_disk: bool,
    /// Callers at the same time, each waiting for its answer before it asks again.
    pub clients: usize,
    /// Answers in each second.
    pub per_second: Series,
}

/// Measures both routes, in memory and on disk, with each number of clients for so many seconds.
pub async fn measure(program: &Path, seconds: u64) -> Result<Vec<Throughput>> {
    let mut rows = Vec::new();
    for path in ["/agents", "/interviews"] {
        for on_disk in [false, true] {
            for clients in [1, 8, 32] {
                let per_second = load(program, path, on_disk, clients, seconds)
                    .await
                    .with_context(|| format!("{clients} clients of {path}"))?;
                rows.push(Throughput { path, on_disk, clients, per_second });
            }
        }
    }
    Ok(rows)
}

/// A server of its own for each row: the engine slows down as its table's stream grows.
async fn load(program: &Path, path: &'static str, on_disk: bool, clients: usize, seconds: u64) -> Result<Series> {
    let server = Server::start(program, on_disk).await?;
    let store = company::store(&server.dynamodb, local::TABLE).await;
    let company = Company::create(&store).await?;
    let client = Client { http: reqwest::Client::new(), api: server.api.clone(), api_key: company.api_key };
    let body = match path {
        "/agents" => shapes::agent("SCREENING"),
        _ => {
            let inline = client.create("/interviews", &shapes::inline_interview()).await?;
            json!({
                "candidateId": inline["candidateId"],
                "agentId": inline["agentId"],
                "jobId": inline["jobId"],
            })
        }
    };

    let answered = Arc::new(AtomicU64::new(0));
    let mut callers = JoinSet::new();
    for _ in 0..clients {
        let (client, body, answered) = (client.clone(), body.clone(), Arc::clone(&answered));
        callers.spawn(async move {
            loop {
                if let Err(error) = client.create(path, &body).await {
                    return error;
                }
                answered.fetch_add(1, Ordering::Relaxed);
            }
        });
    }
    let mut per_second = Vec::new();
    let mut tick = tokio::time::interval(Duration::from_secs(1));
    tick.tick().await;
    let mut before = 0;
    for _ in 0..seconds {
        tokio::select! {
            _ = tick.tick() => {}
            Some(stopped) = callers.join_next() => return Err(stopped?),
        }
        let now = answered.load(Ordering::Relaxed);
        per_second.push((now - before) as f64);
        before = now;
    }
    callers.shutdown().await;
    server.stop().await?;
    Ok(per_second.into_iter().collect())
}

/// A running `local`. It is killed when dropped.
struct Server {
    api: String,
    dynamodb: String,
    process: Child,
    _folder: TempDir,
}

impl Server {
    async fn start(program: &Path, on_disk: bool) -> Result<Server> {
        let folder = tempfile::tempdir()?;
        let mut command = Command::new(program);
        command.args(["--port", "0", "--dynamodb-port", "0"]);
        if on_disk {
            command.arg("--data").arg(folder.path());
        } else {
            command.arg("--ephemeral");
        }
        let mut process =
            command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).kill_on_drop(true).spawn()?;
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
                // What else it prints must not find a closed pipe.
                tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
                return Ok(Server { api, dynamodb, process, _folder: folder });
            }
        }
        bail!("the local server ended: {}", process.wait().await?)
    }

    async fn stop(mut self) -> Result<()> {
        Ok(self.process.kill().await?)
    }
}

#[derive(Clone)]
struct Client {
    http: reqwest::Client,
    api: String,
    api_key: String,
}

impl Client {
    async fn create(&self, path: &str, body: &Value) -> Result<Value> {
        let request = self.http.post(format!("{}{path}", self.api));
        let answer = request.bearer_auth(&self.api_key).json(body).send().await?;
        let status = answer.status().as_u16();
        let body: Value = answer.json().await?;
        ensure!(status == 201, "answered by {status}: {body}");
        Ok(body)
    }
}
