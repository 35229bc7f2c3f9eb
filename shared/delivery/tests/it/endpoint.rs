//! An endpoint on this machine, and a post to it.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use delivery::{PostResult, SignedRequest, WebhookClient};
use domain::delivery::DeliveryId;
use domain::time::Timestamp;
use domain::webhook::{SigningSecret, Targets, WebhookHeader, WebhookUrl};
use serde_json::json;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;

/// An endpoint's reaction once it has read the request.
#[derive(Clone)]
pub enum Reaction {
    /// Answers with these bytes and closes.
    Answers(Vec<u8>),
    /// Never answers.
    Hangs,
    /// Answers with these bytes and goes on with those, a piece each second, without end.
    Drips(&'static str, &'static str),
    /// Answers with these bytes and goes on with a thousand bytes at a time, without end.
    Floods(&'static str),
}

/// Closes the connection after these bytes.
pub fn answers(bytes: impl AsRef<[u8]>) -> Reaction {
    Reaction::Answers(bytes.as_ref().to_vec())
}

/// A request as it came in.
#[derive(Debug, Clone)]
pub struct Request {
    /// The first line.
    pub line: String,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Request {
    /// The values of the headers with that name.
    pub fn header(&self, name: &str) -> Vec<&str> {
        self.headers.iter().filter(|(other, _)| other == name).map(|(_, value)| value.as_str()).collect()
    }
}

pub struct TestEndpoint {
    pub address: SocketAddr,
    log: Log,
}

#[derive(Clone)]
struct Log {
    connections: Arc<Mutex<usize>>,
    requests: Arc<Mutex<Vec<Request>>>,
    /// A permit for each connection that the client has closed.
    closed: Arc<Semaphore>,
}

impl TestEndpoint {
    pub async fn start(reaction: Reaction) -> Self {
        Self::start_at("127.0.0.1:0", reaction).await
    }

    pub async fn start_at(address: &str, reaction: Reaction) -> Self {
        let listener = TcpListener::bind(address).await.unwrap();
        let log = Log { connections: Arc::default(), requests: Arc::default(), closed: Arc::new(Semaphore::new(0)) };
        let endpoint = Self { address: listener.local_addr().unwrap(), log };
        let log = endpoint.log.clone();
        tokio::spawn(async move {
            while let Ok((tcp, _)) = listener.accept().await {
                *log.connections.lock().unwrap() += 1;
                tokio::spawn(serve(tcp, reaction.clone(), log.clone()));
            }
        });
        endpoint
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub fn connections(&self) -> usize {
        *self.log.connections.lock().unwrap()
    }

    /// Waits until the client has closed its connection.
    pub async fn closed(&self) {
        self.log.closed.acquire().await.unwrap().forget();
    }

    /// The only request until now.
    pub fn request(&self) -> Request {
        let requests = self.log.requests.lock().unwrap();
        assert_eq!(requests.len(), 1);
        requests[0].clone()
    }
}

async fn serve(mut tcp: TcpStream, reaction: Reaction, log: Log) {
    let Some(request) = read(&mut tcp).await else { return };
    log.requests.lock().unwrap().push(request);
    match reaction {
        Reaction::Answers(bytes) => {
            let _ = tcp.write_all(&bytes).await;
            return;
        }
        Reaction::Hangs => {}
        Reaction::Drips(beginning, piece) => {
            let mut sent = tcp.write_all(beginning.as_bytes()).await;
            while sent.is_ok() {
                tokio::time::sleep(std::time::Duration::from_secs(1)).await;
                sent = tcp.write_all(piece.as_bytes()).await;
            }
        }
        Reaction::Floods(beginning) => {
            let mut sent = tcp.write_all(beginning.as_bytes()).await;
            while sent.is_ok() {
                sent = tcp.write_all(&[b'x'; 1_000]).await;
            }
        }
    }
    // The client sends nothing more: this ends when it closes.
    let _ = tcp.read(&mut [0]).await;
    log.closed.add_permits(1);
}

/// Reads one request with a `content-length`. None if it is no post, or ends early.
pub async fn read(stream: &mut (impl AsyncRead + Unpin)) -> Option<Request> {
    let mut bytes = Vec::new();
    let end = loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break end;
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 || bytes[0] != b'P' {
            return None;
        }
    };
    let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
    let (line, rest) = head.split_once("\r\n").unwrap();
    let split = |line: &str| {
        let (name, value) = line.split_once(": ").unwrap();
        (name.to_ascii_lowercase(), value.to_owned())
    };
    let mut request =
        Request { line: line.to_owned(), headers: rest.split("\r\n").map(split).collect(), body: String::new() };
    let length: usize = request.header("content-length")[0].parse().unwrap();
    while bytes.len() < end + 4 + length {
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
    request.body = String::from_utf8(bytes[end + 4..].to_vec()).unwrap();
    Some(request)
}

/// An address as it would be stored, whether or not it would have been taken.
pub fn stored(url: &str) -> WebhookUrl {
    serde_json::from_value(json!(url)).unwrap()
}

/// Headers as they would be stored, whether or not they would have been taken.
pub fn stored_headers(headers: &[(&str, &str)]) -> Vec<WebhookHeader> {
    let header = |(name, value): &(&str, &str)| serde_json::from_value(json!({"name": name, "value": value})).unwrap();
    headers.iter().map(header).collect()
}

pub fn id() -> DeliveryId {
    "0f8fad5b-d9cb-869f-a165-70867728950e".parse().unwrap()
}

pub fn at() -> Timestamp {
    "2026-11-22T10:00:00.250Z".parse().unwrap()
}

/// A client that posts to this machine, too.
pub fn local_client() -> WebhookClient {
    WebhookClient::new(Targets::PublicAndLoopback, &[]).unwrap()
}

/// Posts `{"a": 1}` there.
pub async fn post(client: &WebhookClient, url: &str) -> PostResult {
    post_with(client, url, &[SigningSecret::generate().unwrap()], &[]).await
}

pub async fn post_with(
    client: &WebhookClient,
    url: &str,
    secrets: &[SigningSecret],
    headers: &[WebhookHeader],
) -> PostResult {
    let url = stored(url);
    client.post(&SignedRequest { url: &url, delivery_id: id(), at: at(), body: r#"{"a": 1}"#, secrets, headers }).await
}
