//! A webhook can't drive the API that it belongs to.

use api::{ErrorCode, Route};
use serde_json::{Value, json};
use tests::server::DOMAIN_NAME;
use tests::{Company, Events, TestServer, WebhookReceiver, api, body};

use super::{Neighbour, storm};

/// Gives a webhook an address at the API itself, with the company's key among its headers. The address is one that its creation
/// does not know as the API's own, as by another name in the DNS.
async fn lead_to_the_api(company: &Company, webhook: &str, path: &str) {
    let change = json!({
        "url": format!("{}{path}", company.server().url()),
        "headers": [{"name": "Authorization", "value": format!("Bearer {}", company.key)}],
    });
    let change = company.patch(&format!("/webhooks/{webhook}")).json(&change);
    let changed = change.send_event(|event| event["requestContext"]["domainName"] = json!("another.example.com")).await;
    assert_eq!(changed.status, 200, "{changed}");
}

/// The lines of the log by which posts of webhooks were refused.
fn arrived(log: &[String]) -> usize {
    log.iter().filter(|line| line.contains(ErrorCode::LoopDetected.as_str())).count()
}

/// A webhook whose address is its own test makes one post for one request, which ends where it arrives; and so do fifty
/// at once, each of which leads to the next.
#[tokio::test]
async fn a_webhook_that_tries_itself_makes_one_request_and_no_more() {
    let server = TestServer::start().await;
    let neighbour = Neighbour::of(&server).await;
    let company = server.company().create().await;
    let mut webhooks = Vec::new();
    for _ in 0..50 {
        webhooks.push(server.webhook_of(&company.key).await);
    }
    let test = |webhook: &str| format!("/webhooks/{webhook}/test");
    for (place, webhook) in webhooks.iter().enumerate() {
        let next = &webhooks[if place == 0 { 0 } else { place % (webhooks.len() - 1) + 1 }];
        lead_to_the_api(&company, webhook, &test(next)).await;
    }

    let before = server.log().len();
    let tried = company.post(&test(&webhooks[0])).answered(200).await;
    assert_eq!((&tried.body["success"], &tried.body["httpStatus"]), (&json!(false), &json!(508)), "{tried}");
    let log = server.log().split_off(before);
    assert_eq!((log.len(), arrived(&log)), (2, 1), "the try and the one post: {log:#?}");

    let all = webhooks[1..].iter().map(|webhook| {
        let (company, path) = (company.clone(), test(webhook));
        move || company.post(&path)
    });
    let answers = neighbour.beside(storm(all)).await;
    assert!(answers.iter().all(|answer| answer.body["httpStatus"] == 508), "{answers:?}");
    assert_eq!(arrived(&server.log()), webhooks.len(), "one post for each request");
}

/// Events that are posted to the API create nothing, and so cause no further events.
#[tokio::test]
async fn an_event_that_is_posted_to_the_api_causes_no_other() {
    let server = TestServer::start().await;
    let events = Events::start(&server).await;
    let neighbour = Neighbour::of(&server).await;
    let (company, endpoint) = (server.company().create().await, WebhookReceiver::start());
    let webhook = company.webhook(&endpoint).await.id;
    lead_to_the_api(&company, &webhook, Route::CreateInterview.entry().path).await;
    company.test_interview().await;
    neighbour.beside(neighbour.assert_events_arrive()).await;
    events.quiet().await;
    let deliveries = company.deliveries(&webhook).await;
    assert_eq!(deliveries.len(), 2);
    assert!(deliveries.iter().all(|delivery| delivery["lastAttempt"]["httpStatus"] == 508), "{deliveries:?}");
    assert_eq!(arrived(&server.log()), 2, "each event once, until it is tried again by the schedule");
    let items = server.all_items().await;
    let of_company =
        |item: &&Value| item["entityType"]["S"] == "Interview" && item["companyId"]["S"] == company.id.to_string();
    assert_eq!(items.iter().filter(of_company).count(), 1, "its own test interview");
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
        let change = company.patch(&webhook).json(&json!({"url": own}));
        for request in [create, change] {
            let answer = request.refused(ErrorCode::ValidationFailed).await;
            assert_eq!(answer.issues(), [("/url".to_owned(), "ownHost".to_owned())], "{own}");
        }
    }
    for other in ["http://127.0.0.1:9/", "https://example.com/", "https://api.example.com:8443/"] {
        company.patch(&webhook).json(&json!({"url": other})).answered(200).await;
    }
}
