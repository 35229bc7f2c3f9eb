use serde_json::json;
use tests::api::ErrorCode;
use tests::{TestServer, body};

/// A candidate is shown to the end of the day (UTC) until which its data may be kept, and from then on nowhere: it is not
/// read, not listed, and can't be named.
#[tokio::test]
pub async fn a_candidate_is_hidden_when_its_last_day_is_over() {
    let server = TestServer::start().await;
    server.set_clock("2026-11-22T10:00:00Z");
    let company = server.company().minutes(60).create().await;
    let id = company.candidate_of(&body::with(body::candidate(), json!({"gdprExpiryDate": "2026-11-23"}))).await;
    let agent = company.agent(&body::generic_agent()).await;
    let path = format!("/candidates/{id}");
    let interview = || company.post("/interviews").json(&json!({"candidateId": id, "agentId": agent}));
    let listed = async || {
        let page = company.get("/candidates").answered(200).await;
        let narrowed = company.get("/candidates?status=APPLIED").answered(200).await;
        assert_eq!(page.body["items"], narrowed.body["items"]);
        page.body["items"].as_array().expect("a list").len()
    };

    server.set_clock("2026-11-23T23:59:59.999Z");
    company.get(&path).answered(200).await;
    interview().answered(201).await;
    assert_eq!(listed().await, 1);

    server.set_clock("2026-11-24T00:00:00Z");
    company.get(&path).refused(ErrorCode::ResourceNotFound).await;
    interview().refused(ErrorCode::ResourceNotFound).await;
    company.get(&format!("/interviews?candidateId={id}")).refused(ErrorCode::ResourceNotFound).await;
    assert_eq!(listed().await, 0);
}
