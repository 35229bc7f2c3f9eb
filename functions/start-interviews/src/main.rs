//! The Lambda function: connects the handlers with the Lambda runtime, the table and the queue.

// The futures of the SDK's clients and the runtime's, one inside the other, are deeper than the compiler looks.
#![recursion_limit = "256"]

use std::time::Duration;

use aws_lambda_events::dynamodb::Event as StreamEvent;
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use queue::Queue;
use runtime::Runtime;
use serde_json::Value;
use start_interviews::App;
use store::Store;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let minutes: u64 = std::env::var("RESULT_GRACE_MINUTES")?.parse()?;
    let app = App {
        runtime: Runtime::from_environment()?,
        store: Store::from_environment().await?,
        starts: Queue::from_environment("INTERVIEW_STARTS_QUEUE_URL").await?,
        result_grace: Duration::from_secs(60 * minutes),
    };
    let app = &app;
    run(service_fn(|event: LambdaEvent<Value>| async move { invoke(app, event.payload).await })).await
}

/// Answers the stream, whose events have records, or the schedule.
async fn invoke(app: &App, event: Value) -> Result<Value, Error> {
    if event.get("Records").is_none() {
        start_interviews::sweep(app).await;
        return Ok(Value::Null);
    }
    let batch: StreamEvent = serde_json::from_value(event)?;
    Ok(serde_json::to_value(start_interviews::follow(app, batch).await)?)
}
