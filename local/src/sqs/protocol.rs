//! The operations, limits and errors of SQS.

use std::{collections::HashSet, time::Duration};

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{Message, NewMessage, Postponed, QueueName, Queues, ReceiveOptions, md5_of_body};
use crate::services::{ErrorResponse, read};

// The quotas of SQS.
const MESSAGE_SIZE_MAX_BYTES: usize = 1024 * 1024;
const BATCH_SIZE_MAX: usize = 10;
const DELAY_MAX_S: u64 = 900;
const VISIBILITY_TIMEOUT_MAX_S: u64 = 43_200;
const WAIT_MAX_S: u64 = 20;
const GROUP_ID_SIZE_MAX_BYTES: usize = 128;
const ENTRY_ID_SIZE_MAX_BYTES: usize = 80;

/// The parameter of every operation on one queue.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct OnQueue {
    queue_url: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct GetQueueUrl {
    queue_name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ListQueues {
    queue_name_prefix: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct GetQueueAttributes {
    #[serde(default)]
    attribute_names: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct SendMessage {
    message_body: String,
    #[serde(default)]
    delay_seconds: u64,
    message_group_id: Option<String>,
    #[serde(default)]
    message_attributes: Map<String, Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ReceiveMessage {
    max_number_of_messages: Option<u32>,
    visibility_timeout: Option<u64>,
    #[serde(default)]
    wait_time_seconds: u64,
    #[serde(default)]
    attribute_names: Vec<String>,
    #[serde(default)]
    message_system_attribute_names: Vec<String>,
    #[serde(default)]
    message_attribute_names: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct DeleteMessage {
    receipt_handle: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ChangeMessageVisibility {
    receipt_handle: String,
    visibility_timeout: u64,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct StartMessageMoveTask {
    source_arn: String,
    destination_arn: Option<String>,
}

/// Several operations in one request.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Batch<T> {
    entries: Vec<Entry<T>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Entry<T> {
    id: String,
    #[serde(flatten)]
    operation: T,
}

pub(crate) async fn call(queues: &Queues, server: &str, operation: &str, body: &[u8]) -> Result<Value, ErrorResponse> {
    let queue = || queue_at(&read::<OnQueue>(body)?.queue_url);
    match operation {
        "SendMessage" => send_message(queues, queue()?, read(body)?).await,
        "SendMessageBatch" => send_message_batch(queues, queue()?, read(body)?).await,
        "ReceiveMessage" => receive_message(queues, queue()?, read(body)?).await,
        "DeleteMessage" => delete_message(queues, queue()?, read(body)?).await,
        "DeleteMessageBatch" => delete_message_batch(queues, queue()?, read(body)?).await,
        "ChangeMessageVisibility" => change_message_visibility(queues, queue()?, read(body)?).await,
        "GetQueueUrl" => get_queue_url(server, &read(body)?),
        "ListQueues" => list_queues(server, &read(body)?),
        "GetQueueAttributes" => get_queue_attributes(queues, queue()?, &read(body)?).await,
        "PurgeQueue" => purge_queue(queues, queue()?).await,
        "StartMessageMoveTask" => start_message_move_task(queues, &read(body)?).await,
        _ => Err(ErrorResponse::unknown_operation(operation)),
    }
}

async fn send_message(queues: &Queues, queue: QueueName, request: SendMessage) -> Result<Value, ErrorResponse> {
    let message = new_message(request)?;
    let md5 = md5_of_body(&message.body);
    let ids = queues.send(queue, vec![message]).await?;
    Ok(json!({ "MessageId": ids.first(), "MD5OfMessageBody": md5 }))
}

async fn send_message_batch(
    queues: &Queues,
    queue: QueueName,
    Batch { entries }: Batch<SendMessage>,
) -> Result<Value, ErrorResponse> {
    check_ids(&entries)?;
    let size: usize = entries.iter().map(|entry| entry.operation.message_body.len()).sum();
    if size > MESSAGE_SIZE_MAX_BYTES {
        let text =
            format!("Batch requests cannot be longer than {MESSAGE_SIZE_MAX_BYTES} bytes. You have sent {size} bytes.");
        return Err(prefixed("BatchRequestTooLong", text));
    }
    let (mut accepted, mut messages, mut failed) = (Vec::new(), Vec::new(), Vec::new());
    for Entry { id, operation } in entries {
        match new_message(operation) {
            Ok(message) => {
                accepted.push((id, md5_of_body(&message.body)));
                messages.push(message);
            }
            Err(error) => failed.push(failed_entry(&id, error)),
        }
    }
    let ids = queues.send(queue, messages).await?;
    let sent = accepted.into_iter().zip(ids);
    let successful: Vec<Value> = sent
        .map(|((id, md5), message_id)| json!({ "Id": id, "MessageId": message_id, "MD5OfMessageBody": md5 }))
        .collect();
    Ok(json!({ "Successful": successful, "Failed": failed }))
}

fn failed_entry(id: &str, error: ErrorResponse) -> Value {
    let code = error.query_code.unwrap_or_else(|| error.kind.to_owned());
    json!({ "Id": id, "Code": code, "Message": error.message, "SenderFault": true })
}

async fn receive_message(queues: &Queues, queue: QueueName, request: ReceiveMessage) -> Result<Value, ErrorResponse> {
    let count_max = request.max_number_of_messages.unwrap_or(1);
    if !(1..=10).contains(&count_max) {
        return Err(invalid(format!(
            "Value {count_max} for parameter MaxNumberOfMessages is invalid. Reason: Must be between 1 and 10, if \
             provided."
        )));
    }
    let visibility_timeout = match request.visibility_timeout {
        Some(seconds) => seconds_within("VisibilityTimeout", seconds, VISIBILITY_TIMEOUT_MAX_S)?,
        None => queue.visibility_timeout(),
    };
    let wait = seconds_within("WaitTimeSeconds", request.wait_time_seconds, WAIT_MAX_S)?;
    let options = ReceiveOptions::new(count_max, visibility_timeout);
    let messages = queues.receive(queue, options, wait).await?;
    if messages.is_empty() {
        return Ok(json!({}));
    }
    let names = [request.attribute_names, request.message_system_attribute_names].concat();
    let own_names = request.message_attribute_names;
    let messages: Vec<Value> = messages.iter().map(|message| received_message(message, &names, &own_names)).collect();
    Ok(json!({ "Messages": messages }))
}

async fn delete_message(queues: &Queues, queue: QueueName, request: DeleteMessage) -> Result<Value, ErrorResponse> {
    check_receipt_handle(&request.receipt_handle)?;
    queues.delete(queue, vec![request.receipt_handle]).await?;
    Ok(json!({}))
}

async fn delete_message_batch(
    queues: &Queues,
    queue: QueueName,
    Batch { entries }: Batch<DeleteMessage>,
) -> Result<Value, ErrorResponse> {
    check_ids(&entries)?;
    let (mut receipt_handles, mut successful, mut failed) = (Vec::new(), Vec::new(), Vec::new());
    for Entry { id, operation: DeleteMessage { receipt_handle } } in entries {
        match check_receipt_handle(&receipt_handle) {
            Ok(()) => {
                receipt_handles.push(receipt_handle);
                successful.push(json!({ "Id": id }));
            }
            Err(error) => failed.push(failed_entry(&id, error)),
        }
    }
    queues.delete(queue, receipt_handles).await?;
    Ok(json!({ "Successful": successful, "Failed": failed }))
}

async fn change_message_visibility(
    queues: &Queues,
    queue: QueueName,
    request: ChangeMessageVisibility,
) -> Result<Value, ErrorResponse> {
    check_receipt_handle(&request.receipt_handle)?;
    let timeout = seconds_within("VisibilityTimeout", request.visibility_timeout, VISIBILITY_TIMEOUT_MAX_S)?;
    match queues.postpone(queue, request.receipt_handle.clone(), timeout).await? {
        Postponed::Done => Ok(json!({})),
        Postponed::NotInFlight => Err(prefixed("MessageNotInflight", "The message is not in flight.")),
        Postponed::TooLong => Err(invalid(format!(
            "Value {} for parameter VisibilityTimeout is invalid. Reason: Total VisibilityTimeout for the message is \
             beyond the limit [{VISIBILITY_TIMEOUT_MAX_S} seconds].",
            request.visibility_timeout
        ))),
        Postponed::Unknown => Err(invalid(format!(
            "Value {} for parameter ReceiptHandle is invalid. Reason: Message does not exist or is not available for \
             visibility timeout change.",
            request.receipt_handle
        ))),
    }
}

fn get_queue_url(server: &str, request: &GetQueueUrl) -> Result<Value, ErrorResponse> {
    let queue = QueueName::parse(&request.queue_name).ok_or_else(no_such_queue)?;
    Ok(json!({ "QueueUrl": queue.url(server) }))
}

fn list_queues(server: &str, request: &ListQueues) -> Result<Value, ErrorResponse> {
    let prefix = request.queue_name_prefix.as_deref().unwrap_or_default();
    let matching = QueueName::ALL.into_iter().filter(|queue| queue.as_str().starts_with(prefix));
    Ok(json!({ "QueueUrls": matching.map(|queue| queue.url(server)).collect::<Vec<_>>() }))
}

async fn get_queue_attributes(
    queues: &Queues,
    queue: QueueName,
    request: &GetQueueAttributes,
) -> Result<Value, ErrorResponse> {
    let counts = queues.counts(queue).await?;
    let mut attributes = vec![
        ("ApproximateNumberOfMessages", counts.visible.to_string()),
        ("ApproximateNumberOfMessagesNotVisible", counts.in_flight.to_string()),
        ("ApproximateNumberOfMessagesDelayed", counts.delayed.to_string()),
        ("VisibilityTimeout", queue.visibility_timeout().as_secs().to_string()),
        ("MessageRetentionPeriod", QueueName::RETENTION.as_secs().to_string()),
        ("MaximumMessageSize", MESSAGE_SIZE_MAX_BYTES.to_string()),
        ("DelaySeconds", "0".to_owned()),
        ("ReceiveMessageWaitTimeSeconds", "0".to_owned()),
        ("QueueArn", queue.arn()),
    ];
    if let Some((dead_letters, receive_count_max)) = queue.redrive() {
        let policy = json!({ "deadLetterTargetArn": dead_letters.arn(), "maxReceiveCount": receive_count_max });
        attributes.push(("RedrivePolicy", policy.to_string()));
    }
    Ok(json!({ "Attributes": selected(attributes, &request.attribute_names) }))
}

async fn purge_queue(queues: &Queues, queue: QueueName) -> Result<Value, ErrorResponse> {
    queues.purge(queue).await?;
    Ok(json!({}))
}

/// Moves at once what SQS moves in the background.
async fn start_message_move_task(queues: &Queues, request: &StartMessageMoveTask) -> Result<Value, ErrorResponse> {
    let queue_of = |arn: &str| QueueName::ALL.into_iter().find(|queue| queue.arn() == arn);
    let unknown = || ErrorResponse::new("ResourceNotFoundException", "The queue that an ARN names doesn't exist.");
    let source = queue_of(&request.source_arn).ok_or_else(unknown)?;
    let destination = request.destination_arn.as_deref().map(|arn| queue_of(arn).ok_or_else(unknown)).transpose()?;
    if !QueueName::ALL.into_iter().any(|queue| queue.redrive().is_some_and(|(target, _)| target == source)) {
        return Err(invalid("Source queue must be configured as a Dead Letter Queue."));
    }
    let moved = queues.redrive(source, destination).await?;
    Ok(json!({ "TaskHandle": format!("{}-{moved}", source.as_str()) }))
}

/// The queue that a URL names, on whatever host.
fn queue_at(url: &str) -> Result<QueueName, ErrorResponse> {
    let name = url.rsplit_once('/').map_or(url, |(_, name)| name);
    QueueName::parse(name).ok_or_else(no_such_queue)
}

fn new_message(request: SendMessage) -> Result<NewMessage, ErrorResponse> {
    let SendMessage { message_body: body, delay_seconds, message_group_id: group_id, message_attributes } = request;
    if body.is_empty() {
        let text = "The request must contain the parameter MessageBody.";
        return Err(ErrorResponse::new("MissingRequiredParameterException", text).known_as("MissingParameter"));
    }
    if body.len() > MESSAGE_SIZE_MAX_BYTES {
        return Err(invalid(format!(
            "One or more parameters are invalid. Reason: Message must be shorter than {MESSAGE_SIZE_MAX_BYTES} bytes."
        )));
    }
    if let Some(character) = body.chars().find(|character| !is_allowed(*character)) {
        let text = format!(
            "Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to \
             #xFFFD | #x10000 to #x10FFFF. Found {:#x}.",
            u32::from(character)
        );
        return Err(ErrorResponse::new("InvalidMessageContents", text).known_as("InvalidMessageContents"));
    }
    let delay = seconds_within("DelaySeconds", delay_seconds, DELAY_MAX_S)?;
    if group_id.as_deref().is_some_and(|id| {
        id.is_empty() || id.len() > GROUP_ID_SIZE_MAX_BYTES || !id.bytes().all(|byte| byte.is_ascii_graphic())
    }) {
        return Err(invalid(
            "The request include parameter that is not valid: MessageGroupId can only include alphanumeric and \
             punctuation characters. 1 to 128 in length.",
        ));
    }
    Ok(NewMessage { body, group_id, delay, attributes: message_attributes })
}

/// SQS allows the characters of XML.
fn is_allowed(character: char) -> bool {
    matches!(character, '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'..)
}

/// A message as its receiver sees it, with SQS's attributes and the sender's own of these names.
fn received_message(message: &Message, names: &[String], own_names: &[String]) -> Value {
    let attributes = selected(message.system_attributes(), names);
    let mut value = json!({
        "MessageId": message.message_id,
        "ReceiptHandle": message.receipt_handle,
        "MD5OfBody": md5_of_body(&message.body),
        "Body": message.body,
    });
    if !attributes.is_empty() {
        value["Attributes"] = attributes.into();
    }
    let own = selected(message.attributes.clone(), own_names);
    if !own.is_empty() {
        value["MessageAttributes"] = own.into();
    }
    value
}

/// The attributes that a request names, or all.
fn selected<N, V>(attributes: impl IntoIterator<Item = (N, V)>, names: &[String]) -> Map<String, Value>
where
    N: Into<String>,
    V: Into<Value>,
{
    let is_selected = |name: &str| names.iter().any(|selected| selected == name || selected == "All");
    let attributes = attributes.into_iter().map(|(name, value)| (name.into(), value.into()));
    attributes.filter(|(name, _)| is_selected(name)).collect()
}

fn seconds_within(name: &str, seconds: u64, max: u64) -> Result<Duration, ErrorResponse> {
    if seconds > max {
        return Err(invalid(format!(
            "Value {seconds} for parameter {name} is invalid. Reason: Must be >= 0 and <= {max}, if provided."
        )));
    }
    Ok(Duration::from_secs(seconds))
}

fn check_receipt_handle(receipt_handle: &str) -> Result<(), ErrorResponse> {
    match uuid::Uuid::parse_str(receipt_handle) {
        Ok(_) => Ok(()),
        Err(_) => Err(ErrorResponse::new("ReceiptHandleIsInvalid", "The input receipt handle is invalid.")
            .known_as("ReceiptHandleIsInvalid")),
    }
}

fn check_ids<T>(entries: &[Entry<T>]) -> Result<(), ErrorResponse> {
    let mut seen = HashSet::new();
    for Entry { id, .. } in entries {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        if id.is_empty() || id.len() > ENTRY_ID_SIZE_MAX_BYTES || !id.bytes().all(allowed) {
            let text = "A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be \
                        at most 80 letters long.";
            return Err(prefixed("InvalidBatchEntryId", text));
        }
        if !seen.insert(id) {
            return Err(prefixed("BatchEntryIdsNotDistinct", format!("Id {id} repeated.")));
        }
    }
    match entries.len() {
        0 => Err(prefixed("EmptyBatchRequest", "There should be at least one entry in the request.")),
        1..=BATCH_SIZE_MAX => Ok(()),
        count => {
            let text = format!("Maximum number of entries per request are {BATCH_SIZE_MAX}. You have sent {count}.");
            Err(prefixed("TooManyEntriesInBatchRequest", text))
        }
    }
}

fn no_such_queue() -> ErrorResponse {
    ErrorResponse::new("QueueDoesNotExist", "The specified queue does not exist.")
        .known_as("AWS.SimpleQueueService.NonExistentQueue")
}

fn invalid(message: impl Into<String>) -> ErrorResponse {
    ErrorResponse::new("InvalidParameterValueException", message).known_as("InvalidParameterValue")
}

/// An error that SQS's older protocol knows by the same name with a prefix.
fn prefixed(kind: &'static str, message: impl Into<String>) -> ErrorResponse {
    ErrorResponse::new(kind, message).known_as(format!("AWS.SimpleQueueService.{kind}"))
}
