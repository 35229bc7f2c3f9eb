use serde_json::{Value, json};
use tests::api::Route;
use tests::body;

use crate::any_route::repeats;

#[tokio::test]
pub async fn another_request_under_a_used_key_is_refused() {
    let others: Vec<Value> = [
        json!({"url": "https://example.com/other"}),
        json!({"events": ["interview.failed"]}),
        json!({"events": ["interview.completed", "ping"]}),
        json!({"name": "Another name"}),
        json!({"headers": [{"name": "X-A", "value": "b"}]}),
    ]
    .into_iter()
    .map(|members| body::with(body::webhook(), members))
    .collect();
    repeats::another_request_under_a_used_key_is_refused(Route::CreateWebhook, &others).await;
}
