use serde_json::{Value, json};
use tests::api::{ErrorCode, Route};
use tests::{TestServer, body};

use super::status_201::full;
use crate::any_route::bodies;

#[tokio::test]
pub async fn a_value_of_another_type_is_refused_at_every_field() {
    let company_id = json!({"companyId": "3f2a8c1e-5b7d-4e9a-8c6f-1d2e3f4a5b6c"});
    bodies::a_value_of_another_type_is_refused_at_every_field(Route::CreateWebhook, &body::with(full(), company_id))
        .await;
}

#[tokio::test]
pub async fn each_broken_rule_is_named() {
    let company = TestServer::start().await.company().create().await;
    let header = |name: &str, value: &str| json!([{"name": name, "value": value}]);
    for (member, value, pointer, rule) in [
        ("url", json!(null), "/url", "required"),
        ("url", json!("http://example.com"), "/url", "https"),
        ("url", json!("https://user:password@example.com"), "/url", "credentials"),
        ("url", json!("https://example.com/#a"), "/url", "fragment"),
        ("url", json!(format!("https://example.com/{}", "a".repeat(2_048))), "/url", "maxLength"),
        ("events", json!(null), "/events", "required"),
        ("events", json!([]), "/events", "minItems"),
        ("events", json!(["interview.cancelled"]), "/events/0", "enum"),
        ("name", json!("ž".repeat(256)), "/name", "maxLength"),
        ("description", json!("ž".repeat(1_001)), "/description", "maxLength"),
        ("headers", header("Host", "example.com"), "/headers/0/name", "reserved"),
        ("headers", header("webhook-signature", "v1,x"), "/headers/0/name", "reserved"),
        ("headers", header("X Y", "v"), "/headers/0/name", "headerName"),
        ("headers", header("X-Y", "a\r\nb"), "/headers/0/value", "headerValue"),
        ("headers", json!(vec![json!({"name": "X", "value": "y"}); 51]), "/headers", "maxItems"),
        ("companyId", json!("1"), "/companyId", "uuid"),
    ] {
        let sent = body::with(body::webhook(), json!({member: value}));
        let answer = company.refused("/webhooks", &sent, ErrorCode::ValidationFailed).await;
        assert_eq!(answer.issues(), [(pointer.to_owned(), rule.to_owned())], "{value}");
        let echoed = value.as_str().is_some_and(|text| text.len() > 20 && answer.text.contains(text));
        assert!(!echoed, "the refused value is echoed: {answer}");
    }
}

#[tokio::test]
pub async fn limits_are_inclusive() {
    let company = TestServer::start().await.company().create().await;
    // 50 headers of 8,192 bytes together, of which one name and one value are the longest.
    let small = (10..58).map(|number| json!({"name": format!("X-{number}"), "value": "v"}));
    let large = [("n", 4_096), ("m", 3_346)];
    let large = large.map(|(name, value)| json!({"name": name.repeat(255), "value": "v".repeat(value)}));
    let headers: Vec<Value> = small.chain(large).collect();
    for (member, value) in [
        ("url", json!(format!("https://e.co/{}", "ž".repeat(2_035)))),
        ("name", json!("😀".repeat(255))),
        ("description", json!("ž".repeat(1_000))),
    ] {
        let answer = company.created("/webhooks", &body::with(body::webhook(), json!({member: value}))).await;
        assert_eq!(answer.body[member], value, "{member}");
    }
    let answer = company.created("/webhooks", &body::with(body::webhook(), json!({"headers": headers}))).await;
    assert_eq!(answer.body["headers"].as_array().map(Vec::len), Some(50));
}
