use reqwest::Method;
use tests::TestServer;
use tests::api::{ErrorCode, Route};

#[tokio::test]
pub async fn another_method_is_told_which_the_path_has() {
    let server = TestServer::start().await;
    for route in Route::ALL {
        let allowed = Route::methods_of(route.entry().path);
        let methods = [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE, Method::OPTIONS];
        for method in methods.into_iter().filter(|method| !allowed.contains(&method.as_str())) {
            let answer = server.request(method, route.entry().path).refused(ErrorCode::MethodNotAllowed).await;
            assert_eq!(answer.header("allow"), Some(allowed.join(", ").as_str()));
        }
    }
}
