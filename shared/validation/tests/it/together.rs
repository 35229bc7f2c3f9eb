//! Rules between fields, and several broken rules at once.

use domain::event::EventType;
use domain::webhook::WebhookHeader;

use crate::documents::Base::{self, Agent, Assigned, Change, Existing, Inline, Webhook};
use crate::documents::{Outcome, agent, interview, webhook};

const ID: &str = r#""2f6b8c74-ae30-4d9c-9b5f-407e8d9cafb2""#;
const AGENT: &str = r#"{"name": "Anna", "type": "ONLINE", "focus": "GENERIC", "language": "EN", "duration": 1}"#;
const CANDIDATE: &str =
    r#"{"firstName": "A", "lastName": "B", "gdprExpiryDate": "2027-11-22", "phoneNumber": "+421901234567"}"#;
const JOB: &str = r#"{"title": "Driver"}"#;

/// A base, changes to it, and every issue.
type Case = (Base, &'static [(&'static str, &'static str)], &'static [(&'static str, &'static str)]);

#[track_caller]
fn check(cases: &[Case]) {
    for (base, changes, issues) in cases {
        let outcome = base.check_with(changes);
        assert_eq!(outcome.issues(), *issues, "{base:?} {changes:?}");
        assert_eq!(matches!(outcome, Outcome::Accepted { .. }), issues.is_empty());
    }
}

