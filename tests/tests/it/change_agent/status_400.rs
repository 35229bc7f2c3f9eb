use serde_json::{Value, json};
use tests::api::ErrorCode;
use tests::{TestServer, body};

#[tokio::test]
pub async fn all_rules_that_the_result_breaks_are_named_at_once() {
    let company = TestServer::start().await.company().create().await;
    let id = company.agent(&body::agent()).await;
    let patch = json!({
        "typ": null, "name": null, "type": "PHONE", "duration": 181, "questions": [""], "metadata": {"a": {"b": [[[[]]]]}},
    });
    let answer = company.patch(&format!("/agents/{id}")).json(&patch).refused(ErrorCode::ValidationFailed).await;
    let expected = [
        ("/name", "required"),
        ("/duration", "maximum"),
        ("/questions/0", "minLength"),
        ("/metadata", "maxNesting"),
        ("/companyPhoneNumberId", "required"),
        ("/typ", "unknown"),
    ];
    assert_eq!(answer.issues(), expected.map(|(pointer, rule)| (pointer.to_owned(), rule.to_owned())));
}

#[tokio::test]
pub async fn a_number_that_is_needed_cannot_be_removed() {
    let company = TestServer::start().await.company().create().await;
    let id = company.agent(&body::phone_agent(&company.phone_number().await)).await;
    let path = format!("/agents/{id}");
    let answer = company.patch(&path).json(&json!({"companyPhoneNumberId": null}));
    let answer = answer.refused(ErrorCode::ValidationFailed).await;
    assert_eq!(answer.issues(), [("/companyPhoneNumberId".to_owned(), "required".to_owned())]);
    let both = json!({"companyPhoneNumberId": null, "type": "ONLINE"});
    assert_eq!(company.patch(&path).json(&both).answered(200).await.body.get("companyPhoneNumberId"), None);
}

#[tokio::test]
pub async fn the_limits_of_metadata_hold_for_the_result() {
    let company = TestServer::start().await.company().create().await;
    let fifty: Value = (0..50).map(|number| (format!("k{number}"), json!(0))).collect::<serde_json::Map<_, _>>().into();
    let id = company.agent(&body::with(body::agent(), json!({"metadata": fifty}))).await;
    let path = format!("/agents/{id}");
    let one_more = company.patch(&path).json(&json!({"metadata": {"more": 1}}));
    let answer = one_more.refused(ErrorCode::ValidationFailed).await;
    assert_eq!(answer.issues(), [("/metadata".to_owned(), "maxKeys".to_owned())]);
    company.patch(&path).json(&json!({"metadata": {"more": 1, "k0": null}})).answered(200).await;
    let large = json!({"metadata": {"k1": "x".repeat(9_000)}});
    company.patch(&path).json(&large).answered(200).await;
    let larger = company.patch(&path).json(&json!({"metadata": {"k2": "x".repeat(1_000)}}));
    let answer = larger.refused(ErrorCode::ValidationFailed).await;
    assert_eq!(answer.issues(), [("/metadata".to_owned(), "maxBytes".to_owned())]);
}

#[tokio::test]
pub async fn members_that_are_given_twice_are_refused() {
    let company = TestServer::start().await.company().create().await;
    let id = company.agent(&body::agent()).await;
    for (patch, pointer) in [
        (r#"{"name": "A name", "name": null}"#, "/name"),
        (r#"{"voiceId": null, "voiceId": null}"#, "/voiceId"),
        (r#"{"metadata": {"a": null, "a": null}}"#, "/metadata/a"),
    ] {
        let request = company.patch(&format!("/agents/{id}")).text(patch);
        let answer = request.refused(ErrorCode::ValidationFailed).await;
        assert_eq!(answer.issues(), [(pointer.to_owned(), "duplicate".to_owned())], "{patch}");
    }
}
