//! The throughput of the local server.

use crate::company;
use crate::costs;
use crate::server::{Client, Server};
use crate::stats::Series;
use anyhow::{Context, Result};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use store::Store;
use tokio::task::JoinSet;

/// A row of the report.
pub struct Throughput {
    /// Route of the requests.
    pub path: &'static str,
    /// True for data in a file, as by default; otherwise they are in memory.
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
    let store = Store::at_endpoint(local::TABLE, &server.dynamodb, local::http_client()).await;
    let company = company::create(&store).await?;
    let client = Client::new(&server, &company);
    let body = match path {
        "/agents" => costs::agent("SCREENING"),
        _ => client.usual_interview().await?,
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
