//! Rights, things and versions that a request has read, and that end or change before it writes.

use std::time::Duration;

use api::{ActsFor, ErrorCode, Route};
use reqwest::Method;
use serde_json::json;
use tests::faults::Operation;
use tests::{Company, TestServer, api, body};

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

/// A deletion under a version is refused if that is no longer the last one when it is written.
#[tokio::test]
async fn what_changes_while_it_is_deleted_under_a_version_stays() {
    let server = TestServer::start().await;
    let company = server.company().create().await;
    let (agent, job) = (company.agent(&body::agent()).await, company.job().await);
    for (path, change) in [
        (format!("/agents/{agent}"), json!({"name": "Another"})),
        (format!("/jobs/{job}"), json!({"title": "Another"})),
    ] {
        let read = company.get(&path).answered(200).await;
        let tag = read.header("etag").expect("a tag");
        let delete = company.request(Method::DELETE, &path).header("if-match", tag);
        let (answer, changed) = between_read_and_write(delete, &server, Operation::UpdateItem, async {
            server.pass(Duration::from_secs(1));
            company.patch(&path).json(&change).answered(200).await
        })
        .await;
        assert_eq!(answer.code(), Some(ErrorCode::PreconditionFailed.as_str()), "{path}: {answer}");
        assert_eq!(company.get(&path).answered(200).await.body, changed.body, "{path}");
    }
}

/// No interview is created for a job that is deleted after it was read.
#[tokio::test]
async fn a_job_that_is_deleted_meanwhile_is_not_found() {
    let server = TestServer::start().await;
    let company = server.company().create().await;
    let (agent_id, job_id) = (company.agent(&body::agent()).await, company.job().await);
    let interview = json!({"candidate": body::candidate(), "agentId": agent_id, "jobId": job_id});
    let create = company.post("/interviews").json(&interview);
    let deletion = async { company.request(Method::DELETE, &format!("/jobs/{job_id}")).answered(204).await };
    let (answer, _) = between_read_and_write(create, &server, Operation::TransactWriteItems, deletion).await;
    assert_eq!(answer.code(), Some(ErrorCode::ResourceNotFound.as_str()), "{answer}");
    assert_eq!(answer.body["resourceId"], json!(job_id));
}

/// A candidate is not shown with a job that is another company's, whatever its item says.
#[tokio::test]
async fn a_job_of_another_owner_is_not_shown_with_a_candidate() {
    let server = TestServer::start().await;
    let company = server.company().create().await;
    let (id, jobs) = company.candidate_with_jobs(2).await;
    let foreign = json!({"companyId": {"S": server.id()}});
    server.set_attributes(&format!("JOB#{}", jobs[0]), "JOB", &foreign).await;
    assert_eq!(company.get(&format!("/candidates/{id}")).answered(200).await.body["jobIds"], json!([jobs[1]]));
}
