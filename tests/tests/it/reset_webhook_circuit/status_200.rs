use serde_json::json;
use tests::TestServer;

#[tokio::test]
pub async fn the_failures_of_an_endpoint_are_forgotten() {
    let server = TestServer::start().await;
    let company = server.company().create().await;
    let id = server.webhook_of(&company.key).await;
    let open = json!({"circuit": {"M": {
        "consecutiveFailures": {"N": "21"},
        "failingSince": {"S": "2026-05-15T08:00:00.000Z"},
        "openedAt": {"S": "2026-05-15T09:10:00.000Z"},
        "nextProbeAt": {"S": "2026-05-15T10:25:00.000Z"},
    }}});
    server.set_attributes(&format!("WEBHOOK#{id}"), "WEBHOOK", &open).await;
    let shown = company.get(&format!("/webhooks/{id}")).answered(200).await;
    let expected = json!({
        "state": "OPEN",
        "consecutiveFailures": 21,
        "failingSince": "2026-05-15T08:00:00.000Z",
        "openedAt": "2026-05-15T09:10:00.000Z",
        "nextProbeAt": "2026-05-15T10:25:00.000Z",
    });
    assert_eq!(shown.body["circuit"], expected);
    for _ in 0..2 {
        let reset = company.post(&format!("/webhooks/{id}/reset-circuit")).answered(200).await;
        assert_eq!(reset.body["circuit"], json!({"state": "CLOSED", "consecutiveFailures": 0}));
    }
}
