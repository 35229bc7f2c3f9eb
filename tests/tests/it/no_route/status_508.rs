use tests::TestServer;
use tests::api::ErrorCode;

use crate::any_route::edge::posts;

#[tokio::test]
pub async fn a_post_of_our_own_webhooks_is_refused_on_any_path_and_by_any_method() {
    let server = TestServer::start().await;
    for headers in posts() {
        for (method, path) in [("POST", "/"), ("POST", "/nothing"), ("PUT", "/agents")] {
            let request = server.request(method.parse().expect("a method"), path);
            let request = headers.iter().fold(request, |to, (name, value)| to.header(name, value));
            request.refused(ErrorCode::LoopDetected).await;
        }
    }
}
