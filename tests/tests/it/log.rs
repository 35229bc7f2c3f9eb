//! The log: one line for each request, with what an operator needs and without secrets and personal data.

use api::Route;
use serde_json::{Value, json};
use tests::api::{self, ErrorCode};
use tests::body::CREATES;
use tests::{TestServer, body};

#[tokio::test]
async fn a_line_says_who_what_and_how() {
    let server = TestServer::start().await;
    let company = server.company().create().await;
    let (key_id, key) = company.api_key().create().await;
    for route in CREATES {
        let answer =
            server.post(route.entry().path).key(&key).json(&tests::accepted::body_of(route)).answered(201).await;
        let log = &answer.log;
        assert_eq!(log["requestId"].as_str(), answer.header("x-request-id"));
        assert_eq!(log["route"], route.entry().key);
        assert_eq!(log["companyId"], json!(company.id));
        assert_eq!(log["keyId"], json!(key_id));
        assert_eq!(log["time"], "2026-05-15T10:20:30.456Z");
        assert_eq!(log["level"], "INFO");
        let milliseconds = |value: &Value| value.as_f64().unwrap_or(-1.0);
        assert!(milliseconds(&log["dynamodb"]["durationMs"]) > 0.0, "{log}");
        assert!(milliseconds(&log["durationMs"]) >= milliseconds(&log["dynamodb"]["durationMs"]), "{log}");
        // The two of any create, and the count of the key's requests beside them.
        assert_eq!(log["dynamodb"]["requests"], 3);
    }
}

/// Costs are computed from the length of a line, which docs/operating.md names.
#[tokio::test]
async fn a_line_is_as_long_as_the_costs_take_it_to_be() {
    let document = include_str!("../../../docs/operating.md");
    let row = document.lines().find(|line| line.starts_with("| `create-interview` | ")).unwrap();
    let assumed: usize = row.trim_end_matches(" bytes |").rsplit(' ').next().unwrap().parse().unwrap();
    let server = TestServer::start().await;
    let company = server.company().minutes(60).create().await;
    let answer =
        company.post("/interviews").json(&tests::accepted::body_of(Route::CreateInterview)).answered(201).await;
    let length = answer.log.to_string().len();
    assert!((assumed * 9 / 10..=assumed * 11 / 10).contains(&length), "{length} bytes, not about {assumed}");
}

/// The line of any request, carried out or not, holds no key, nothing of the body and no header.
#[tokio::test]
async fn no_line_holds_a_secret_or_personal_data() {
    let server = TestServer::start().await;
    let company = server.company().minutes(60).create().await;
    let marks = ["Zuzana", "Nováková", "zuzana.novakova@example.com", "421901234567", "warehouse", "mark-of-metadata"];
    let marked = |route: Route| {
        let body = body::with(tests::accepted::body_of(route), json!({"metadata": {"a": "mark-of-metadata"}}));
        company
            .post(route.entry().path)
            .header("user-agent", "mark-of-metadata")
            .header("cookie", "c=mark-of-metadata")
            .json(&body)
    };
    for route in CREATES {
        marked(route).idempotent("mark-of-metadata").answered(201).await;
        marked(route).idempotent("mark-of-metadata").answered(201).await;
        marked(route).header("idempotency-key", "mark of-metadata").refused(ErrorCode::ValidationFailed).await;
        company.post(route.entry().path).text("{\"mark-of-metadata").refused(ErrorCode::MalformedJson).await;
        let unknown = company.post(&format!("{}?companyId=mark-of-metadata", route.entry().path));
        unknown.json(&json!({"mark-of-metadata": "Zuzana"})).refused(ErrorCode::ValidationFailed).await;
    }
    company.leave_seconds(0).await;
    marked(Route::CreateInterview).refused(ErrorCode::BillingLimitExceeded).await;
    // An item that can't be read is a cause that is logged, without what the item holds.
    let (candidate_id, _) = company.candidate_with_jobs(1).await;
    let key = format!("CANDIDATE#{candidate_id}");
    server.set_attributes(&key, "CANDIDATE", &json!({"gdprExpiryDate": {"S": "mark-of-metadata"}})).await;
    let sent = json!({"candidateId": candidate_id, "agent": body::agent(), "isTest": true});
    company.refused("/interviews", &sent, ErrorCode::Internal).await;

    let lines = server.log();
    assert!(lines.len() > 12, "{lines:?}");
    for line in lines {
        for mark in marks.into_iter().chain([company.key.as_str(), &company.key[3..20], "Bearer"]) {
            assert!(!line.contains(mark), "{mark} in {line}");
        }
    }
}

/// A line is at the same time a document of CloudWatch's embedded metric format: its metrics are fields of the line.
#[tokio::test]
async fn a_line_carries_the_metrics_that_it_declares() {
    let server = TestServer::start().await;
    let company = server.company().minutes(30).create().await;
    let created = company.created("/interviews", &body::interview()).await;
    let refused = company.refused("/interviews", &body::interview(), ErrorCode::BillingLimitExceeded).await;
    let agent = company.created("/agents", &body::agent()).await;
    let nowhere = company.post("/nowhere").refused(ErrorCode::RouteNotFound).await;
    for answer in [&created, &refused, &agent, &nowhere] {
        let aws = &answer.log["_aws"];
        assert_eq!(aws["Timestamp"], server.now().epoch_ms());
        let directives = aws["CloudWatchMetrics"].as_array().expect("directives");
        assert_eq!(directives.len(), 2);
        for directive in directives {
            assert_eq!(directive["Namespace"], "Greenroom");
            assert_eq!(directive["Dimensions"][0][0], "stack");
            for dimension in directive["Dimensions"][0].as_array().expect("dimensions") {
                assert!(answer.log[dimension.as_str().expect("a name")].is_string(), "{}", answer.log);
            }
            for metric in directive["Metrics"].as_array().expect("metrics") {
                assert!(answer.log[metric["Name"].as_str().expect("a name")].is_number(), "{}", answer.log);
            }
        }
        assert_eq!(answer.log["stack"], "tests");
        assert_eq!(answer.log["Requests"], 1);
    }
    assert_eq!((&created.log["InterviewsCreated"], &created.log["BillingRefused"]), (&json!(1), &json!(0)));
    assert_eq!((&refused.log["InterviewsCreated"], &refused.log["BillingRefused"]), (&json!(0), &json!(1)));
    assert!(agent.log.get("InterviewsCreated").is_none());
}
