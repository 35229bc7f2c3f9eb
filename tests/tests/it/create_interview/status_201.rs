use chrono::TimeDelta;
use serde_json::{Value, json};
use tests::{TestServer, body};

/// An interview with every field of everything that it may bring along.
pub fn full(company_phone_number_id: &str) -> Value {
    json!({
        "candidate": body::with(body::candidate(), json!({"metadata": {"source": "fair"}})),
        "agent": crate::create_agent::status_201::full(company_phone_number_id),
        "job": full_job(),
        "scheduleTime": "2026-06-01T09:00:00+02:00",
        "isTest": false,
        "metadata": {"campaign": 7, "deep": {"list": [1, {"x": null}]}},
    })
}

fn full_job() -> Value {
    json!({
        "title": "Warehouse operator",
        "description": "Receives, stores and sends goods.",
        "jobUrl": "https://example.com/jobs/1?from=us",
        "benefits": "Lunch.",
        "requiredSkills": ["Forklift", "Counting"],
        "niceToHaveSkills": ["Singing"],
        "languageRequirements": [{"language": "SK", "proficiency": "C1"}, {"language": "EN", "proficiency": "A2"}],
        "education": ["SECONDARY_WITH_DIPLOMA", "BACHELOR_LEVEL"],
        "experience": "ONE_TO_3_YEARS",
        "contractType": "FULL_TIME",
        "status": "CLOSED",
        "location": {
            "workMode": "ONSITE", "street": "Hlavná 1", "city": "Košice", "postalCode": "040 01", "countryCode": "SK",
        },
        "salary": {"min": 1200.5, "max": 1500, "currency": "EUR", "period": "MONTHLY"},
        "metadata": {"ref": "W-1"},
    })
}

#[tokio::test]
pub async fn an_immediate_interview_is_scheduled_and_due_at_once() {
    let server = TestServer::start().await;
    let company = server.company().create().await;
    let (candidate_id, job_ids) = company.candidate_with_jobs(1).await;
    let agent_id = company.agent(&body::agent()).await;
    let sent = json!({"candidateId": candidate_id, "agentId": agent_id, "metadata": {"a": 1.0}});
    let answer = company.created("/interviews", &sent).await;
    let now = "2026-05-15T10:20:30.456Z";
    let expected = json!({
        "id": answer.id(),
        "candidateId": candidate_id,
        "agentId": agent_id,
        "jobId": job_ids[0],
        "status": "SCHEDULED",
        "scheduledAt": now,
        "createdAt": now,
        "updatedAt": now,
        "durationMinutes": 30,
        "metadata": {"a": 1.0},
        "isTest": false,
    });
    assert_eq!(answer.body, expected);

    let item = server.item(&format!("INTERVIEW#{}", answer.id()), "INTERVIEW").await;
    assert_eq!(item["entityType"]["S"], "Interview");
    assert_eq!(item["companyId"]["S"], json!(company.id));
    assert!(item["GSI2PK"]["S"].as_str().is_some_and(|due| due.starts_with("DUE#")), "{item}");
    assert_eq!(item["GSI2SK"]["S"], json!(format!("{now}#{}", answer.id())));
    assert_eq!(item["GSI1PK"]["S"], json!(format!("COMPANY#{}#INTERVIEW", company.id)));
}

#[tokio::test]
pub async fn a_scheduled_interview_is_due_at_its_time() {
    let server = TestServer::start().await;
    let company = server.company().create().await;
    let day = TimeDelta::days(1);
    for (sent, answered) in [
        ("2026-05-15T10:20:30.457Z".to_owned(), "2026-05-15T10:20:30.457Z"),
        ("2026-05-16T00:30:00.1239+02:00".to_owned(), "2026-05-15T22:30:00.123Z"),
        ("2026-05-15T23:59:59-12:00".to_owned(), "2026-05-16T11:59:59.000Z"),
        (server.after(day * 30).to_string(), "2026-06-14T10:20:30.456Z"),
    ] {
        let body = body::with(body::interview(), json!({"scheduleTime": sent}));
        let answer = company.created("/interviews", &body).await;
        assert_eq!(answer.body["scheduledAt"], answered);
        assert_eq!(answer.body["status"], "SCHEDULED");
        assert_eq!(answer.body["createdAt"], "2026-05-15T10:20:30.456Z");
    }
}

