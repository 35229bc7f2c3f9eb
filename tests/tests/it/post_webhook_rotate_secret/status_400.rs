use tests::api::ROTATE_WEBHOOK_SECRET;

use crate::any_route::webhooks;

#[tokio::test]
pub async fn a_malformed_id_in_the_path_is_refused() {
    webhooks::a_malformed_id_in_the_path_is_refused(ROTATE_WEBHOOK_SECRET).await;
}
