use serde_json::json;
use tests::api::{self, ErrorCode};
use tests::{TestServer, body};

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
