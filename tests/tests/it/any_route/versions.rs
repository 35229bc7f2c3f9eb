//! Promises of routes about versions: those that show one resource, those that read it, and those that change it.

use std::time::Duration;

use api::{ErrorCode, Route};
use reqwest::Method;
use tests::{Accepted, Answer, Caller, TestServer, api};

/// The `ETag` of an answer.
fn etag(answer: &Answer) -> String {
    answer.header("etag").unwrap_or_else(|| panic!("no ETag: {answer}")).to_owned()
}

/// The path of the resource that an accepted request is about: what comes after it is a verb.
fn resource(accepted: &Accepted) -> String {
    accepted.path.split('/').take(3).collect::<Vec<_>>().join("/")
}

/// The resource as it is read.
async fn read(caller: &Caller, accepted: &Accepted) -> Answer {
    caller.request(Method::GET, &resource(accepted)).answered(200).await
}

/// A read that names the version that there is, in whatever way, is answered without a body; one that names none, or names
/// others, is answered with the resource.
pub async fn a_read_of_a_known_version_has_no_body(route: Route) {
    let server = TestServer::start().await;
    let caller = server.caller_of(route).await;
    let accepted = server.accepted(route, &caller.key).await;
    let full = caller.request(Method::GET, &accepted.path).answered(200).await;
    let tag = etag(&full);
    let read = |known: &str| caller.request(Method::GET, &accepted.path).header("if-none-match", known);
    for known in [tag.clone(), format!("W/{tag}"), format!("\"a,b\", {tag}"), "*".to_owned()] {
        let answer = read(&known).answered(304).await;
        assert_eq!(etag(&answer), tag, "{known}");
    }
    for unknown in ["\"a\"", "W/\"\"", tag.trim_matches('"'), "", "**"] {
        let answer = read(unknown).answered(200).await;
        assert_eq!((&answer.text, etag(&answer)), (&full.text, tag.clone()), "{unknown}");
    }
}

/// A caller that may not see the resource does not learn whether it knows the version.
pub async fn a_known_version_is_told_to_its_tenant_only(route: Route) {
    let server = TestServer::start().await;
    let (caller, stranger) = (server.caller_of(route).await, server.caller_of(route).await);
    let accepted = server.accepted(route, &caller.key).await;
    let tag = etag(&caller.request(Method::GET, &accepted.path).answered(200).await);
    for known in [&tag, "*"] {
        let request = stranger.request(Method::GET, &accepted.path).header("if-none-match", known);
        request.refused(ErrorCode::ResourceAccessDenied).await;
    }
}

/// A change under another version than there is does nothing; under the one that there is, it is carried out. What is
/// wrong with the request otherwise comes first.
pub async fn a_change_under_another_version_is_refused(route: Route) {
    let server = TestServer::start().await;
    let caller = server.caller_of(route).await;
    let accepted = server.accepted(route, &caller.key).await;
    let before = read(&caller, &accepted).await;
    let tag = etag(&before);
    let change = |versions: &str| accepted.request(&server).key(&caller.key).header("if-match", versions);
    for other in ["\"a\"".to_owned(), format!("W/{tag}"), format!("\"a\", W/{tag}")] {
        change(&other).refused(ErrorCode::PreconditionFailed).await;
        assert_eq!(read(&caller, &accepted).await.text, before.text, "{other}");
    }
    if accepted.body.is_some() {
        let faulty = accepted.bare(&server).key(&caller.key).header("if-match", "\"a\"");
        faulty.text("{").refused(ErrorCode::MalformedJson).await;
    }
    change(&format!("\"a\", {tag}")).answered(accepted.status()).await;
}

/// A version that a change made is none on which the next one may rest that does not know of it.
pub async fn of_two_changes_that_rest_on_one_version_one_is_refused(route: Route) {
    let server = TestServer::start().await;
    let caller = server.caller_of(route).await;
    let accepted = server.accepted(route, &caller.key).await;
    let tag = etag(&read(&caller, &accepted).await);
    server.pass(Duration::from_secs(1));
    let change = || accepted.request(&server).key(&caller.key).header("if-match", &tag);
    change().answered(accepted.status()).await;
    let second = change().send().await;
    let expected = if route.entry().method == "DELETE" { 404 } else { 412 };
    assert_eq!(second.status, expected, "{second}");
    let any = accepted.request(&server).key(&caller.key).header("if-match", "*").send().await;
    assert_eq!(any.status, if expected == 404 { 404 } else { accepted.status() }, "{any}");
}

/// Text that is no list of versions is refused with everything else that is wrong, and never taken for none.
pub async fn text_that_is_no_list_of_versions_is_refused(route: Route) {
    let server = TestServer::start().await;
    let caller = server.caller_of(route).await;
    let accepted = server.accepted(route, &caller.key).await;
    let before = read(&caller, &accepted).await;
    for versions in ["", ",", "a", "\"a", "w/\"a\"", "*, \"a\"", "\"a\" \"b\""] {
        let request = accepted.request(&server).key(&caller.key).header("if-match", versions);
        let answer = request.refused(ErrorCode::ValidationFailed).await;
        assert_eq!(answer.issues(), [("header:If-Match".to_owned(), "entityTags".to_owned())], "{versions}");
    }
    assert_eq!(read(&caller, &accepted).await.text, before.text);
}
