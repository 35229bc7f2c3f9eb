use tests::api::Route;

use crate::any_route::failures;

#[tokio::test]
pub async fn an_unreadable_item_says_nothing_of_the_inside() {
    failures::an_unreadable_item_is_answered_by_500(Route::TestWebhook).await;
}
