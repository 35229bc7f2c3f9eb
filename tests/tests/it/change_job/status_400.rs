use serde_json::json;
use tests::TestServer;
use tests::api::ErrorCode;

/// Rules between members hold for what is stored together with what the patch names.
#[tokio::test]
pub async fn the_result_keeps_the_rules_between_members() {
    let company = TestServer::start().await.company().create().await;
    let job = json!({
        "title": "Warehouse lead", "salary": {"min": 1500, "max": 2000}, "niceToHaveSkills": ["a", "b", "c", "d", "e"],
    });
    let path = format!("/jobs/{}", company.created("/jobs", &job).await.id());
    let patch = json!({
        "title": "Lead", "salary": {"min": 2001}, "requiredSkills": ["f", "g", "h", "i", "j", "k"],
        "location": {"planet": null},
    });
    let answer = company.patch(&path).json(&patch).refused(ErrorCode::ValidationFailed).await;
    let mut issues = answer.issues();
    issues.sort();
    let expected = [
        ("/location/planet", "unknown"),
        ("/niceToHaveSkills", "maxItems"),
        ("/salary/max", "minimum"),
        ("/title", "minLength"),
    ];
    assert_eq!(issues, expected.map(|(pointer, rule)| (pointer.to_owned(), rule.to_owned())));
    let edge = json!({"salary": {"min": 2000}, "requiredSkills": ["f", "g", "h", "i", "j"]});
    company.patch(&path).json(&edge).answered(200).await;
}
