use serde_json::{Value, json};
use tests::api::{ErrorCode, Route};
use tests::{TestServer, body};

use super::status_201::full;
use crate::any_route::bodies;

#[tokio::test]
pub async fn a_value_of_another_type_is_refused_at_every_field() {
    let any_id = "3f2a8c1e-5b7d-4e9a-8c6f-1d2e3f4a5b6c";
    bodies::a_value_of_another_type_is_refused_at_every_field(Route::CreateAgent, &full(any_id)).await;
}

#[tokio::test]
pub async fn every_required_field_that_is_missing_is_named() {
    let company = TestServer::start().await.company().create().await;
    let required = ["name", "type", "focus", "language", "duration"];
    let expected = required.map(|name| (format!("/{name}"), "required".to_owned()));
    for nothing in [json!({}), json!({"name": null, "type": null, "focus": null, "language": null, "duration": null})] {
        let answer = company.refused("/agents", &nothing, ErrorCode::ValidationFailed).await;
        assert_eq!(answer.issues(), expected);
    }
    for name in required {
        let body = body::without(body::agent(), name);
        let answer = company.refused("/agents", &body, ErrorCode::ValidationFailed).await;
        assert_eq!(answer.issues(), [(format!("/{name}"), "required".to_owned())]);
    }
}

#[tokio::test]
pub async fn each_broken_rule_is_named() {
    let company = TestServer::start().await.company().create().await;
    let deep = json!({"2": {"3": {"4": {"5": {"6": {}}}}}});
    let large = json!({"a": "ž".repeat(5_117)}); // 2 bytes each, and 8 around them: 10,242
    let many: Value = (0..51).map(|key| (key.to_string(), json!(0))).collect::<serde_json::Map<_, _>>().into();
    for (pointer, value, rule) in [
        ("/name", json!("ž"), "minLength"),
        ("/name", json!(""), "minLength"),
        ("/name", json!("ž".repeat(101)), "maxLength"),
        ("/name", json!("  \u{a0}"), "blank"),
        ("/name", json!("a\u{0}b"), "controlCharacters"),
        ("/name", json!("a\nb"), "controlCharacters"),
        ("/type", json!("online"), "enum"),
        ("/type", json!("UNDEFINED"), "enum"),
        ("/type", json!("PHONE"), "required"),
        ("/focus", json!("screening"), "enum"),
        ("/language", json!("UNDEFINED"), "enum"),
        ("/language", json!("en"), "enum"),
        ("/language", json!("EN "), "enum"),
        ("/duration", json!(0), "minimum"),
        ("/duration", json!(-1), "minimum"),
        ("/duration", json!(181), "maximum"),
        ("/duration", json!(30.5), "type"),
        ("/duration", json!("30"), "type"),
        ("/duration", json!(u64::MAX), "maximum"),
        ("/duration", json!(1e300), "maximum"),
        ("/questions", json!(vec!["Why?"; 51]), "maxItems"),
        ("/questions", json!(["Why?", ""]), "minLength"),
        ("/questions", json!(["ž".repeat(501)]), "maxLength"),
        ("/instructions", json!("ž".repeat(2_001)), "maxLength"),
        ("/voiceId", json!("alex"), "enum"),
        ("/companyPhoneNumberId", json!("3f2a8c1e5b7d4e9a8c6f1d2e3f4a5b6c"), "uuid"),
        ("/companyPhoneNumberId", json!("3f2a8c1e-5b7d-4e9a-8c6f-1d2e3f4a5b6g"), "uuid"),
        ("/backgroundSound", json!("on"), "enum"),
        ("/cefrLevel", json!("b2"), "enum"),
        ("/metadata", json!([]), "type"),
        ("/metadata", deep, "maxNesting"),
        ("/metadata", large, "maxBytes"),
        ("/metadata", many, "maxKeys"),
    ] {
        let sent = body::with_at(body::agent(), pointer, value.clone());
        let answer = company.refused("/agents", &sent, ErrorCode::ValidationFailed).await;
        let issues = answer.issues();
        let at = if rule == "required" { "/companyPhoneNumberId" } else { pointer };
        assert!(
            issues.len() == 1 && issues[0].0.starts_with(at) && issues[0].1 == rule,
            "{pointer} {value}: {issues:?}"
        );
        let echoed = value.as_str().is_some_and(|text| text.len() > 20 && answer.text.contains(text));
        assert!(!echoed, "the refused value is echoed: {answer}");
    }
}

