//! Promises to repeats of `POST /interviews`, beyond those of every route.

use chrono::TimeDelta;
use serde_json::json;
use tests::api::{ErrorCode, Route};
use tests::{Answer, Company, TestServer, body};

use crate::any_route::repeats;

#[tokio::test]
pub async fn another_spelling_is_the_same_request() {
    let spellings = [
        r#"{"candidate":{"firstName":"Ľuboš","lastName":"Novák","gdprExpiryDate":"2030-12-31","email":"a@b.co"},
            "agent":{"name":"Agent","type":"ONLINE","focus":"GENERIC","language":"EN","duration":30},
            "scheduleTime":"2026-06-01T09:00:00Z","metadata":{"a":1,"b":{"c":2,"d":3}}}"#,
        r#"{"metadata":{"b":{"d":3,"c":2},"\u0061":1},"scheduleTime":"2026-06-01T11:00:00.000+02:00","isTest":false,
            "agent":{"duration":3e1,"language":"EN","focus":"GENERIC","type":"ONLINE","name":"\u0041gent"},
            "candidate":{"email":"a@b.co","gdprExpiryDate":"2030-12-31T12:00:00Z","lastName":"Nov\u00e1k",
            "firstName":"\u013dubo\u0161","phoneNumber":null}}"#,
    ];
    repeats::another_spelling_is_the_same_request(Route::CreateInterview, &spellings.map(str::to_owned)).await;
}

#[tokio::test]
pub async fn the_case_of_an_id_and_the_field_that_a_job_came_in_do_not_matter() {
    let company = TestServer::start().await.company().create().await;
    let job_id = company.job().await;
    let agent_id = company.agent(&body::agent()).await;
    let request = |body| company.post("/interviews").json(&body).idempotent("k").answered(201);
    let first = request(json!({"candidate": body::candidate(), "agentId": agent_id, "jobId": job_id})).await;
    let (job_id, agent_id) = (job_id.to_uppercase(), agent_id.to_uppercase());
    let upper_case = json!({"candidate": body::candidate(), "agentId": agent_id, "jobId": job_id});
    let in_candidate =
        json!({"candidate": body::with(body::candidate(), json!({"jobId": job_id})), "agentId": agent_id});
    for body in [upper_case, in_candidate] {
        let replay = request(body).await;
        assert!(replay.replayed());
        assert_eq!(replay.text, first.text);
    }
}

/// A company with half an hour left, which an interview under the key `k` takes; the interview's time comes tomorrow.
struct Spent {
    server: TestServer,
    company: Company,
    candidate_id: String,
    agent_id: String,
    job_id: String,
    first: Answer,
}

impl Spent {
    async fn begin() -> Spent {
        let server = TestServer::start().await;
        let company = server.company().minutes(30).create().await;
        let (candidate_id, mut job_ids) = company.candidate_with_jobs(1).await;
        let agent_id = company.agent(&body::agent()).await;
        let job_id = job_ids.remove(0);
        let request = company.post("/interviews").idempotent("k");
        let first = request.json(&Self::body(&candidate_id, &agent_id, &job_id)).answered(201).await;
        Spent { server, company, candidate_id, agent_id, job_id, first }
    }

    fn body(candidate_id: &str, agent_id: &str, job_id: &str) -> serde_json::Value {
        json!({
            "candidateId": candidate_id, "agentId": agent_id, "jobId": job_id,
            "scheduleTime": "2026-05-16T10:00:00Z",
        })
    }

    /// The repeat is a replay and changes nothing; a request of its own meets the state as it is now.
    async fn repeat(&self, code_of_others: ErrorCode) {
        let Spent { server, company, candidate_id, agent_id, job_id, first } = self;
        let body = Self::body(candidate_id, agent_id, job_id);
        let before = server.all_items().await;
        let replay = company.post("/interviews").idempotent("k").json(&body).answered(201).await;
        assert!(replay.replayed());
        assert_eq!(replay.text, first.text);
        assert_eq!(server.all_items().await, before);
        company.post("/interviews").idempotent("other").json(&body).refused(code_of_others).await;
        let changed = body::with(body, json!({"metadata": {}}));
        company.post("/interviews").idempotent("k").json(&changed).refused(ErrorCode::IdempotencyKeyReused).await;
    }
}

