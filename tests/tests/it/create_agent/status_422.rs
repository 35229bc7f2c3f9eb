use serde_json::{Value, json};
use tests::api::Route;
use tests::body;

use crate::any_route::repeats;

#[tokio::test]
pub async fn another_request_under_a_used_key_is_refused() {
    let others: Vec<Value> = [
        json!({"name": "Another name"}),
        json!({"name": "screening agent"}),
        json!({"duration": 31}),
        json!({"backgroundSound": "OFF"}),
        json!({"questions": []}),
        json!({"metadata": {}}),
    ]
    .into_iter()
    .map(|members| body::with(body::agent(), members))
    .collect();
    repeats::another_request_under_a_used_key_is_refused(Route::CreateAgent, &others).await;
}
