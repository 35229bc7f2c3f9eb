use serde_json::json;
use tests::api::Route;
use tests::body;

use crate::any_route::repeats;

#[tokio::test]
pub async fn another_request_under_a_used_key_is_refused() {
    let others = [json!({"firstName": "Eva"}), json!({"status": "REJECTED"}), json!({"metadata": {}})];
    let others: Vec<_> = others.into_iter().map(|members| body::with(body::candidate(), members)).collect();
    repeats::another_request_under_a_used_key_is_refused(Route::CreateCandidate, &others).await;
}