#[tokio::test]
pub async fn a_repeat_wins_over_an_allowance_that_is_spent() {
    Spent::begin().await.repeat(ErrorCode::BillingLimitExceeded).await;
}

#[tokio::test]
pub async fn a_repeat_wins_over_a_suspended_subscription() {
    let spent = Spent::begin().await;
    spent.company.suspend().await;
    spent.repeat(ErrorCode::SubscriptionInactive).await;
}

#[tokio::test]
pub async fn a_repeat_wins_over_a_time_that_has_passed() {
    let spent = Spent::begin().await;
    spent.server.set_clock("2026-05-16T10:00:00Z");
    spent.repeat(ErrorCode::ValidationFailed).await;
    spent.server.set_clock("2027-01-01T00:00:00Z");
    spent.repeat(ErrorCode::ValidationFailed).await;
}

#[tokio::test]
pub async fn a_repeat_wins_over_an_agent_that_has_changed() {
    let spent = Spent::begin().await;
    let agent = format!("AGENT#{}", spent.agent_id);
    let changed = json!({"focus": {"S": "GENERIC"}, "version": {"N": "2"}});
    spent.server.set_attributes(&agent, "AGENT", &changed).await;
    spent.repeat(ErrorCode::GenericAgentNeedsUnassignedCandidate).await;
}

#[tokio::test]
pub async fn a_repeat_wins_over_anything_that_was_deleted() {
    let spent = Spent::begin().await;
    for (kind, id) in [("JOB", &spent.job_id), ("AGENT", &spent.agent_id), ("CANDIDATE", &spent.candidate_id)] {
        spent.server.delete_item(&format!("{kind}#{id}"), kind).await;
        spent.repeat(ErrorCode::ResourceNotFound).await;
    }
}

#[tokio::test]
pub async fn a_repeat_wins_over_a_candidate_with_further_jobs() {
    let company = TestServer::start().await.company().create().await;
    let (candidate_id, _) = company.candidate_with_jobs(1).await;
    let agent_id = company.agent(&body::agent()).await;
    let body = json!({"candidateId": candidate_id, "agentId": agent_id});
    let request = || company.post("/interviews").json(&body).idempotent("k");
    let first = request().answered(201).await;
    company.created("/interviews", &body::with(body.clone(), json!({"job": body::job()}))).await;
    company.refused("/interviews", &body, ErrorCode::JobSelectionRequired).await;
    assert_eq!(request().answered(201).await.text, first.text);
}

#[tokio::test]
pub async fn a_repeat_wins_over_a_candidate_s_date_that_has_passed() {
    let server = TestServer::start().await;
    let company = server.company().create().await;
    let body = body::with_at(body::interview(), "/candidate/gdprExpiryDate", json!("2026-05-16"));
    let request = || company.post("/interviews").json(&body).idempotent("k");
    let first = request().answered(201).await;
    server.set_clock("2026-05-17T00:00:00Z");
    assert_eq!(request().answered(201).await.text, first.text);
    company.refused("/interviews", &body, ErrorCode::ValidationFailed).await;
}

#[tokio::test]
pub async fn a_key_whose_request_was_refused_for_billing_works_when_there_is_time_again() {
    let company = TestServer::start().await.company().minutes(30).create().await;
    company.leave_seconds(0).await;
    let request = || company.post("/interviews").json(&body::interview()).idempotent("k");
    request().refused(ErrorCode::BillingLimitExceeded).await;
    company.leave_seconds(1_800).await;
    assert!(!request().answered(201).await.replayed());
    assert!(request().answered(201).await.replayed());
    assert_eq!(company.allowance().await.remaining_seconds.0, 0);
}

#[tokio::test]
pub async fn a_key_whose_request_came_too_late_works_for_a_later_time() {
    let server = TestServer::start().await;
    let company = server.company().create().await;
    let at = |time: String| {
        let body = body::with(body::interview(), json!({"scheduleTime": time}));
        company.post("/interviews").json(&body).idempotent("k")
    };
    at(server.now().to_string()).refused(ErrorCode::ValidationFailed).await;
    at(server.after(TimeDelta::milliseconds(1)).to_string()).answered(201).await;
}
