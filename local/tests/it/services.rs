//! The SQS and KMS endpoint, met by AWS's own clients.

use std::collections::HashMap;
use std::net::{Ipv4Addr, TcpListener};
use std::sync::Arc;

use aws_sdk_sqs::error::ProvideErrorMetadata;
use aws_sdk_sqs::types::{
    DeleteMessageBatchRequestEntry, MessageAttributeValue, MessageSystemAttributeName as System, QueueAttributeName,
    SendMessageBatchRequestEntry,
};
use chrono::Utc;
use domain::time::Timestamp;
use local::http::Serving;
use local::kms::MasterKey;
use local::sqs::{QueueName, Queues};

struct Services {
    sqs: aws_sdk_sqs::Client,
    kms: aws_sdk_kms::Client,
    deliveries: String,
    served: Serving,
}

impl Services {
    async fn start() -> Self {
        let queues = Queues::memory(Arc::new(|| Timestamp::new(Utc::now()))).unwrap();
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let served = local::services::serve(listener, queues, Arc::new(MasterKey::fresh().unwrap())).unwrap();
        let config = aws::at_endpoint(&served.url(), local::http_client()).await;
        Self {
            sqs: aws_sdk_sqs::Client::new(&config),
            kms: aws_sdk_kms::Client::new(&config),
            deliveries: QueueName::Deliveries.url(&served.url()),
            served,
        }
    }

    async fn send(&self, body: &str) -> Result<String, String> {
        let sent = self.sqs.send_message().queue_url(&self.deliveries).message_body(body).send().await;
        sent.map(|sent| sent.message_id.unwrap()).map_err(code)
    }

    async fn receive(&self) -> Vec<aws_sdk_sqs::types::Message> {
        let request = self.sqs.receive_message().queue_url(&self.deliveries).max_number_of_messages(10);
        request.message_system_attribute_names(System::All).send().await.unwrap().messages.unwrap_or_default()
    }
}

/// The code by which clients know an error.
fn code<E: ProvideErrorMetadata>(error: E) -> String {
    error.code().unwrap_or("none").to_owned()
}

#[tokio::test]
async fn a_message_is_sent_received_postponed_and_deleted() {
    let services = Services::start().await;
    let body = "{\"a\":\"\u{e9}\u{1f3a4}\\n\"}\t\n";
    let sent = services.sqs.send_message().queue_url(&services.deliveries).message_body(body);
    let sent = sent.message_group_id("group-1").send().await.unwrap();
    let id = sent.message_id.unwrap();

    let message = services.receive().await.remove(0);
    assert_eq!((message.message_id(), message.body()), (Some(id.as_str()), Some(body)));
    // Some clients compare them, and so refuse a wrong one.
    let checksum = "d0b9f4faf7ffb3c08c1333a214d0e9dc";
    assert_eq!((sent.md5_of_message_body.as_deref(), message.md5_of_body()), (Some(checksum), Some(checksum)));
    let attributes = message.attributes.unwrap();
    assert_eq!(attributes[&System::MessageGroupId], "group-1");
    assert_eq!(attributes[&System::ApproximateReceiveCount], "1");
    for time in [System::SentTimestamp, System::ApproximateFirstReceiveTimestamp] {
        let age_ms = Utc::now().timestamp_millis() - attributes[&time].parse::<i64>().unwrap();
        assert!((0..60_000).contains(&age_ms), "{time} {age_ms}");
    }
    assert!(services.receive().await.is_empty());

    let receipt_handle = message.receipt_handle.unwrap();
    let postpone = services.sqs.change_message_visibility().queue_url(&services.deliveries);
    postpone.receipt_handle(&receipt_handle).visibility_timeout(0).send().await.unwrap();
    let again = services.receive().await.remove(0);
    assert_eq!(again.attributes.unwrap()[&System::ApproximateReceiveCount], "2");

    let delete = services.sqs.delete_message().queue_url(&services.deliveries);
    delete.receipt_handle(again.receipt_handle.unwrap()).send().await.unwrap();
    let attributes = services.sqs.get_queue_attributes().queue_url(&services.deliveries);
    let attributes = attributes.attribute_names(QueueAttributeName::All).send().await.unwrap().attributes.unwrap();
    assert_eq!(attributes[&QueueAttributeName::ApproximateNumberOfMessages], "0");
    assert_eq!(attributes[&QueueAttributeName::ApproximateNumberOfMessagesNotVisible], "0");
    assert_eq!(attributes[&QueueAttributeName::QueueArn], QueueName::Deliveries.arn());
    assert!(attributes[&QueueAttributeName::RedrivePolicy].contains(&QueueName::DeadLetters.arn()));
}

