use chrono::TimeDelta;
use serde_json::{Value, json};
use tests::api::{ErrorCode, Route};
use tests::{TestServer, body};

use super::status_201::full;
use crate::any_route::bodies;
use crate::create_agent::status_400::{NUMBERS_KEPT, NUMBERS_REFUSED};

const ANY_ID: &str = "3f2a8c1e-5b7d-4e9a-8c6f-1d2e3f4a5b6c";

// Refusals about jobs have a file of their own: `which_job`.

#[tokio::test]
pub async fn a_value_of_another_type_is_refused_at_every_field() {
    bodies::a_value_of_another_type_is_refused_at_every_field(Route::CreateInterview, &full(ANY_ID)).await;
    let named = json!({
        "candidateId": ANY_ID, "agentId": ANY_ID, "jobId": ANY_ID, "scheduleTime": "2026-06-01T09:00:00Z",
        "isTest": true, "metadata": {},
        "candidate": body::with(body::candidate(), json!({"jobId": ANY_ID})),
    });
    bodies::a_value_of_another_type_is_refused_at_every_field(Route::CreateInterview, &named).await;
}

#[tokio::test]
pub async fn both_and_neither_of_an_exclusive_pair_are_refused() {
    let company = TestServer::start().await.company().create().await;
    let candidate_with_job = body::with(body::candidate(), json!({"jobId": ANY_ID}));
    for (sent, expected) in [
        (json!({}), &[("/candidateId", "required"), ("/agentId", "required")][..]),
        (json!({"candidate": null, "candidateId": null, "agentId": ANY_ID}), &[("/candidateId", "required")]),
        (json!({"candidateId": ANY_ID}), &[("/agentId", "required")]),
        (
            json!({"candidateId": ANY_ID, "candidate": body::candidate(), "agentId": ANY_ID}),
            &[("/candidate", "exclusive")],
        ),
        (json!({"candidateId": ANY_ID, "agentId": ANY_ID, "agent": body::agent()}), &[("/agent", "exclusive")]),
        (
            json!({"candidateId": ANY_ID, "agentId": ANY_ID, "jobId": ANY_ID, "job": body::job()}),
            &[("/job", "exclusive")],
        ),
        (json!({"candidate": candidate_with_job, "agentId": ANY_ID, "jobId": ANY_ID}), &[("/jobId", "exclusive")]),
        (json!({"candidate": candidate_with_job, "agentId": ANY_ID, "job": body::job()}), &[("/job", "exclusive")]),
    ] {
        let answer = company.refused("/interviews", &sent, ErrorCode::ValidationFailed).await;
        let expected: Vec<_> = expected.iter().map(|(at, rule)| ((*at).to_owned(), (*rule).to_owned())).collect();
        assert_eq!(answer.issues(), expected, "{sent}");
    }
}