#[tokio::test]
pub async fn everything_that_is_brought_along_is_stored_as_sent() {
    let server = TestServer::start().await;
    let company = server.company().create().await;
    let phone_number_id = company.phone_number().await;
    let items = server.items().await;
    let answer = company.created("/interviews", &full(&phone_number_id)).await;
    assert_eq!(server.items().await, items + 4, "interview, candidate, agent, job");
    assert_eq!(answer.body["scheduledAt"], "2026-06-01T07:00:00.000Z");
    assert_eq!(answer.body["metadata"], full(&phone_number_id)["metadata"]);
    assert_eq!(answer.body["callAttempts"], json!([]));

    for (kind, member, sent) in [
        ("CANDIDATE", "candidateId", &full(&phone_number_id)["candidate"]),
        ("AGENT", "agentId", &full(&phone_number_id)["agent"]),
        ("JOB", "jobId", &full(&phone_number_id)["job"]),
    ] {
        let item = server.item(&format!("{kind}#{}", answer.text_of(member)), kind).await;
        assert_eq!(item["companyId"]["S"], json!(company.id), "{kind}");
        let stored = plain(&json!({"M": item}));
        for (name, value) in sent.as_object().expect("an object") {
            if name == "metadata" {
                let text = stored[name].as_str().expect("metadata as text");
                assert_eq!(serde_json::from_str::<Value>(text).expect("JSON"), *value);
            } else {
                assert!(equal(&stored[name], value), "{kind} {name}: {} is not {value}", stored[name]);
            }
        }
    }
    let candidate = server.item(&format!("CANDIDATE#{}", answer.text_of("candidateId")), "CANDIDATE").await;
    assert_eq!(plain(&candidate["jobIds"]), json!([answer.body["jobId"]]));
}

/// A value in DynamoDB's notation as plain JSON.
fn plain(attribute: &Value) -> Value {
    let (kind, value) = attribute.as_object().and_then(|members| members.iter().next()).expect("one type");
    match (kind.as_str(), value) {
        ("S" | "BOOL", value) => value.clone(),
        ("N", Value::String(digits)) => serde_json::from_str(digits).expect("a number"),
        ("L", Value::Array(items)) => items.iter().map(plain).collect(),
        ("M", Value::Object(members)) => members.iter().map(|(name, value)| (name.clone(), plain(value))).collect(),
        other => panic!("{other:?}"),
    }
}

/// True if both are equal, whether whole numbers are spelled with a point or not.
fn equal(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(name, value)| b.get(name).is_some_and(|other| equal(value, other)))
        }
        (Value::Number(a), Value::Number(b)) => a.as_f64() == b.as_f64(),
        (one, other) => one == other,
    }
}

#[tokio::test]
pub async fn what_is_brought_along_can_be_referred_to_afterwards() {
    let company = TestServer::start().await.company().create().await;
    let phone_number_id = company.phone_number().await;
    let first = company.created("/interviews", &full(&phone_number_id)).await;
    let again = json!({
        "candidateId": first.body["candidateId"], "agentId": first.body["agentId"], "jobId": first.body["jobId"],
    });
    let second = company.created("/interviews", &again).await;
    for member in ["candidateId", "agentId", "jobId"] {
        assert_eq!(second.body[member], first.body[member]);
    }
    assert_ne!(second.id(), first.id());
}

#[tokio::test]
pub async fn a_phone_interview_lists_its_call_attempts_and_an_online_one_does_not() {
    let company = TestServer::start().await.company().create().await;
    let phone_number_id = company.phone_number().await;
    let agent = body::with(body::phone_agent(&phone_number_id), json!({"focus": "GENERIC"}));
    let only_phone = body::without(body::candidate(), "email");
    let answer = company.created("/interviews", &json!({"candidate": only_phone, "agent": agent})).await;
    assert_eq!(answer.body["callAttempts"], json!([]));
    let only_email = body::without(body::candidate(), "phoneNumber");
    let answer =
        company.created("/interviews", &json!({"candidate": only_email, "agent": body::generic_agent()})).await;
    assert!(answer.body.get("callAttempts").is_none(), "{answer}");
}

#[tokio::test]
pub async fn ids_are_read_in_any_case_and_null_means_absent() {
    let company = TestServer::start().await.company().create().await;
    let (candidate_id, job_ids) = company.candidate_with_jobs(1).await;
    let agent_id = company.agent(&body::agent()).await;
    let sent = json!({
        "candidateId": candidate_id.to_uppercase(), "agentId": agent_id.to_uppercase(),
        "jobId": job_ids[0].to_uppercase(), "candidate": null, "agent": null, "job": null, "scheduleTime": null,
        "isTest": null, "metadata": null,
    });
    let answer = company.created("/interviews", &sent).await;
    assert_eq!(answer.text_of("candidateId"), candidate_id);
    assert!(answer.body.get("metadata").is_none());
}

#[tokio::test]
pub async fn a_date_that_is_given_as_an_instant_is_stored_as_its_utc_date() {
    let server = TestServer::start().await;
    let company = server.company().create().await;
    for (sent, stored) in [
        ("2026-05-16", "2026-05-16"),
        ("9999-12-31", "9999-12-31"),
        ("2026-05-15T10:20:30.457Z", "2026-05-15"),
        ("2026-05-16T01:00:00+02:00", "2026-05-15"),
        ("9999-12-31T23:59:59Z", "9999-12-31"),
    ] {
        let body = body::with_at(body::interview(), "/candidate/gdprExpiryDate", json!(sent));
        let answer = company.created("/interviews", &body).await;
        let candidate = server.item(&format!("CANDIDATE#{}", answer.text_of("candidateId")), "CANDIDATE").await;
        assert_eq!(candidate["gdprExpiryDate"]["S"], stored);
    }
}
