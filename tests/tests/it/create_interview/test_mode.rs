//! Test interviews: completed on creation, analysed, never billed.

use serde_json::{Value, json};
use tests::api::ErrorCode;
use tests::{Answer, TestServer, body};

fn test_of(sent: Value) -> Value {
    body::with(sent, json!({"isTest": true}))
}

#[tokio::test]
pub async fn a_test_interview_is_completed_on_creation() {
    let server = TestServer::start().await;
    let company = server.company().create().await;
    let answer = company.created("/interviews", &test_of(body::interview())).await;
    let now = "2026-05-15T10:20:30.456Z";
    assert_eq!(answer.body["status"], "COMPLETED");
    assert_eq!(answer.body["durationMinutes"], 5);
    assert_eq!(answer.body["finishedDate"], now);
    assert_eq!(answer.body["scheduledAt"], now);
    assert_eq!(answer.body["isTest"], true);
    assert_eq!(answer.body["metadata"], json!({"isTest": true}));
    let item = server.item(&format!("INTERVIEW#{}", answer.id()), "INTERVIEW").await;
    assert!(item.get("GSI2PK").is_none(), "it is not due: {item}");
    assert!(item.get("reservation").is_none(), "it holds nothing of the allowance: {item}");
    assert!(item.get("GSI1PK").is_some(), "it is listed like any other: {item}");
}

#[tokio::test]
pub async fn its_own_metadata_is_kept_beside_the_mark() {
    let company = TestServer::start().await.company().create().await;
    let sent = body::with(test_of(body::interview()), json!({"metadata": {"z": 1.5, "isTest": "no", "a": {"b": []}}}));
    let answer = company.created("/interviews", &sent).await;
    assert_eq!(answer.body["metadata"], json!({"z": 1.5, "isTest": true, "a": {"b": []}}));
}

#[tokio::test]
pub async fn billing_is_skipped_wholly() {
    let server = TestServer::start().await;
    let empty = server.company().minutes(0).create().await;
    let suspended = server.company().create().await;
    suspended.suspend().await;
    for company in [&empty, &suspended] {
        let before = company.allowance().await;
        let answer = company.created("/interviews", &test_of(body::interview())).await;
        assert_eq!(company.allowance().await, before);
        assert_eq!(answer.log["BillingRefused"], 0);
        company.post("/interviews").json(&test_of(body::interview())).idempotent("k").answered(201).await;
        company.post("/interviews").json(&test_of(body::interview())).idempotent("k").answered(201).await;
        assert_eq!(company.allowance().await, before);
    }
}

#[tokio::test]
pub async fn every_other_rule_holds() {
    let server = TestServer::start().await;
    let company = server.company().create().await;
    let foreign = server.company().create().await;
    let refused = async |sent: Value, code| company.refused("/interviews", &test_of(sent), code).await;
    refused(json!({"candidate": body::candidate(), "agent": body::agent()}), ErrorCode::JobRequired).await;
    let sent = json!({"candidate": body::candidate(), "agentId": server.id()});
    refused(sent, ErrorCode::ResourceNotFound).await;
    let sent = json!({"candidate": body::candidate(), "agentId": foreign.agent(&body::generic_agent()).await});
    refused(sent, ErrorCode::ResourceAccessDenied).await;
    let late = body::with(body::interview(), json!({"scheduleTime": server.now()}));
    refused(late, ErrorCode::ValidationFailed).await;
    let (several, _) = company.candidate_with_jobs(2).await;
    refused(json!({"candidateId": several, "agent": body::agent()}), ErrorCode::JobSelectionRequired).await;
}

#[tokio::test]
pub async fn its_analysis_is_a_plausible_screening() {
    let company = TestServer::start().await.company().create().await;
    let questions = ["Why do you want to work for us?", "When could you begin?", "Prečo práve vy?"];
    for focus in ["GENERIC", "SCREENING", "OUTREACH", "LANGUAGE_TEST"] {
        for language in ["EN", "SK", "JA", "AR"] {
            let members = json!({"focus": focus, "language": language, "questions": questions});
            let agent = body::with(body::agent(), members);
            let mut sent = test_of(json!({"candidate": body::candidate(), "agent": agent}));
            if focus != "GENERIC" {
                sent["job"] = body::job();
            }
            let answer = company.created("/interviews", &sent).await;
            check_analysis(&answer.body["analysis"]);
            let transcript = company.get(&format!("/interviews/{}/transcript", answer.id())).answered(200).await;
            check_transcript(&transcript, &questions);
        }
    }
}

