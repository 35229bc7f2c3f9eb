use reqwest::Method;
use tests::api::ErrorCode;
use tests::faults::Operation;
use tests::{TestServer, body};

#[tokio::test]
pub async fn an_unknown_path_is_no_route_by_any_method_and_key() {
    let server = TestServer::start().await;
    let company = server.company().create().await;
    server.faults().take_requests();
    for path in ["/", "/agent", "/agents/", "/agents/1", "/Agents", "/v1/agents", "//agents", "/interviews/x/y", "/%2e"]
    {
        for method in [Method::GET, Method::POST, Method::DELETE, Method::OPTIONS] {
            server.request(method, path).refused(ErrorCode::RouteNotFound).await;
        }
        company.post(path).json(&body::agent()).refused(ErrorCode::RouteNotFound).await;
    }
    assert_eq!(server.faults().take_requests(), Vec::<Operation>::new());
}
