use reqwest::Method;
use tests::accepted::method;
use tests::api::{ErrorCode, Route};
use tests::faults::Operation;
use tests::{TestServer, body};

#[tokio::test]
pub async fn an_unknown_path_is_no_route_by_any_method_and_key() {
    let server = TestServer::start().await;
    let company = server.company().create().await;
    server.faults().take_requests();
    for path in
        ["/", "/agent", "/agents/", "/agents/1/2", "/Agents", "/v1/agents", "//agents", "/interviews/x/y", "/%2e"]
    {
        for method in [Method::GET, Method::POST, Method::DELETE, Method::OPTIONS] {
            server.request(method, path).refused(ErrorCode::RouteNotFound).await;
        }
        company.post(path).json(&body::agent()).refused(ErrorCode::RouteNotFound).await;
    }
    assert_eq!(server.faults().take_requests(), Vec::<Operation>::new());
}

/// A path that exists, with anything behind it, is another path: also the methods of the one that exists find no route.
#[tokio::test]
pub async fn a_path_with_something_behind_it_is_no_route() {
    let server = TestServer::start().await;
    for route in Route::ALL.iter().filter(|route| !route.entry().path.ends_with('}')) {
        let path = route.entry().path.replace("{id}", &server.id().to_string());
        let path = path.replace("{deliveryId}", &server.id().to_string());
        for tail in ["%20", "%3F", "%3Fx=1", "%23x", "%00", "%0A", "/", "%2F", ";v=1", "."] {
            let path = format!("{path}{tail}");
            server.request(method(*route), &path).refused(ErrorCode::RouteNotFound).await;
            server.request(Method::PUT, &path).refused(ErrorCode::RouteNotFound).await;
        }
    }
}