#[tokio::test]
pub async fn each_broken_rule_is_named() {
    let company = TestServer::start().await.company().create().await;
    let many_skills = json!(vec!["Skill"; 11]);
    let languages = json!(vec![json!({"language": "EN", "proficiency": "A1"}); 6]);
    for (pointer, value, rule) in [
        ("/candidate/firstName", json!(""), "minLength"),
        ("/candidate/firstName", json!("\u{2003}"), "blank"),
        ("/candidate/lastName", json!("ž".repeat(101)), "maxLength"),
        ("/candidate/lastName", json!("a\u{7}"), "controlCharacters"),
        ("/candidate/email", json!("nobody"), "email"),
        ("/candidate/email", json!("ž@example.com"), "email"),
        ("/candidate/phoneNumber", json!("0901234567"), "e164"),
        ("/candidate/phoneNumber", json!("+421 901 234 567"), "e164"),
        ("/candidate/gdprExpiryDate", json!("2026-05-15"), "future"),
        ("/candidate/gdprExpiryDate", json!("2026-05-15T10:20:30.456Z"), "future"),
        ("/candidate/gdprExpiryDate", json!("2027-02-29"), "date"),
        ("/candidate/gdprExpiryDate", json!("31.12.2030"), "date"),
        ("/candidate/gdprExpiryDate", json!("2030-12-31T00:00:00"), "date"),
        ("/candidate/gdprExpiryDate", json!("9999-12-31T23:59:59-01:00"), "date"),
        ("/candidate/jobId", json!("1"), "uuid"),
        ("/agent/duration", json!(181), "maximum"),
        ("/agent/companyPhoneNumberId", json!("x"), "uuid"),
        ("/job/title", json!("Test"), "minLength"),
        ("/job/title", json!("ž".repeat(201)), "maxLength"),
        ("/job/description", json!("Too short"), "minLength"),
        ("/job/description", json!("ž".repeat(5_001)), "maxLength"),
        ("/job/jobUrl", json!("ftp://example.com"), "url"),
        ("/job/jobUrl", json!("javascript:alert(1)"), "url"),
        ("/job/benefits", json!("ž".repeat(5_001)), "maxLength"),
        ("/job/requiredSkills", many_skills, "maxItems"),
        ("/job/requiredSkills", json!(["ž".repeat(129)]), "maxLength"),
        ("/job/niceToHaveSkills", json!(vec!["Skill"; 9]), "maxItems"), // two are required besides
        ("/job/languageRequirements", languages, "maxItems"),
        ("/job/languageRequirements/0/language", json!("sk"), "enum"),
        ("/job/languageRequirements/0/proficiency", json!("NATIVE"), "enum"),
        ("/job/education", json!(["PHD"]), "enum"),
        ("/job/experience", json!("one_to_3_years"), "enum"),
        ("/job/contractType", json!("FULLTIME"), "enum"),
        ("/job/status", json!("open"), "enum"),
        ("/job/location/workMode", json!("OFFICE"), "enum"),
        ("/job/location/countryCode", json!("sk"), "enum"),
        ("/job/location/countryCode", json!("SVK"), "enum"),
        ("/job/salary/min", json!(-1), "minimum"),
        ("/job/salary/max", json!(1_000), "minimum"), // less than the least
        ("/job/salary/max", json!(1e13), "maximum"),
        ("/job/salary/currency", json!("eur"), "enum"),
        ("/job/salary/period", json!("ANNUAL"), "enum"),
        ("/scheduleTime", json!("2026-06-01T09:00:00"), "dateTime"),
        ("/scheduleTime", json!("2026-06-01"), "dateTime"),
        ("/scheduleTime", json!("2026-06-01 09:00:00Z"), "dateTime"),
        ("/scheduleTime", json!("2026-05-31T23:59:60Z"), "dateTime"),
        ("/scheduleTime", json!("2026-05-15T24:00:00Z"), "dateTime"),
        ("/scheduleTime", json!("2026-05-15T10:20:30.456Z"), "future"),
        ("/scheduleTime", json!("2026-05-15T12:20:30.456+02:00"), "future"),
        ("/scheduleTime", json!("1970-01-01T00:00:00Z"), "future"),
        ("/scheduleTime", json!("9999-12-31T23:59:59Z"), "maxDaysAhead"),
        ("/scheduleTime", json!("99999-12-31T23:59:59Z"), "dateTime"),
        ("/metadata", json!({"1": {"2": {"3": {"4": {"5": {}}}}}}), "maxNesting"),
        ("/candidate/metadata", json!({"a": "x".repeat(10_233)}), "maxBytes"),
        ("/job/metadata", json!({"a": "x".repeat(10_233)}), "maxBytes"),
    ] {
        let sent = body::with_at(full(ANY_ID), pointer, value.clone());
        let answer = company.refused("/interviews", &sent, ErrorCode::ValidationFailed).await;
        let found = answer.issues().into_iter().any(|(at, broken)| at.starts_with(pointer) && broken == rule);
        assert!(found, "{pointer} {value} {rule}: {answer}");
    }
}