fn check_analysis(analysis: &Value) {
    let rating = |value: &Value| assert!(value.as_u64().is_some_and(|rating| rating <= 100), "{value}");
    let words = |value: &Value| assert!(value.as_str().is_some_and(|text| text.trim().len() > 2), "{value}");
    let several = |value: &Value| {
        let items = value.as_array().unwrap_or_else(|| panic!("a list, not {value}"));
        assert!(!items.is_empty());
        items.iter().for_each(words);
    };
    let general = &analysis["general"];
    assert_eq!(general["createdAt"], "2026-05-15T10:20:30.456Z");
    assert_eq!(general["updatedAt"], "2026-05-15T10:20:30.456Z");
    rating(&general["overallRating"]);
    assert!(matches!(general["companyFitRating"].as_str(), Some("LOW" | "MEDIUM" | "HIGH")), "{general}");
    words(&general["education"]);
    words(&general["experience"]);
    several(&general["strongPoints"]);
    several(&general["weakPoints"]);
    several(&general["evaluation"]);
    assert_eq!(general["status"], "COMPLETED");

    let specific = &analysis["specific"];
    assert_eq!(specific["conversationCheck"], json!({"candidateInterest": true, "conversationCompleted": true}));
    for score in specific["scores"].as_object().expect("scores").values() {
        rating(score);
    }
    words(&specific["recommendation"]);
    several(&specific["strongPoints"]);
    several(&specific["weakPoints"]);
}

/// Panics unless these are the words of an interview of five minutes with all these questions.
fn check_transcript(transcript: &Answer, questions: &[&str]) {
    let transcript = transcript.body["segments"].as_array().expect("segments");
    let mut end = 0;
    for segment in transcript {
        assert!(segment["text"].as_str().is_some_and(|text| text.trim().len() > 2), "{segment}");
        let (from, to) = (segment["startSeconds"].as_u64(), segment["endSeconds"].as_u64());
        assert!(from >= Some(end) && to > from, "{segment}");
        end = to.unwrap_or_default();
    }
    assert!(end <= 300, "five minutes are over at {end} s");
    let spoken: Vec<&str> = transcript.iter().filter_map(|segment| segment["text"].as_str()).collect();
    for question in questions {
        assert!(spoken.iter().any(|text| text.contains(question)), "{question} is not asked in {spoken:?}");
    }
}

#[tokio::test]
pub async fn its_analysis_is_the_same_whenever_it_is_asked_for() {
    let company = TestServer::start().await.company().create().await;
    let request = || company.post("/interviews").json(&test_of(body::interview())).idempotent("k");
    let first = request().answered(201).await;
    assert_eq!(request().answered(201).await.body["analysis"], first.body["analysis"]);
    // The same interview on a server of its own: the analysis depends on nothing else.
    let again = async || {
        let company = TestServer::start().await.company().create().await;
        company.created("/interviews", &test_of(body::interview())).await.body
    };
    let (one, two) = (again().await, again().await);
    assert_eq!(one, two);
}

#[tokio::test]
pub async fn a_call_that_was_made_is_listed_for_a_phone_agent() {
    let company = TestServer::start().await.company().create().await;
    let agent = body::with(body::phone_agent(&company.phone_number().await), json!({"focus": "GENERIC"}));
    let sent = test_of(json!({"candidate": body::candidate(), "agent": agent}));
    let answer = company.created("/interviews", &sent).await;
    let [attempt] = answer.body["callAttempts"].as_array().expect("attempts").as_slice() else { panic!("{answer}") };
    let now = &answer.body["createdAt"];
    let expected = json!({
        "id": attempt["id"], "direction": "OUTBOUND", "status": "COMPLETED", "retryNumber": 0, "duration": 300,
        "scheduledAt": now, "calledAt": now,
    });
    assert_eq!(*attempt, expected, "begun when the interview was created, and not before");
}
