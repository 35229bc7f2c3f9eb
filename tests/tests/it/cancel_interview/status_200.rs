use serde_json::{Value, json};
use tests::{Company, TestServer};

/// A company, and the answer to the create of an interview of 30 minutes that is still to come.
pub async fn scheduled(server: &TestServer) -> (Company, Value) {
    let company = server.company().create().await;
    let created = company.created("/interviews", &tests::body::interview()).await;
    (company, created.body)
}

/// The path by which an interview is cancelled.
pub fn path(interview: &Value) -> String {
    format!("/interviews/{}/cancel", interview["id"].as_str().expect("an id"))
}

/// Gives an interview a status, as if it had come that far.
pub async fn set_status(server: &TestServer, interview: &Value, status: &str) {
    let key = format!("INTERVIEW#{}", interview["id"].as_str().expect("an id"));
    server.set_attributes(&key, "INTERVIEW", &json!({"status": {"S": status}})).await;
    let item = server.item(&key, "INTERVIEW").await;
    for name in ["GSI2PK", "GSI2SK"].into_iter().filter(|name| item.get(name).is_some()) {
        server.remove_attribute(&key, "INTERVIEW", name).await;
    }
}

#[tokio::test]
pub async fn an_interview_that_is_to_come_is_cancelled_and_its_time_returns() {
    let server = TestServer::start().await;
    let (company, interview) = scheduled(&server).await;
    let before = company.allowance().await;
    assert_eq!(before.reserved_seconds.0, 1_800);
    server.pass(std::time::Duration::from_secs(60));
    let cancelled = company.post(&path(&interview)).answered(200).await.body;
    let mut expected = interview.clone();
    expected["status"] = json!("CANCELLED");
    expected["updatedAt"] = json!(server.now());
    assert_eq!(cancelled, expected);
    let after = company.allowance().await;
    assert_eq!(after.reserved_seconds.0, 0);
    assert_eq!(after.remaining_seconds.0, before.remaining_seconds.0 + 1_800);
    let item = server.item(&format!("INTERVIEW#{}", interview["id"].as_str().expect("an id")), "INTERVIEW").await;
    assert!(item.get("GSI2PK").is_none() && item.get("reservation").is_none(), "still due: {item}");
}

#[tokio::test]
pub async fn an_interview_that_is_cancelled_is_answered_again_and_nothing_returns_twice() {
    let server = TestServer::start().await;
    let (company, interview) = scheduled(&server).await;
    let first = company.post(&path(&interview)).answered(200).await;
    let allowance = company.allowance().await;
    server.pass(std::time::Duration::from_secs(60));
    let again = company.post(&path(&interview)).answered(200).await;
    assert_eq!(again.body, first.body);
    assert_eq!(company.allowance().await, allowance);
}

/// It runs out: until it ends, it holds its time, and is IN_PROGRESS.
#[tokio::test]
pub async fn an_interview_that_is_running_is_marked_and_goes_on() {
    let server = TestServer::start().await;
    let (company, interview) = scheduled(&server).await;
    set_status(&server, &interview, "IN_PROGRESS").await;
    let allowance = company.allowance().await;
    for _ in 0..2 {
        let answer = company.post(&path(&interview)).answered(200).await;
        assert_eq!(answer.body["status"], "IN_PROGRESS");
    }
    assert_eq!(company.allowance().await, allowance);
    let item = server.item(&format!("INTERVIEW#{}", interview["id"].as_str().expect("an id")), "INTERVIEW").await;
    assert_eq!(item["cancelRequestedAt"]["S"], json!(server.now()));
    assert_eq!(item["reservation"]["M"]["seconds"]["N"], "1800");
}