#[tokio::test]
pub async fn a_number_of_metadata_that_no_double_holds_is_refused_and_others_keep_their_digits() {
    let company = TestServer::start().await.company().minutes(10_000).create().await;
    let phone_number_id = company.phone_number().await;
    for place in ["", "/candidate", "/agent", "/job"] {
        let pointer = format!("{place}/metadata");
        let text = body::with_at(full(&phone_number_id), &pointer, json!({"a": ["NUMBER"]})).to_string();
        for number in NUMBERS_KEPT {
            let answer = company.post("/interviews").text(text.replace("\"NUMBER\"", number)).answered(201).await;
            let shown = answer.text.contains(&format!(r#""metadata":{{"a":[{number}]}}"#));
            assert_eq!(shown, place.is_empty(), "{number}: {answer}");
        }
        for (number, rule) in NUMBERS_REFUSED {
            let request = company.post("/interviews").text(text.replace("\"NUMBER\"", number));
            let answer = request.refused(ErrorCode::ValidationFailed).await;
            assert_eq!(answer.issues(), [(format!("{pointer}/a/0"), rule.to_owned())], "{number}");
        }
    }
}

#[tokio::test]
pub async fn thirty_days_ahead_is_the_limit() {
    let server = TestServer::start().await;
    let company = server.company().create().await;
    let days = TimeDelta::days(30);
    for (ahead, code) in [
        (days + TimeDelta::milliseconds(1), Some("maxDaysAhead")),
        (days + TimeDelta::seconds(1), Some("maxDaysAhead")),
        (days, None),
        (TimeDelta::milliseconds(1), None),
        (TimeDelta::zero(), Some("future")),
        (TimeDelta::seconds(-1), Some("future")),
    ] {
        let sent = body::with(body::interview(), json!({"scheduleTime": server.after(ahead)}));
        match code {
            None => {
                company.created("/interviews", &sent).await;
            }
            Some(rule) => {
                let answer = company.refused("/interviews", &sent, ErrorCode::ValidationFailed).await;
                assert_eq!(answer.issues(), [("/scheduleTime".to_owned(), rule.to_owned())]);
            }
        }
    }
}

#[tokio::test]
pub async fn a_candidate_must_be_reachable() {
    let company = TestServer::start().await.company().create().await;
    let unreachable = body::without(body::without(body::candidate(), "email"), "phoneNumber");
    for candidate in [unreachable.clone(), body::with(unreachable, json!({"email": null, "phoneNumber": null}))] {
        let sent = body::with(body::interview(), json!({"candidate": candidate}));
        let answer = company.refused("/interviews", &sent, ErrorCode::ValidationFailed).await;
        assert_eq!(answer.issues(), [("/candidate/email".to_owned(), "required".to_owned())]);
    }
}

#[tokio::test]
pub async fn broken_rules_of_all_parts_come_at_once() {
    let company = TestServer::start().await.company().create().await;
    let sent = json!({
        "metadata": 1, "isTest": "yes", "scheduleTime": 5, "job": {"title": 1}, "agent": {}, "candidate": {"jobid": 1},
    });
    let answer = company.refused("/interviews", &sent, ErrorCode::ValidationFailed).await;
    let issues = answer.issues();
    let pointers: Vec<&str> = issues.iter().map(|(pointer, _)| pointer.as_str()).collect();
    let expected = [
        "/candidate/firstName",
        "/candidate/lastName",
        "/candidate/gdprExpiryDate",
        "/candidate/email",
        "/candidate/jobid",
        "/agent/name",
        "/agent/type",
        "/agent/focus",
        "/agent/language",
        "/agent/duration",
        "/job/title",
        "/scheduleTime",
        "/isTest",
        "/metadata",
    ];
    assert_eq!(pointers, expected);
}

#[tokio::test]
pub async fn an_answer_lists_a_thousand_issues_and_says_that_there_are_more() {
    let company = TestServer::start().await.company().create().await;
    let surplus: serde_json::Map<String, Value> = (0..5_000).map(|n| (format!("x{n}"), json!(0))).collect();
    let answer = company.refused("/interviews", &surplus.into(), ErrorCode::ValidationFailed).await;
    assert_eq!(answer.issues().len(), 1_000);
    assert_eq!(answer.body["truncated"], true);
    assert!(answer.text_of("detail").contains("the first 1000"), "{}", answer.text_of("detail"));
}
