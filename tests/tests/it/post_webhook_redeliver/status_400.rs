use tests::api::Route;

use crate::any_route::webhooks;

#[tokio::test]
pub async fn a_malformed_id_in_the_path_is_refused() {
    webhooks::a_malformed_id_in_the_path_is_refused(Route::Redeliver).await;
}
