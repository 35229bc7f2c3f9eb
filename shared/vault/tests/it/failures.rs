use aws::FailureKind;
use serde_json::json;
use vault::VaultError;

use crate::kms::{Kms, failure};

fn kind(error: VaultError) -> FailureKind {
    match error {
        VaultError::Failed { kind, .. } => kind,
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn a_busy_kms_is_asked_three_times() {
    let kms = Kms::start().await;
    kms.instead.lock().unwrap().extend(vec![failure(400, "ThrottlingException"); 2]);
    let sealed = kms.vault().await.seal("one", b"secret").await.unwrap();
    assert_eq!(kms.take_operations().len(), 3);

    kms.instead.lock().unwrap().extend(vec![failure(400, "ThrottlingException"); 3]);
    let error = kms.vault().await.open("one", &sealed).await.unwrap_err();
    assert!(error.is_passing());
    assert_eq!(kind(error), FailureKind::Throttled);
    assert_eq!(kms.take_operations().len(), 3);

    kms.instead.lock().unwrap().extend(vec![failure(500, "KMSInternalException"); 3]);
    let error = kms.vault().await.open("one", &sealed).await.unwrap_err();
    assert_eq!(kind(error), FailureKind::Unavailable);
}

#[tokio::test]
async fn a_right_that_is_missing_is_not_asked_for_again() {
    let kms = Kms::start().await;
    kms.instead.lock().unwrap().extend([failure(400, "AccessDeniedException")]);
    let error = kms.vault().await.seal("one", b"secret").await.unwrap_err();
    assert!(!error.is_passing());
    assert_eq!(error.to_string(), "GenerateDataKey failed: unknown");
    let cause = std::error::Error::source(&error).unwrap().to_string();
    assert!(cause.contains("AccessDenied"), "{cause}");
    assert_eq!(kms.take_operations().len(), 1);
}

#[tokio::test]
async fn a_key_of_another_length_is_an_error() {
    let kms = Kms::start().await;
    kms.instead.lock().unwrap().extend([
        (200, json!({"Plaintext": "AAAA", "CiphertextBlob": "AAAA"})),
        (200, json!({"CiphertextBlob": "AAAA"})),
        (200, json!({})),
    ]);
    for _ in 0..3 {
        assert_eq!(kind(kms.vault().await.seal("one", b"secret").await.unwrap_err()), FailureKind::Unknown);
    }
}

#[tokio::test]
async fn a_broken_answer_does_not_bring_a_key_into_an_error() {
    let kms = Kms::start().await;
    let sealed = kms.vault().await.seal("one", b"secret").await.unwrap();
    let broken = json!("{\"Plaintext\": \"c2VjcmV0c2VjcmV0\", \"CiphertextBlob\": ");
    kms.instead.lock().unwrap().extend([(200, broken.clone()), (200, broken)]);
    let vault = kms.vault().await;
    for error in [vault.seal("one", b"secret").await.unwrap_err(), vault.open("one", &sealed).await.unwrap_err()] {
        assert!(!format!("{error} {error:?}").contains("c2VjcmV0"), "{error:?}");
    }
}
