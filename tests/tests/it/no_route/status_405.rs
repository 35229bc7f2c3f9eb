use reqwest::Method;
use tests::World;
use tests::api::{ErrorCode, ROUTES};

#[tokio::test]
pub async fn another_method_is_told_which_the_path_has() {
    let world = World::start().await;
    for route in ROUTES {
        for method in [Method::GET, Method::PUT, Method::PATCH, Method::DELETE, Method::OPTIONS] {
            let answer = world.request(method, route.path).refused(ErrorCode::MethodNotAllowed).await;
            assert_eq!(answer.header("allow"), Some("POST"));
        }
    }
}
