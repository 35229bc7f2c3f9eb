use tests::api::CHANGE_WEBHOOK;

use crate::any_route::bodies;

#[tokio::test]
pub async fn other_media_types_are_refused() {
    bodies::other_media_types_are_refused(CHANGE_WEBHOOK).await;
}
