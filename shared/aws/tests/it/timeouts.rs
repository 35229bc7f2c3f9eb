use std::time::Duration;

use aws::ClientTimeouts;
use aws_smithy_http_client::Builder;

#[tokio::test]
async fn one_attempt_is_no_retry() {
    let config = aws::at_endpoint("http://127.0.0.1:8000", Builder::new().build_http()).await;
    let once = ClientTimeouts { attempts: 1, ..ClientTimeouts::STANDARD };
    assert_eq!(once.applied_to(&config).retry_config().unwrap().max_attempts(), 1);
    assert_eq!(once.total(), once.attempt_timeout);
}

#[tokio::test]
async fn every_time_out_is_set() {
    let config = aws::at_endpoint("http://127.0.0.1:8000", Builder::new().build_http()).await;
    let config = ClientTimeouts::STANDARD.applied_to(&config);
    let timeouts = config.timeout_config().unwrap();
    assert_eq!(timeouts.connect_timeout(), Some(Duration::from_secs(1)));
    assert_eq!(timeouts.operation_attempt_timeout(), Some(Duration::from_secs(2)));
    assert_eq!(timeouts.operation_timeout(), Some(Duration::from_millis(6_300)));
    assert_eq!(config.retry_config().unwrap().max_attempts(), 3);
}

#[tokio::test]
async fn an_engine_s_endpoint_needs_no_credentials() {
    let config = aws::at_endpoint("http://127.0.0.1:8000", Builder::new().build_http()).await;
    assert_eq!(config.region().unwrap().as_ref(), "local");
    assert_eq!(crate::access_key_id(&config).await.unwrap(), "local");
}
