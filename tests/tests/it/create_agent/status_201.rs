use serde_json::{Value, json};
use tests::api::Route;
use tests::{TestServer, body};

use crate::any_route::repeats;

#[tokio::test]
pub async fn an_agent_is_answered_as_it_was_sent() {
    let server = TestServer::start().await;
    let company = server.company().create().await;
    let phone_number_id = company.phone_number().await;
    for (sent, defaults) in [(body::agent(), json!({"backgroundSound": "OFFICE"})), (full(&phone_number_id), json!({}))]
    {
        let items = server.items().await;
        let answer = company.created("/agents", &sent).await;
        let made = json!({
            "id": answer.id(),
            "companyId": company.id,
            "createdAt": "2026-05-15T10:20:30.456Z",
            "updatedAt": "2026-05-15T10:20:30.456Z",
        });
        assert_eq!(answer.body, body::with(body::with(sent, defaults), made));
        assert_eq!(server.items().await, items + 1);
    }
}

/// An agent with every field.
pub fn full(company_phone_number_id: &str) -> Value {
    body::with(
        body::phone_agent(company_phone_number_id),
        json!({
            "questions": ["Why us?", "What is your\nbiggest success?"],
            "instructions": "Be kind.",
            "voiceId": "ALEX",
            "backgroundSound": "OFF",
            "cefrLevel": "B2",
            "metadata": {"team": "Ľuďom", "deep": {"list": [1, {"x": null}]}},
        }),
    )
}

#[tokio::test]
pub async fn an_agent_is_stored_with_its_company_version_and_times() {
    let server = TestServer::start().await;
    let company = server.company().create().await;
    let id = company.agent(&body::agent()).await;
    let item = server.item(&format!("AGENT#{id}"), "AGENT").await;
    assert_eq!(item["entityType"]["S"], "Agent");
    assert_eq!(item["version"]["N"], "1");
    assert_eq!(item["companyId"]["S"], json!(company.id));
    assert_eq!(item["createdAt"]["S"], "2026-05-15T10:20:30.456Z");
    assert_eq!(item["updatedAt"]["S"], "2026-05-15T10:20:30.456Z");
}

#[tokio::test]
pub async fn null_means_absent() {
    let company = TestServer::start().await.company().create().await;
    let absent =
        ["questions", "instructions", "voiceId", "companyPhoneNumberId", "backgroundSound", "cefrLevel", "metadata"];
    let nulls = absent.iter().fold(body::agent(), |sent, name| body::with(sent, json!({*name: null})));
    let answer = company.created("/agents", &nulls).await;
    assert_eq!(answer.body["backgroundSound"], "OFFICE");
    for name in absent.into_iter().filter(|name| *name != "backgroundSound") {
        assert!(answer.body.get(name).is_none(), "{name}: {answer}");
    }
}

#[tokio::test]
pub async fn metadata_keeps_its_digits() {
    let company = TestServer::start().await.company().create().await;
    let text = body::agent().to_string();
    let metadata = r#"{"a":1.10,"b":12345678901234567890.0,"c":-0,"d":1E40,"e":"\u0000","f":null}"#;
    let text = format!(r#"{},"metadata":{metadata}}}"#, &text[..text.len() - 1]);
    let answer = company.post("/agents").text(text.clone()).idempotent("k").answered(201).await;
    assert!(answer.text.contains(&format!(r#""metadata":{metadata}"#)), "{answer}");
    let replay = company.post("/agents").text(text).idempotent("k").answered(201).await;
    assert_eq!(replay.text, answer.text);
}

#[tokio::test]
pub async fn numbers_that_are_whole_minutes_are_accepted_in_any_spelling() {
    let company = TestServer::start().await.company().create().await;
    for (spelling, minutes) in [("1", 1), ("180", 180), ("30.0", 30), ("3e1", 30), ("1.8E2", 180)] {
        let text = body::agent().to_string().replace("\"duration\":30", &format!("\"duration\":{spelling}"));
        let answer = company.post("/agents").text(text).answered(201).await;
        assert_eq!(answer.body["duration"], minutes, "{spelling}");
    }
}

#[tokio::test]
pub async fn agents_cost_nothing_and_need_no_active_subscription() {
    let company = TestServer::start().await.company().minutes(0).create().await;
    company.suspend().await;
    company.created("/agents", &body::agent()).await;
}

#[tokio::test]
pub async fn a_level_and_a_number_are_accepted_on_any_agent() {
    let company = TestServer::start().await.company().create().await;
    let phone_number_id = company.phone_number().await;
    let extra = json!({"cefrLevel": "C2", "companyPhoneNumberId": phone_number_id.to_uppercase()});
    let answer = company.created("/agents", &body::with(body::agent(), extra)).await;
    assert_eq!(answer.body["companyPhoneNumberId"], phone_number_id);
}

#[tokio::test]
pub async fn another_spelling_is_the_same_request() {
    let spellings = [
        r#"{"name":"Agent Ž","type":"ONLINE","focus":"SCREENING","language":"EN","duration":30,"metadata":{"a":1,"b":[2]}}"#,
        r#" { "duration" : 30.0, "language":"EN","metadata":{"b":[ 2 ],"a":1},
            "focus":"SCREENING","type":"ONLINE", "name":"Agent \u017d" } "#,
        r#"{"name":"\u0041gent Ž","type":"ONLINE","focus":"SCREENING","language":"EN","duration":3e1,
            "backgroundSound":"OFFICE","voiceId":null,"metadata":{"\u0061":1,"b":[2]}}"#,
    ];
    repeats::another_spelling_is_the_same_request(Route::CreateAgent, &spellings.map(str::to_owned)).await;
}

#[tokio::test]
pub async fn a_repeat_wins_over_a_state_that_has_changed() {
    let server = TestServer::start().await;
    let company = server.company().create().await;
    let phone_number_id = company.phone_number().await;
    let request = || company.post("/agents").json(&body::phone_agent(&phone_number_id)).idempotent("k");
    let first = request().answered(201).await;

    let number = format!("PHONE#{phone_number_id}");
    server.set_attributes(&number, "PHONE", &json!({"companyId": {"S": server.id()}, "version": {"N": "2"}})).await;
    let replay = request().answered(201).await;
    assert!(replay.replayed());
    assert_eq!(replay.text, first.text);

    server.delete_item(&number, "PHONE").await;
    assert_eq!(request().answered(201).await.text, first.text);
}