#[tokio::test]
pub async fn limits_are_inclusive() {
    let company = TestServer::start().await.company().create().await;
    let many: Value = (0..50).map(|key| (key.to_string(), json!(0))).collect::<serde_json::Map<_, _>>().into();
    for (name, value) in [
        ("name", json!("žž")),
        ("name", json!("😀".repeat(100))),
        ("questions", json!(vec!["ž".repeat(500); 50])),
        ("questions", json!([])),
        ("instructions", json!("ž".repeat(2_000))),
        ("instructions", json!("")),
        ("instructions", json!("line\n\ttabbed\r\n")),
        ("metadata", json!({"2": {"3": {"4": {"5": 0}}}})),
        ("metadata", json!({"a": "ž".repeat(5_116)})), // 10,240 bytes
        ("metadata", many),
        ("metadata", json!({})),
    ] {
        let answer = company.created("/agents", &body::with(body::agent(), json!({name: value}))).await;
        assert_eq!(answer.body[name], value, "{name}");
    }
}

/// The numbers that metadata takes as they are: the ends of a double's range, and what reads as zero everywhere.
pub const NUMBERS_KEPT: [&str; 6] =
    ["1.7976931348623157e308", "-1.7976931348623157E+308", "5e-324", "1e-400", "-1.1e-4005", "0.10"];
/// The numbers that no double holds, with the broken rule.
pub const NUMBERS_REFUSED: [(&str, &str); 3] = [("1.8e308", "maximum"), ("1.1e4005", "maximum"), ("-1e400", "minimum")];

#[tokio::test]
pub async fn a_number_of_metadata_that_no_double_holds_is_refused_and_others_keep_their_digits() {
    let company = TestServer::start().await.company().create().await;
    let text = body::with(body::agent(), json!({"metadata": {"a": ["NUMBER"]}})).to_string();
    for number in NUMBERS_KEPT {
        let answer = company.post("/agents").text(text.replace("\"NUMBER\"", number)).answered(201).await;
        assert!(answer.text.contains(&format!(r#""metadata":{{"a":[{number}]}}"#)), "{number}: {answer}");
    }
    for (number, rule) in NUMBERS_REFUSED {
        let request = company.post("/agents").text(text.replace("\"NUMBER\"", number));
        let answer = request.refused(ErrorCode::ValidationFailed).await;
        assert_eq!(answer.issues(), [("/metadata/a/0".to_owned(), rule.to_owned())], "{number}");
    }
}

#[tokio::test]
pub async fn all_broken_rules_come_at_once_in_the_order_of_the_fields() {
    let company = TestServer::start().await.company().create().await;
    let sent = json!({
        "metadata": 1,
        "duration": 0,
        "nme": "Agent",
        "language": "xx",
        "questions": ["", 2],
        "type": "PHONE",
        "focus": null,
    });
    let answer = company.refused("/agents", &sent, ErrorCode::ValidationFailed).await;
    let expected = [
        ("/name", "required"),
        ("/focus", "required"),
        ("/language", "enum"),
        ("/duration", "minimum"),
        ("/questions/0", "minLength"),
        ("/questions/1", "type"),
        ("/metadata", "type"),
        ("/companyPhoneNumberId", "required"),
        ("/nme", "unknown"),
    ];
    assert_eq!(answer.issues(), expected.map(|(pointer, rule)| (pointer.to_owned(), rule.to_owned())));
    let again = company.refused("/agents", &sent, ErrorCode::ValidationFailed).await;
    assert_eq!(again.body["errors"], answer.body["errors"]);
}
