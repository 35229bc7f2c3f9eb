//! Query parameters.

use api::{ErrorCode, Route};
use tests::TestServer;

/// A misspelt parameter is told, and not taken for none. `companyId` is taken by every route.
pub async fn query_parameters_that_it_does_not_take_are_refused_all_at_once(route: Route) {
    let server = TestServer::start().await;
    let caller = server.caller_of(route).await;
    let accepted = server.accepted(route, &caller.key).await;
    let request = |query: &str| accepted.with_body(accepted.at(&server, query)).key(&caller.key);

    let answer = request("?zeta=1&Limit=1&zeta=2&a%20b").refused(ErrorCode::ValidationFailed).await;
    let unknown = ["?Limit", "?a b", "?zeta"].map(|pointer| (pointer.to_owned(), "unknown".to_owned()));
    assert_eq!(answer.issues(), unknown);
    for known in ["limit", "cursor"].iter().filter(|name| !route.entry().query.contains(name)) {
        let answer = request(&format!("?{known}=1")).refused(ErrorCode::ValidationFailed).await;
        assert_eq!(answer.issues(), [(format!("?{known}"), "unknown".to_owned())]);
    }

    // Nobody who is not admitted learns of it.
    accepted.at(&server, "?zeta=1").refused(ErrorCode::InvalidApiKey).await;
    // Whom it names is the business of routes that act for a company, whose keys name their own.
    request(&format!("?companyId={}", server.id())).answered(accepted.status()).await;
}
