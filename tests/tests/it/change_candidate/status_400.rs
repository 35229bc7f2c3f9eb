use serde_json::{Value, json};
use tests::api::ErrorCode;
use tests::{TestServer, body};

#[tokio::test]
pub async fn each_rule_is_named_where_the_result_breaks_it() {
    let company = TestServer::start().await.company().create().await;
    let id = company.candidate().await;
    let job = company.job().await;
    let table: [(Value, &str, &str); 8] = [
        (json!({"lastName": null}), "/lastName", "required"),
        (json!({"gdprExpiryDate": null}), "/gdprExpiryDate", "required"),
        (json!({"gdprExpiryDate": "2020-12-31"}), "/gdprExpiryDate", "future"),
        (json!({"email": null, "phoneNumber": null}), "/email", "required"),
        (json!({"status": "applied"}), "/status", "enum"),
        (json!({"jobIds": vec![job.clone(); 51]}), "/jobIds", "maxItems"),
        (json!({"jobId": job}), "/jobId", "unknown"),
        (json!({"jobId": null}), "/jobId", "unknown"),
    ];
    for (patch, pointer, rule) in table {
        let request = company.patch(&format!("/candidates/{id}")).json(&patch);
        let answer = request.refused(ErrorCode::ValidationFailed).await;
        assert_eq!(answer.issues(), [(pointer.to_owned(), rule.to_owned())], "{patch}");
    }
    company.patch(&format!("/candidates/{id}")).json(&json!({"email": null})).answered(200).await;
}

/// On its last day a candidate can still be changed; only a date that the patch sets must lie in the future.
#[tokio::test]
pub async fn a_date_must_lie_in_the_future_if_it_is_set() {
    let server = TestServer::start().await;
    server.set_clock("2026-05-01T10:00:00Z");
    let company = server.company().create().await;
    let candidate = body::with(body::candidate(), json!({"gdprExpiryDate": "2026-05-01T12:00:00Z"}));
    let path = format!("/candidates/{}", company.created("/candidates", &candidate).await.id());
    company.patch(&path).json(&json!({"firstName": "Eva"})).answered(200).await;
    let same = company.patch(&path).json(&json!({"gdprExpiryDate": "2026-05-01"}));
    let answer = same.refused(ErrorCode::ValidationFailed).await;
    assert_eq!(answer.issues(), [("/gdprExpiryDate".to_owned(), "future".to_owned())]);
    company.patch(&path).json(&json!({"gdprExpiryDate": "2026-05-02"})).answered(200).await;
}