#[test]
fn exactly_one_of_id_and_object() {
    check(&[
        (Existing, &[("/candidate", CANDIDATE)], &[("/candidate", "exclusive")]),
        (Existing, &[("/candidate", "null")], &[]),
        (Existing, &[("/candidate", CANDIDATE), ("/candidateId", "null")], &[]),
        (Existing, &[("/candidateId", "")], &[("/candidateId", "required")]),
        (Existing, &[("/candidateId", "null"), ("/candidate", "null")], &[("/candidateId", "required")]),
        (Existing, &[("/agent", AGENT)], &[("/agent", "exclusive")]),
        (Existing, &[("/agent", AGENT), ("/agentId", "")], &[]),
        (Existing, &[("/agentId", "")], &[("/agentId", "required")]),
        (Existing, &[("/job", JOB)], &[("/job", "exclusive")]),
        (Existing, &[("/job", JOB), ("/jobId", "")], &[]),
        (Existing, &[("/jobId", "")], &[]),
        (
            Existing,
            &[("/candidateId", ""), ("/agentId", "")],
            &[("/candidateId", "required"), ("/agentId", "required")],
        ),
        (
            Existing,
            &[("/candidate", CANDIDATE), ("/agent", AGENT), ("/job", JOB)],
            &[("/candidate", "exclusive"), ("/agent", "exclusive"), ("/job", "exclusive")],
        ),
        // What is given is given, though it is wrong.
        (Existing, &[("/candidate", "1")], &[("/candidate", "type"), ("/candidate", "exclusive")]),
        (
            Existing,
            &[("/agentId", r#""x""#), ("/agent", "{}")],
            &[
                ("/agentId", "uuid"),
                ("/agent/name", "required"),
                ("/agent/type", "required"),
                ("/agent/focus", "required"),
                ("/agent/language", "required"),
                ("/agent/duration", "required"),
                ("/agent", "exclusive"),
            ],
        ),
    ]);
}

#[test]
fn a_candidate_s_own_job_excludes_any_other() {
    check(&[
        (Assigned, &[], &[]),
        (Assigned, &[("/jobId", ID)], &[("/jobId", "exclusive")]),
        (Assigned, &[("/job", JOB)], &[("/job", "exclusive")]),
        (Assigned, &[("/jobId", ID), ("/job", JOB)], &[("/job", "exclusive"), ("/jobId", "exclusive")]),
        (Assigned, &[("/jobId", ID), ("/candidate/jobId", "null")], &[]),
        (Assigned, &[("/jobId", "null")], &[]),
        // Also if the candidate is wrong otherwise: all issues come at once.
        (
            Assigned,
            &[("/jobId", ID), ("/candidate/firstName", "1")],
            &[("/candidate/firstName", "type"), ("/jobId", "exclusive")],
        ),
        (
            Assigned,
            &[("/jobId", ID), ("/candidate/jobId", "1")],
            &[("/candidate/jobId", "type"), ("/jobId", "exclusive")],
        ),
    ]);
}

#[test]
fn a_candidate_can_be_reached() {
    check(&[
        (Inline, &[("/candidate/email", "")], &[]),
        (Inline, &[("/candidate/phoneNumber", "")], &[]),
        (Inline, &[("/candidate/email", "null"), ("/candidate/phoneNumber", "")], &[("/candidate/email", "required")]),
        (Inline, &[("/candidate/email", r#""x""#), ("/candidate/phoneNumber", "")], &[("/candidate/email", "email")]),
    ]);
}

#[test]
fn a_phone_agent_has_a_number_to_call_from() {
    check(&[
        (Agent, &[("/companyPhoneNumberId", "")], &[("/companyPhoneNumberId", "required")]),
        (Agent, &[("/companyPhoneNumberId", "null")], &[("/companyPhoneNumberId", "required")]),
        (Agent, &[("/companyPhoneNumberId", ""), ("/type", r#""ONLINE""#)], &[]),
        (Agent, &[("/type", r#""ONLINE""#)], &[]),
        (Agent, &[("/companyPhoneNumberId", ""), ("/type", r#""phone""#)], &[("/type", "enum")]),
        (Inline, &[("/agent/companyPhoneNumberId", "")], &[("/agent/companyPhoneNumberId", "required")]),
    ]);
}

#[test]
fn skills_are_counted_also_where_one_is_wrong() {
    const SIX: &str = r#"["a", "b", "c", "d", "e", " "]"#;
    check(&[
        (Inline, &[("/job/requiredSkills", SIX)], &[("/job/requiredSkills/5", "blank")]),
        (
            Inline,
            &[("/job/requiredSkills", SIX), ("/job/niceToHaveSkills", r#"["a", "b", "c", "d", "e"]"#)],
            &[("/job/requiredSkills/5", "blank"), ("/job/niceToHaveSkills", "maxItems")],
        ),
    ]);
}

#[test]
fn all_issues_come_at_once_in_the_order_of_the_contract() {
    let issues = [
        ("/candidate/firstName", "minLength"),
        ("/candidate/lastName", "required"),
        ("/candidate/gdprExpiryDate", "date"),
        ("/candidate/email", "required"),
        ("/candidate/extra", "unknown"),
        ("/agent/name", "minLength"),
        ("/agent/type", "enum"),
        ("/agent/focus", "required"),
        ("/agent/language", "enum"),
        ("/agent/duration", "maximum"),
        ("/agent/questions/1", "type"),
        ("/agent/questions/2", "blank"),
        ("/agent/metadata", "type"),
        ("/jobId", "uuid"),
        ("/job/title", "controlCharacters"),
        ("/job/languageRequirements/0/proficiency", "enum"),
        ("/job/languageRequirements/1", "type"),
        ("/job/location/countryCode", "enum"),
        ("/job/salary/min", "minimum"),
        ("/scheduleTime", "dateTime"),
        ("/isTest", "type"),
        ("/metadata", "maxNesting"),
        ("/job", "exclusive"),
        ("/aaa", "unknown"),
    ];
    let members = [
        r#""candidate": {"extra": 1, "gdprExpiryDate": "soon", "firstName": ""}"#,
        r#""agent": {"metadata": [], "name": "A", "type": "UNDEFINED", "language": "en", "duration": 181,
            "questions": ["Why?", 1, " "]}"#,
        r#""job": {"title": "Driver\u0000", "salary": {"min": -1, "max": 2}, "location": {"countryCode": "XX"},
            "languageRequirements": [{"language": "SK", "proficiency": "D1"}, "SK"]}"#,
        r#""jobId": "1""#,
        r#""metadata": {"1": {"2": {"3": {"4": {"5": {}}}}}}"#,
        r#""isTest": "true""#,
        r#""scheduleTime": "tomorrow""#,
        r#""aaa": 1"#,
    ];
    let forwards = format!("{{{}}}", members.join(","));
    let backwards = format!("{{{}}}", members.into_iter().rev().collect::<Vec<_>>().join(","));
    assert_eq!(Inline.check(forwards.as_bytes()).issues(), issues);
    assert_eq!(Inline.check(forwards.as_bytes()), Inline.check(backwards.as_bytes()));
}

#[test]
fn an_empty_body_lacks_what_is_required() {
    let required = ["/name", "/type", "/focus", "/language", "/duration"].map(|pointer| (pointer, "required"));
    assert_eq!(Agent.check(b"{}").issues(), required);
    assert_eq!(Existing.check(b"{}").issues(), [("/candidateId", "required"), ("/agentId", "required")]);
    assert_eq!(Webhook.check(b"{}").issues(), [("/url", "required"), ("/events", "required")]);
    assert_eq!(Change.check(b"{}").issues(), [("/url", "required"), ("/events", "required")]);
}

#[test]
fn passed_times_refuse_nothing_alone_and_come_last_with_others() {
    const PASSED: &str = r#""2026-11-22T11:59:59Z""#;
    let passed = [("/candidate/gdprExpiryDate", PASSED), ("/scheduleTime", PASSED)];
    let outcome = Inline.check_with(&passed);
    let issues = [("/candidate/gdprExpiryDate", "future"), ("/scheduleTime", "future")];
    assert!(matches!(outcome, Outcome::Accepted { .. }), "{outcome:?}");
    assert_eq!(outcome.issues(), issues);
    let refused = Inline.check_with(&[passed[0], passed[1], ("/isTest", "1")]);
    assert!(matches!(refused, Outcome::Refused(_)), "{refused:?}");
    assert_eq!(refused.issues(), [("/isTest", "type"), issues[0], issues[1]]);
    // Too far ahead is too far for ever.
    let refused = Inline.check_with(&[passed[0], ("/scheduleTime", r#""2026-12-22T12:00:01Z""#)]);
    assert_eq!(refused.issues(), [("/scheduleTime", "maxDaysAhead"), issues[0]]);
}

#[test]
fn what_is_absent_has_its_documented_default() {
    let profile = agent(AGENT);
    assert_eq!(profile.background_sound.to_string(), "OFFICE");
    assert_eq!(profile, agent(&AGENT.replace('{', r#"{"backgroundSound": null, "questions": null, "#)));
    let plain = interview(&Existing.with(&[]));
    assert!(!plain.is_test);
    assert_eq!(plain.schedule_time, None);
    assert_eq!(plain, interview(&Existing.with(&[("/isTest", "null"), ("/scheduleTime", "null")])));
    let domain::Reference::New(job) = interview(&Existing.with(&[("/jobId", ""), ("/job", JOB)])).job.unwrap() else {
        panic!()
    };
    assert_eq!(job.status.to_string(), "OPEN");
}

#[test]
fn all_issues_of_a_webhook_come_at_once_in_the_order_of_the_contract() {
    let members = [
        r#""aaa": 1"#,
        r#""companyId": "1""#,
        r#""headers": [{"value": " x", "name": "Host"}, 1, {"name": "a b", "extra": 1}]"#,
        r#""description": "\u0000""#,
        r#""name": "a\nb""#,
        r#""events": ["interview.completed", "interview.ended", 7]"#,
        r#""url": "http://example.com""#,
    ];
    let issues = [
        ("/url", "https"),
        ("/events/1", "enum"),
        ("/events/2", "type"),
        ("/name", "controlCharacters"),
        ("/description", "controlCharacters"),
        ("/headers/0/name", "reserved"),
        ("/headers/0/value", "headerValue"),
        ("/headers/1", "type"),
        ("/headers/2/name", "headerName"),
        ("/headers/2/value", "required"),
        ("/headers/2/extra", "unknown"),
        ("/companyId", "uuid"),
    ];
    let body = format!("{{{}}}", members.join(","));
    let backwards = format!("{{{}}}", members.into_iter().rev().collect::<Vec<_>>().join(","));
    let unknown = ("/aaa", "unknown");
    assert_eq!(Webhook.check(body.as_bytes()).issues(), [&issues[..], &[unknown]].concat());
    assert_eq!(Webhook.check(body.as_bytes()), Webhook.check(backwards.as_bytes()));
    let body = body.replacen('{', r#"{"isActive": "false", "#, 1);
    assert_eq!(Change.check(body.as_bytes()).issues(), [&issues[..], &[("/isActive", "type"), unknown]].concat());
}

#[test]
fn a_webhook_is_read_as_it_was_sent() {
    let command = webhook(&Webhook.with(&[]));
    assert_eq!(command.events, [EventType::InterviewCompleted, EventType::AnalysisCompleted]);
    assert_eq!(command.name.unwrap().as_str(), "Ours");
    assert_eq!(command.description.unwrap().as_str(), "For the warehouse.\nAsk Žofia.");
    let told = |header: &WebhookHeader| (header.name.as_str().to_owned(), header.value.reveal().to_owned());
    let headers: Vec<_> = command.headers.iter().map(told).collect();
    assert_eq!(headers, [("Authorization", "Bearer abc"), ("X-Team", "north")].map(|(a, b)| (a.into(), b.into())));
    assert_eq!(command.company_id.unwrap().to_string(), "4b8dae96-c052-4fbe-9d71-629fafbed1c4");

    let least = webhook(r#"{"url": "https://example.com", "events": ["ping"], "headers": null, "name": null}"#);
    assert_eq!((least.name, least.description, least.headers, least.company_id), (None, None, Vec::new(), None));
}
