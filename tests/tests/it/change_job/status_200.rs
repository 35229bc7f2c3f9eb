use serde_json::json;
use tests::TestServer;

#[tokio::test]
pub async fn objects_are_merged_and_lists_replaced() {
    let company = TestServer::start().await.company().create().await;
    let job = json!({
        "title": "Warehouse lead", "status": "CLOSED", "requiredSkills": ["Leading", "Lifting"],
        "location": {"city": "Košice", "countryCode": "SK"},
        "salary": {"min": 1500.0, "max": 2000.5, "currency": "EUR"},
    });
    let path = format!("/jobs/{}", company.created("/jobs", &job).await.id());
    let patch = json!({
        "status": null, "requiredSkills": ["Humming"], "location": {"city": null, "workMode": "REMOTE"},
        "salary": {"min": 1800}, "description": "Leads a team of ten.",
    });
    let changed = company.patch(&path).json(&patch).answered(200).await.body;
    assert_eq!(changed["status"], "OPEN");
    assert_eq!(changed["requiredSkills"], json!(["Humming"]));
    assert_eq!(changed["location"], json!({"countryCode": "SK", "workMode": "REMOTE"}));
    assert_eq!(changed["salary"], json!({"min": 1800.0, "max": 2000.5, "currency": "EUR"}));
    let changed = company.patch(&path).json(&json!({"location": null, "salary": null})).answered(200).await.body;
    assert_eq!((changed.get("location"), changed.get("salary")), (None, None));
}
