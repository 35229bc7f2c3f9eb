use serde_json::json;
use tests::api::Route;
use tests::body;

use crate::any_route::repeats;

#[tokio::test]
pub async fn another_request_under_a_used_key_is_refused() {
    let others = [json!({"name": "Another"}), json!({"description": "A bakery."}), json!({"metadata": {}})];
    let others: Vec<_> = others.into_iter().map(|members| body::with(body::company(), members)).collect();
    repeats::another_request_under_a_used_key_is_refused(Route::CreateCompany, &others).await;
}
