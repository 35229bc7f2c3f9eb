//! The right of a system to act for a company, which ends while it acts.

use api::{ActsFor, ErrorCode, Route};
use reqwest::Method;
use serde_json::json;
use tests::faults::Operation;
use tests::{Company, TestServer, api};

use crate::concurrency::between_read_and_write;

/// Another system manages the company from now on.
pub async fn hand_over(company: &Company) {
    let server = company.server();
    let another = json!({"atsId": {"S": server.id()}, "version": {"N": "7"}});
    server.set_attributes(&format!("COMPANY#{}", company.id), "COMPANY", &another).await;
}

/// Every route that writes for a company demands at its write that the system still manages it.
#[tokio::test]
async fn what_a_system_writes_is_refused_if_its_right_ends_after_it_was_read() {
    let writes = |route: &&Route| {
        let entry = route.entry();
        entry.acts_for == ActsFor::Company && entry.method != "GET"
    };
    let routes: Vec<_> = Route::ALL.iter().filter(writes).collect();
    assert!(routes.len() > 10, "{routes:?}");
    for route in routes {
        let server = TestServer::start().await;
        let ats = server.ats().await;
        let company = server.company().managed_by(ats).create().await;
        let (_, key) = server.ats_key(ats).create().await;
        let accepted = server.accepted(*route, &company.key).await;
        let request = accepted.with_body(accepted.at(&server, &format!("?companyId={}", company.id))).key(&key);
        let (answer, before) = between_read_and_write(request, &server, Operation::TransactWriteItems, async {
            hand_over(&company).await;
            server.all_items().await
        })
        .await;
        assert_eq!(answer.code(), Some(ErrorCode::ResourceAccessDenied.as_str()), "{route:?}: {answer}");
        assert_eq!(answer.body["resourceId"], json!(company.id), "{route:?}");
        assert_eq!(server.all_items().await, before, "{route:?}");
    }
}

/// A system that confines its webhook to a company must still manage it when that is written.
#[tokio::test]
async fn a_webhook_is_not_confined_to_a_company_whose_right_ends_meanwhile() {
    let server = TestServer::start().await;
    let ats = server.ats().await;
    let company = server.company().managed_by(ats).create().await;
    let (_, key) = server.ats_key(ats).create().await;
    let path = format!("/webhooks/{}", server.webhook_of(&key).await);
    for confined in [json!({"companyId": company.id}), json!({"companyId": company.id, "headers": []})] {
        let request = server.request(Method::PATCH, &path).key(&key).json(&confined);
        let before = server.item(&format!("COMPANY#{}", company.id), "COMPANY").await;
        let (answer, ()) =
            between_read_and_write(request, &server, Operation::TransactWriteItems, hand_over(&company)).await;
        assert_eq!(answer.code(), Some(ErrorCode::ResourceAccessDenied.as_str()), "{answer}");
        let webhook = server.request(Method::GET, &path).key(&key).answered(200).await.body;
        assert_eq!(webhook.get("companyId"), None);
        server.put_items(&[before]).await;
    }
}