#[tokio::test]
async fn a_batch_is_answered_entry_by_entry() {
    let services = Services::start().await;
    let entry =
        |id: &str, body: &str| SendMessageBatchRequestEntry::builder().id(id).message_body(body).build().unwrap();
    let batch = services.sqs.send_message_batch().queue_url(&services.deliveries);
    let entries = vec![entry("a", "one"), entry("b", "\u{1}"), entry("c", "two")];
    let sent = batch.set_entries(Some(entries)).send().await.unwrap();
    assert_eq!(sent.successful().iter().map(|sent| sent.id()).collect::<Vec<_>>(), ["a", "c"]);
    let failed: Vec<_> = sent.failed().iter().map(|failed| (failed.id(), failed.code())).collect();
    assert_eq!(failed, [("b", "InvalidMessageContents")]);

    let received = services.receive().await;
    assert_eq!(received.iter().map(|message| message.body().unwrap()).collect::<Vec<_>>(), ["one", "two"]);
    let entry = |(number, handle): (usize, &str)| {
        DeleteMessageBatchRequestEntry::builder().id(number.to_string()).receipt_handle(handle).build().unwrap()
    };
    let handles = received.iter().map(|message| message.receipt_handle().unwrap()).chain(["nonsense"]);
    let delete = services.sqs.delete_message_batch().queue_url(&services.deliveries);
    let deleted = delete.set_entries(Some(handles.enumerate().map(entry).collect())).send().await.unwrap();
    assert_eq!(deleted.successful().len(), 2);
    assert_eq!(deleted.failed()[0].code(), "ReceiptHandleIsInvalid");
}

#[tokio::test]
async fn batches_that_are_none_are_refused_whole() {
    let services = Services::start().await;
    let entry =
        |id: &str, size| SendMessageBatchRequestEntry::builder().id(id).message_body("x".repeat(size)).build().unwrap();
    let many = |count| (0..count).map(|number| entry(&number.to_string(), 1)).collect::<Vec<_>>();
    let table = [
        (Vec::new(), "AWS.SimpleQueueService.EmptyBatchRequest"),
        (many(11), "AWS.SimpleQueueService.TooManyEntriesInBatchRequest"),
        (vec![entry("a", 1), entry("a", 1)], "AWS.SimpleQueueService.BatchEntryIdsNotDistinct"),
        (vec![entry("a b", 1)], "AWS.SimpleQueueService.InvalidBatchEntryId"),
        (vec![entry("a", 1_048_576), entry("b", 1)], "AWS.SimpleQueueService.BatchRequestTooLong"),
    ];
    for (entries, refusal) in table {
        let batch = services.sqs.send_message_batch().queue_url(&services.deliveries);
        assert_eq!(batch.set_entries(Some(entries)).send().await.map_err(code).unwrap_err(), refusal);
    }
    assert!(services.receive().await.is_empty());
}

#[tokio::test]
async fn the_limits_of_sqs_hold_and_no_others() {
    let services = Services::start().await;
    for body in ["x".repeat(1_048_576), "\u{9}\u{a}\u{d} \u{d7ff}\u{e000}\u{fffd}\u{10000}\u{10ffff}".to_owned()] {
        services.send(&body).await.unwrap();
    }
    assert_eq!(services.send(&"x".repeat(1_048_577)).await.unwrap_err(), "InvalidParameterValue");
    assert_eq!(services.send("").await.unwrap_err(), "MissingParameter");
    for character in ["\0", "\u{8}", "\u{b}", "\u{c}", "\u{e}", "\u{1f}", "\u{fffe}", "\u{ffff}"] {
        assert_eq!(services.send(character).await.unwrap_err(), "InvalidMessageContents", "{character:?}");
    }
    for delay in [0, 900, 901, -1] {
        let sent = services.sqs.send_message().queue_url(&services.deliveries).message_body("x").delay_seconds(delay);
        assert_eq!(sent.send().await.is_ok(), (0..=900).contains(&delay), "{delay}");
    }
    for (group, fits) in [("x".repeat(128), true), ("x".repeat(129), false), ("a b".to_owned(), false)] {
        let sent = services.sqs.send_message().queue_url(&services.deliveries).message_body("x");
        assert_eq!(sent.message_group_id(&group).send().await.is_ok(), fits, "{group}");
    }
    for (count, seconds, wait, fits) in
        [(1, 43_200, 0, true), (0, 1, 0, false), (11, 1, 0, false), (1, 43_201, 0, false), (1, 1, 21, false)]
    {
        let request = services.sqs.receive_message().queue_url(&services.deliveries).max_number_of_messages(count);
        let received = request.visibility_timeout(seconds).wait_time_seconds(wait).send().await;
        assert_eq!(received.is_ok(), fits, "{count} {seconds} {wait}");
    }
}

