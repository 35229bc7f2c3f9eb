use tests::api::Route;

use crate::any_route::bodies;

#[tokio::test]
pub async fn a_byte_beyond_the_limit_is_too_large() {
    bodies::a_byte_beyond_the_limit_is_too_large(Route::CreateWebhook).await;
}
