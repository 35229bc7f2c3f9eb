//! A webhook can't drive the API that it belongs to.

use api::{ErrorCode, Route};
use reqwest::Method;
use serde_json::json;
use tests::server::DOMAIN_NAME;
use tests::{TestServer, api, body};

/// The attack: a webhook whose address is its own test route, with the key among its headers. The address is one that its
/// creation does not know as the API's own, as by another name in the DNS. One post arrives, and ends there.
#[tokio::test]
async fn a_webhook_that_tries_itself_makes_one_request_and_no_more() {
    let server = TestServer::start().await;
    let company = server.company().create().await;
    let webhook = server.webhook_of(&company.key).await;
    let own_test = format!("/webhooks/{webhook}/test");
    let change = json!({
        "url": format!("{}{own_test}", server.url()),
        "headers": [{"name": "Authorization", "value": format!("Bearer {}", company.key)}],
    });
    let change = company.request(Method::PATCH, &format!("/webhooks/{webhook}")).json(&change);
    let changed = change.send_event(|event| event["requestContext"]["domainName"] = json!("another.example.com")).await;
    assert_eq!(changed.status, 200, "{changed}");

    let before = server.log().len();
    let tried = company.post(&own_test).answered(200).await;
    assert_eq!((&tried.body["success"], &tried.body["httpStatus"]), (&json!(false), &json!(508)), "{tried}");
    let log = server.log().split_off(before);
    let arrived = log.iter().filter(|line| line.contains(ErrorCode::LoopDetected.as_str())).count();
    assert_eq!((log.len(), arrived), (2, 1), "the try and the one post: {log:#?}");
}

/// The API's own hosts are refused as addresses: the one that the request came to, the deployment's domain, and every
/// region's host of the API.
#[tokio::test]
async fn no_webhook_leads_to_the_api_itself() {
    let server = TestServer::start().await;
    let company = server.company().create().await;
    let webhook = format!("/webhooks/{}", server.webhook_of(&company.key).await);
    let port = server.url().rsplit(':').next().expect("a port").to_owned();
    for own in [
        server.url(),
        format!("http://localhost:{port}/webhooks"),
        format!("http://[::1]:{port}"),
        format!("https://{DOMAIN_NAME}/agents"),
        format!("https://{DOMAIN_NAME}.:443"),
        "https://local.execute-api.eu-central-1.amazonaws.com/prod".to_owned(),
    ] {
        let created = body::with(body::webhook(), json!({"url": own}));
        let create = company.post(Route::CreateWebhook.entry().path).json(&created);
        let change = company.request(Method::PATCH, &webhook).json(&json!({"url": own}));
        for request in [create, change] {
            let answer = request.refused(ErrorCode::ValidationFailed).await;
            assert_eq!(answer.issues(), [("/url".to_owned(), "ownHost".to_owned())], "{own}");
        }
    }
    for other in ["http://127.0.0.1:9/", "https://example.com/", "https://api.example.com:8443/"] {
        company.request(Method::PATCH, &webhook).json(&json!({"url": other})).answered(200).await;
    }
}
