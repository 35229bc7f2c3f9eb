use std::time::Duration;

use aws::FailureKind;
use queue::QueueError;

use crate::sqs::{Answer, Sqs};

#[tokio::test]
async fn a_message_is_put_off_by_its_receipt() {
    let sqs = Sqs::answering([]).await;
    sqs.queue.postpone("receipt", Duration::from_millis(4_200)).await.unwrap();
    let (operation, request) = &sqs.requests()[0];
    assert_eq!(operation, "AmazonSQS.ChangeMessageVisibility");
    assert_eq!(request["ReceiptHandle"], "receipt");
    assert_eq!(request["VisibilityTimeout"], 5);
}

#[tokio::test]
async fn a_receipt_that_has_run_out_does_not_pass() {
    let sqs = Sqs::answering([Answer::Failed(400, "MessageNotInflight")]).await;
    let error = sqs.queue.postpone("receipt", Duration::from_secs(5)).await.unwrap_err();
    assert!(matches!(error, QueueError::Failed { kind: FailureKind::Unknown, .. }));
    assert_eq!(error.to_string(), "ChangeMessageVisibility failed: unknown");
}

#[tokio::test]
async fn a_busy_service_is_asked_again() {
    let sqs = Sqs::answering([Answer::Failed(503, "ServiceUnavailable")]).await;
    sqs.queue.postpone("receipt", Duration::ZERO).await.unwrap();
    assert_eq!(sqs.requests().len(), 2);
    assert_eq!(sqs.requests()[1].1["VisibilityTimeout"], 0);
}