#[tokio::test]
async fn a_message_keeps_the_attributes_that_it_was_sent_with() {
    let services = Services::start().await;
    let value = MessageAttributeValue::builder().data_type("String").string_value("x").build().unwrap();
    let sent = services.sqs.send_message().queue_url(&services.deliveries).message_body("x");
    sent.message_attributes("a", value.clone()).send().await.unwrap();
    for (asked, received) in [("b", None), ("a", Some(&value))] {
        let request = services.sqs.receive_message().queue_url(&services.deliveries).visibility_timeout(0);
        let messages = request.message_attribute_names(asked).send().await.unwrap().messages.unwrap_or_default();
        let attributes = messages[0].message_attributes.as_ref();
        assert_eq!(attributes.and_then(|attributes| attributes.get("a")), received, "asked for {asked}");
    }
}

#[tokio::test]
async fn what_is_not_imitated_is_refused_rather_than_lost() {
    let services = Services::start().await;
    let made = services.sqs.create_queue().queue_name("another").send().await;
    assert_eq!(made.map_err(code).unwrap_err(), "UnknownOperationException");

    let old = reqwest::Client::new().post(services.served.url()).body("Action=ListQueues&Version=2012-11-05");
    let refused = old.send().await.unwrap();
    assert_eq!(refused.status(), 400);
    assert!(refused.text().await.unwrap().contains("X-Amz-Target"));
}

#[tokio::test]
async fn errors_have_the_codes_that_clients_know() {
    let services = Services::start().await;
    let unknown = services.sqs.get_queue_url().queue_name("nobody").send().await.unwrap_err();
    assert!(unknown.as_service_error().unwrap().is_queue_does_not_exist());

    let change = || services.sqs.change_message_visibility().queue_url(&services.deliveries).visibility_timeout(1);
    let invalid = change().receipt_handle("nonsense").send().await.unwrap_err();
    assert!(invalid.as_service_error().unwrap().is_receipt_handle_is_invalid());
    services.send("x").await.unwrap();
    let request = services.sqs.receive_message().queue_url(&services.deliveries).visibility_timeout(0);
    let handle = request.send().await.unwrap().messages.unwrap().remove(0).receipt_handle.unwrap();
    let visible = change().receipt_handle(&handle).send().await.unwrap_err();
    assert!(visible.as_service_error().unwrap().is_message_not_inflight());
}

#[tokio::test]
async fn dead_letters_are_moved_back_by_a_move_task() {
    let services = Services::start().await;
    let queue_url = services.sqs.get_queue_url().queue_name("dead-letters").send().await.unwrap().queue_url.unwrap();
    services.sqs.send_message().queue_url(&queue_url).message_body("x").send().await.unwrap();
    let start = |source: QueueName| {
        let task = services.sqs.start_message_move_task().source_arn(source.arn());
        task.destination_arn(QueueName::Deliveries.arn()).send()
    };
    assert_eq!(start(QueueName::Deliveries).await.map_err(code).unwrap_err(), "InvalidParameterValue");
    start(QueueName::DeadLetters).await.unwrap();
    assert_eq!(services.receive().await[0].body(), Some("x"));
}

#[tokio::test]
async fn queues_are_found_listed_and_purged() {
    let services = Services::start().await;
    let listed = services.sqs.list_queues().send().await.unwrap().queue_urls.unwrap();
    assert_eq!(listed, QueueName::ALL.map(|queue| queue.url(&services.served.url())));
    services.send("x").await.unwrap();
    services.sqs.purge_queue().queue_url(&services.deliveries).send().await.unwrap();
    assert!(services.receive().await.is_empty());
}

#[tokio::test]
async fn a_long_poll_ends_with_the_message_that_it_waited_for() {
    let services = Services::start().await;
    let request = services.sqs.receive_message().queue_url(&services.deliveries).wait_time_seconds(20);
    let (received, sent) = tokio::join!(request.send(), services.send("x"));
    sent.unwrap();
    assert_eq!(received.unwrap().messages.unwrap()[0].body(), Some("x"));
}

#[tokio::test]
async fn a_data_key_opens_under_its_context_only() {
    let services = Services::start().await;
    let made = services.kms.generate_data_key().key_id(MasterKey::ARN).key_spec("AES_256".into());
    let made = made.encryption_context("webhook", "1").send().await.unwrap();
    assert_eq!(made.key_id(), Some(MasterKey::ARN));
    let plaintext = made.plaintext.unwrap();
    assert_eq!(plaintext.as_ref().len(), 32);

    let open = |context: HashMap<String, String>| {
        let request = services.kms.decrypt().ciphertext_blob(made.ciphertext_blob.clone().unwrap());
        request.set_encryption_context(Some(context)).send()
    };
    let context = |id: &str| HashMap::from([("webhook".to_owned(), id.to_owned())]);
    assert_eq!(open(context("1")).await.unwrap().plaintext.unwrap(), plaintext);
    for wrong in [context("2"), HashMap::new()] {
        let refused = open(wrong).await.unwrap_err();
        assert!(refused.as_service_error().unwrap().is_invalid_ciphertext_exception());
    }
    let unknown = services.kms.generate_data_key().key_id("another").key_spec("AES_256".into()).send().await;
    assert!(unknown.unwrap_err().as_service_error().unwrap().is_not_found_exception());
}
