use tests::api::TEST_WEBHOOK;

use crate::any_route::webhooks;

#[tokio::test]
pub async fn a_malformed_id_in_the_path_is_refused() {
    webhooks::a_malformed_id_in_the_path_is_refused(TEST_WEBHOOK).await;
}
