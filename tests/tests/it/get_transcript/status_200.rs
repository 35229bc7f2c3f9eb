use serde_json::{Value, json};
use tests::{TestServer, body};

#[tokio::test]
pub async fn the_words_of_a_test_interview_are_those_of_its_agent() {
    let company = TestServer::start().await.company().create().await;
    let agent = body::with(body::generic_agent(), json!({"questions": ["Why do you bake?"]}));
    let interview = body::with(body::interview(), json!({"agent": agent, "isTest": true}));
    let created = company.created("/interviews", &interview).await;
    assert_eq!(created.body["analysis"]["specific"].get("transcript"), None);
    let shown = company.get(&format!("/interviews/{}/transcript", created.id())).answered(200).await;
    assert_eq!(shown.text_of("interviewId"), created.id());
    let segments = shown.body["segments"].as_array().expect("segments");
    assert!(segments.iter().any(|segment| segment["text"] == "Why do you bake?"), "{shown}");
    let listed = company.get("/interviews").answered(200).await;
    assert_eq!(listed.body["items"][0].get("analysis"), None);
}

/// Interviews that were stored when the words were part of the analysis are read as they are.
#[tokio::test]
pub async fn the_words_of_an_older_interview_are_found_within_its_analysis() {
    let server = TestServer::start().await;
    let company = server.company().create().await;
    let created = company.created("/interviews", &body::with(body::interview(), json!({"isTest": true}))).await;
    let partition = format!("INTERVIEW#{}", created.id());
    let mut analysis = server.item(&partition, "INTERVIEW").await["analysis"].clone();
    analysis["M"]["specific"]["M"]["transcript"] = json!({"L": [{"M": {
        "speaker": {"S": "AGENT"}, "text": {"S": "Hello."}, "startSeconds": {"N": "0"}, "endSeconds": {"N": "2"},
    }}]});
    server.set_attributes(&partition, "INTERVIEW", &json!({"analysis": analysis})).await;
    server.delete_item(&partition, "TRANSCRIPT").await;
    let path = format!("/interviews/{}", created.id());
    let shown = company.get(&format!("{path}/transcript")).answered(200).await;
    let expected: Value = json!([{"speaker": "AGENT", "text": "Hello.", "startSeconds": 0, "endSeconds": 2}]);
    assert_eq!(shown.body["segments"], expected);
    assert_eq!(company.get(&path).answered(200).await.text, created.text);
}
