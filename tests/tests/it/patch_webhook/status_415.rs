use tests::api::Route;

use crate::any_route::bodies;

#[tokio::test]
pub async fn other_media_types_are_refused() {
    bodies::other_media_types_are_refused(Route::ChangeWebhook).await;
}
