//! The Lambda service's side of the runtime API: starts a function's bootstrap, hands it events, times it.

use anyhow::{Context, Result, bail};
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::routing::{get, post};
use serde_json::Value;
use std::collections::HashMap;
use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::net::TcpListener;
use tokio::process::{Child, Command};
use tokio::sync::{Mutex, mpsc};
use tokio::task::JoinHandle;

/// Longest wait for a function: the functions' own time-out.
const TIMEOUT: Duration = Duration::from_secs(10);

/// A function that has been started and has asked for its first event. [`FunctionProcess::stop`] ends it; one that is only
/// dropped is killed without waiting for its end.
pub struct FunctionProcess {
    child: Child,
    polls: mpsc::UnboundedReceiver<Instant>,
    events: mpsc::UnboundedSender<Vec<u8>>,
    answers: mpsc::UnboundedReceiver<TimedAnswer>,
    log: mpsc::UnboundedReceiver<String>,
    tasks: [JoinHandle<()>; 2],
    /// Time from just before exec to the function's first poll for an event, which ends the init phase.
    pub init: Duration,
}

/// A function's answer to one event.
pub struct Answer {
    /// Time from handing out the event to the answer's last byte.
    pub time: Duration,
    /// Status, headers and body as API Gateway gets them.
    pub payload: Value,
}

impl Answer {
    pub fn status(&self) -> u64 {
        self.payload["statusCode"].as_u64().unwrap_or_default()
    }

    /// The body, if it is JSON; otherwise `Null`.
    pub fn body(&self) -> Value {
        let body = self.payload["body"].as_str().unwrap_or_default();
        serde_json::from_str(body).unwrap_or_default()
    }
}

impl FunctionProcess {
    /// Starts a bootstrap with exactly this environment, besides what Lambda itself sets.
    pub async fn start(bootstrap: &Path, environment: &HashMap<&str, String>) -> Result<FunctionProcess> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?.to_string();
        let (poll_sender, polls) = mpsc::unbounded_channel();
        let (events, event_receiver) = mpsc::unbounded_channel();
        let (answer_sender, answers) = mpsc::unbounded_channel();
        let service = Arc::new(Service {
            polls: poll_sender,
            events: Mutex::new(event_receiver),
            handed_out: Mutex::new(Instant::now()),
            answers: answer_sender,
        });
        let router = Router::new()
            .route("/2018-06-01/runtime/invocation/next", get(next))
            .route("/2018-06-01/runtime/invocation/{id}/response", post(response))
            .route("/2018-06-01/runtime/invocation/{id}/error", post(error))
            .route("/2018-06-01/runtime/init/error", post(error))
            .with_state(service);
        let server = tokio::spawn(async move {
            // An error shows as a function that does not poll.
            let _ = axum::serve(
                axum::serve::ListenerExt::tap_io(listener, |stream| {
                    let _ = stream.set_nodelay(true);
                }),
                router,
            )
            .await;
        });

        let mut command = Command::new(bootstrap);
        command
            .env_clear()
            .envs(lambda_environment(&address, bootstrap))
            .envs(environment)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true);
        let exec = Instant::now();
        let mut child = command.spawn().with_context(|| format!("cannot start {}", bootstrap.display()))?;
        let stdout = child.stdout.take().context("no pipe for the function's log")?;
        let (log_sender, log) = mpsc::unbounded_channel();
        let logger = tokio::spawn(async move {
            let mut lines = BufReader::new(stdout).lines();
            while let Ok(Some(line)) = lines.next_line().await {
                if log_sender.send(line).is_err() {
                    break;
                }
            }
        });

        let mut running =
            FunctionProcess { child, polls, events, answers, log, tasks: [server, logger], init: Duration::ZERO };
        running.init = running.next_poll().await?.duration_since(exec);
        Ok(running)
    }

    /// Hands the function an event and waits until it has answered and asks for the next one.
    pub async fn invoke(&mut self, event: &Value) -> Result<Answer> {
        self.events.send(serde_json::to_vec(event)?)?;
        let answered = tokio::select! {
            answered = self.answers.recv() => answered.context("the runtime API has stopped")?,
            status = self.child.wait() => bail!("the function ended by itself: {}", status?),
            () = tokio::time::sleep(TIMEOUT) => bail!("the function gave no answer within {TIMEOUT:?}"),
        };
        let (time, payload) = answered;
        let payload = payload.map_err(|e| anyhow::anyhow!("the function failed: {e}"))?;
        self.next_poll().await?;
        Ok(Answer { time, payload: serde_json::from_slice(&payload).context("the function's answer is not JSON")? })
    }

    /// Waits for a line of the function's log that `parse` accepts; skips all others.
    pub async fn log_line<T>(&mut self, parse: impl Fn(&str) -> Option<T>) -> Result<T> {
        let search = async {
            while let Some(line) = self.log.recv().await {
                if let Some(found) = parse(&line) {
                    return Ok(found);
                }
            }
            bail!("the function's log has ended")
        };
        tokio::time::timeout(TIMEOUT, search).await.context("the function did not log what was expected")?
    }

    /// The function's process id.
    pub fn pid(&self) -> Result<u32> {
        self.child.id().context("the function has ended")
    }

    /// The most memory that the function has had in use so far, in bytes.
    pub fn peak_memory_bytes(&self) -> Result<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.pid()?))?;
        let kibibytes: u64 = status
            .lines()
            .find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB"))
            .context("no VmHWM in the process's status")?
            .parse()?;
        Ok(kibibytes * 1024)
    }

    /// Kills the function, as Lambda does, and waits until it is gone.
    pub async fn stop(mut self) -> Result<()> {
        Ok(self.child.kill().await?)
    }

    async fn next_poll(&mut self) -> Result<Instant> {
        tokio::select! {
            poll = self.polls.recv() => poll.context("the runtime API has stopped"),
            answered = self.answers.recv() => match answered {
                Some((_, Err(e))) => bail!("the function failed: {e}"),
                _ => bail!("the function answered without an event"),
            },
            status = self.child.wait() => bail!("the function ended by itself: {}", status?),
            () = tokio::time::sleep(TIMEOUT) => bail!("the function did not poll within {TIMEOUT:?}"),
        }
    }
}

