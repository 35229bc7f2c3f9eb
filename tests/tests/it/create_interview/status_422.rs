use serde_json::{Value, json};
use tests::api::Route;
use tests::body;

use crate::any_route::repeats;

#[tokio::test]
pub async fn another_request_under_a_used_key_is_refused() {
    let changed = |pointer: &str, value| body::with_at(body::interview(), pointer, value);
    let others: [Value; 8] = [
        changed("/candidate/firstName", json!("Zuza")),
        changed("/candidate/email", Value::Null),
        changed("/candidate/gdprExpiryDate", json!("2031-01-01")),
        changed("/agent/duration", json!(31)),
        changed("/agent/voiceId", json!("EVA")),
        changed("/scheduleTime", json!("2026-05-15T10:20:31Z")),
        changed("/isTest", json!(true)),
        changed("/metadata", json!({"a": 1})),
    ];
    repeats::another_request_under_a_used_key_is_refused(Route::CreateInterview, &others).await;
}
