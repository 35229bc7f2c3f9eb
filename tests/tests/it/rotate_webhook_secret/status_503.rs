use tests::api::Route;
use tests::faults::Operation;

use crate::any_route::failures;

#[tokio::test]
pub async fn a_key_service_that_refuses_asks_the_caller_to_come_back() {
    failures::a_service_that_refuses_is_answered_by_503(Route::RotateWebhookSecret, Operation::GenerateDataKey).await;
}