impl Drop for FunctionProcess {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

/// The variables that Lambda sets for every function, with credentials that only the embedded engine accepts.
fn lambda_environment(runtime_api: &str, bootstrap: &Path) -> HashMap<&'static str, String> {
    let folder = bootstrap.parent().unwrap_or(Path::new("/")).display();
    HashMap::from([
        ("PATH", "/usr/local/bin:/usr/bin:/bin".to_owned()),
        ("LANG", "en_US.UTF-8".to_owned()),
        ("TZ", ":UTC".to_owned()),
        ("_HANDLER", "bootstrap".to_owned()),
        ("LAMBDA_TASK_ROOT", folder.to_string()),
        ("AWS_LAMBDA_RUNTIME_API", runtime_api.to_owned()),
        ("AWS_LAMBDA_FUNCTION_NAME", "bench".to_owned()),
        ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST".to_owned()),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256".to_owned()),
        ("AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/bench".to_owned()),
        ("AWS_LAMBDA_LOG_STREAM_NAME", "bench".to_owned()),
        ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand".to_owned()),
        ("AWS_EXECUTION_ENV", "AWS_Lambda_provided.al2023".to_owned()),
        ("AWS_REGION", "eu-central-1".to_owned()),
        ("AWS_DEFAULT_REGION", "eu-central-1".to_owned()),
        ("AWS_ACCESS_KEY_ID", "bench".to_owned()),
        ("AWS_SECRET_ACCESS_KEY", "bench".to_owned()),
        ("AWS_SESSION_TOKEN", "bench".to_owned()),
    ])
}

struct Service {
    polls: mpsc::UnboundedSender<Instant>,
    events: Mutex<mpsc::UnboundedReceiver<Vec<u8>>>,
    handed_out: Mutex<Instant>,
    answers: mpsc::UnboundedSender<TimedAnswer>,
}

/// The time from handing out an event to its answer, and the payload or the error.
type TimedAnswer = (Duration, Result<Bytes, String>);

impl Service {
    async fn answer(&self, payload: Result<Bytes, String>) -> StatusCode {
        let answered = Instant::now();
        let time = answered.duration_since(*self.handed_out.lock().await);
        // The receiver is gone once the run is over; then the answer does not matter.
        let _ = self.answers.send((time, payload));
        StatusCode::ACCEPTED
    }
}

async fn next(State(service): State<Arc<Service>>) -> axum::response::Response {
    let _ = service.polls.send(Instant::now());
    let Some(event) = service.events.lock().await.recv().await else {
        return StatusCode::GONE.into_response();
    };
    let deadline = SystemTime::now() + TIMEOUT;
    let deadline_ms = deadline.duration_since(UNIX_EPOCH).map_or(0, |time| time.as_millis());
    let function = "arn:aws:lambda:eu-central-1:123456789012:function:bench";
    let headers = [
        ("lambda-runtime-aws-request-id", "8476a536-e9f4-11e8-9739-2dfe598c3fcd".to_owned()),
        ("lambda-runtime-deadline-ms", deadline_ms.to_string()),
        ("lambda-runtime-invoked-function-arn", function.to_owned()),
        ("content-type", "application/json".to_owned()),
    ];
    *service.handed_out.lock().await = Instant::now();
    (headers, event).into_response()
}

async fn response(State(service): State<Arc<Service>>, body: Bytes) -> StatusCode {
    service.answer(Ok(body)).await
}

async fn error(State(service): State<Arc<Service>>, body: Bytes) -> StatusCode {
    let error = String::from_utf8_lossy(&body).into_owned();
    service.answer(Err(error)).await
}
