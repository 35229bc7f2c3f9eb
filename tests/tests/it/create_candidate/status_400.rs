use serde_json::{Value, json};
use tests::api::ErrorCode;
use tests::{TestServer, body};

#[tokio::test]
pub async fn each_rule_is_named_where_it_is_broken() {
    let company = TestServer::start().await.company().create().await;
    let id = "3f2a8c1e-5b7d-4e9a-8c6f-1d2e3f4a5b6c";
    let table: [(Value, &str, &str); 9] = [
        (json!({"firstName": null}), "/firstName", "required"),
        (json!({"lastName": ""}), "/lastName", "minLength"),
        (json!({"gdprExpiryDate": "2020-12-31"}), "/gdprExpiryDate", "future"),
        (json!({"email": null, "phoneNumber": null}), "/email", "required"),
        (json!({"status": "UNDEFINED"}), "/status", "enum"),
        (json!({"jobIds": vec![id; 51]}), "/jobIds", "maxItems"),
        (json!({"jobIds": ["1"]}), "/jobIds/0", "uuid"),
        (json!({"jobIds": [], "jobId": id}), "/jobIds", "exclusive"),
        (json!({"interviewCount": 1}), "/interviewCount", "unknown"),
    ];
    for (members, pointer, rule) in table {
        let sent = body::with(body::candidate(), members);
        let answer = company.refused("/candidates", &sent, ErrorCode::ValidationFailed).await;
        assert_eq!(answer.issues(), [(pointer.to_owned(), rule.to_owned())], "{sent}");
    }
}
