use serde_json::json;
use tests::api::{self, ErrorCode};
use tests::{TestServer, body};

#[tokio::test]
pub async fn a_company_s_key_names_no_other_company() {
    let server = TestServer::start().await;
    let ats = server.ats().await;
    let company = server.company().managed_by(ats).create().await;
    let sibling = server.company().managed_by(ats).create().await;
    for id in [sibling.id.uuid(), server.id(), ats.uuid()] {
        let body = body::with(body::webhook(), json!({"companyId": id}));
        let answer = company.refused("/webhooks", &body, ErrorCode::ResourceAccessDenied).await;
        assert_eq!((&answer.body["resourceType"], &answer.body["resourceId"]), (&json!("COMPANY"), &json!(id)));
    }
}

#[tokio::test]
pub async fn a_system_s_key_names_no_company_that_it_does_not_manage() {
    let server = TestServer::start().await;
    let (ats, other_ats) = (server.ats().await, server.ats().await);
    let (_, key) = server.ats_key(ats).create().await;
    let unmanaged = server.company().create().await;
    let of_another = server.company().managed_by(other_ats).create().await;
    for id in [unmanaged.id.uuid(), of_another.id.uuid(), server.id(), ats.uuid()] {
        let body = body::with(body::webhook(), json!({"companyId": id}));
        let answer = server.post("/webhooks").key(&key).json(&body).refused(ErrorCode::ResourceAccessDenied).await;
        assert_eq!((&answer.body["resourceType"], &answer.body["resourceId"]), (&json!("COMPANY"), &json!(id)));
    }
}

#[tokio::test]
pub async fn the_earliest_stage_at_fault_answers() {
    let server = TestServer::start().await;
    let company = server.company().create().await;
    let no_scope = company.api_key().scopes(&[]).create().await.1;
    let elsewhere = company.api_key().scopes(&[]).from(&["10.0.0.0/8"]).create().await.1;
    let of_another = body::with(body::webhook(), json!({"companyId": server.id()}));
    let surplus = body::with(of_another.clone(), json!({"surplus": 1}));
    for (key, code) in [
        (&company.key[..51], ErrorCode::InvalidApiKey),
        (&elsewhere, ErrorCode::IpNotAllowed),
        (&no_scope, ErrorCode::InsufficientPermissions),
    ] {
        let to = || server.post("/webhooks").key(key);
        for to in [
            to().json(&of_another),
            to().json(&surplus),
            to().text("{"),
            to().bytes(" ".repeat(api::BODY_MAX_BYTES + 1)),
        ] {
            to.header("idempotency-key", "a b").refused(code).await;
        }
    }
    let to = || company.post("/webhooks");
    to().json(&of_another).refused(ErrorCode::ResourceAccessDenied).await;
    to().json(&surplus).refused(ErrorCode::ValidationFailed).await;
    to().text("{").header("idempotency-key", "a b").refused(ErrorCode::MalformedJson).await;
}
